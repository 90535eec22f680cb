/**
 * Fingerprints: short names of content that tell whether two things made at different times belong
 * together. An index and its packs carry their teacher's; equal fingerprints mean equal token vectors.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../data/canonical-json.ts';
import { RefractError } from '../errors.ts';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';
import type { EncoderConfig } from './config.ts';
import type { Readings } from './readings.ts';
import { readingsTensors } from './readings-file.ts';
import type { TensorMap } from './safetensors.ts';
import type { PackSettings, RetrievalSettings } from './settings.ts';

/** What decides the vectors of a retriever. */
export interface VectorSource {
  readonly config: EncoderConfig;
  /** Encoder tensors and `linear.weight`. */
  readonly tensors: TensorMap;
  /** The content of `tokenizer.json`. */
  readonly tokenizerJson: unknown;
  readonly settings: { readonly retrieval: RetrievalSettings };
  /** Second word vectors of a pack's tokens. */
  readonly readings?: Readings;
}

/**
 * The fingerprint of a retriever: 16 hexadecimal digits of SHA-256 over its configuration, tokenizer,
 * retrieval settings, and every tensor's name, shape and bytes. The order of names does not matter.
 *
 * @example modelFingerprint(teacher) // '9f2c61d07b3ae845'
 */
export function modelFingerprint(source: VectorSource): string {
  const hash = createHash('sha256');
  const { modelType, ...config } = source.config;
  // BERT's was written before there were other families.
  const architecture = modelType === 'bert' ? config : source.config;
  hash.update(
    canonicalJson([architecture, source.settings.retrieval, tokenizerFingerprint(source.tokenizerJson)]),
  );
  const tensors = new Map([...source.tensors, ...(source.readings ? readingsTensors(source.readings) : [])]);
  for (const name of [...tensors.keys()].sort()) {
    const tensor = tensors.get(name)!;
    hash.update(`\n${JSON.stringify([name, tensor.dtype, tensor.shape])}\n`);
    hash.update(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Throws `TEACHER_MISMATCH` unless the pack in folder `at` was made for the teacher with `fingerprint`.
 *
 * @example checkPackFits(pack.settings, modelFingerprint(teacher), 'packs/sw')
 */
export function checkPackFits(pack: PackSettings, fingerprint: string, at: string): void {
  if (pack.teacher === fingerprint) return;
  throw new RefractError(
    'TEACHER_MISMATCH',
    `the pack was made for teacher ${pack.teacher}, this one is ${fingerprint}`,
    { at, hint: 'Use the teacher that the pack was distilled from, or distill a pack for this teacher.' },
  );
}
