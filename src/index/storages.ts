/**
 * The storage of an index's vectors by its precision. This is the one place that knows all of them: those that store
 * vectors as they are, and the compressed ones, with the codec that a build trains for them.
 */
import { join } from 'node:path';
import type { StageControl } from '../stage.ts';
import { type CodeBits, type Codec, paddedDim } from './codec/codec.ts';
import { readCodec } from './codec/codec-files.ts';
import { centroidCount } from './codec/train.ts';
import { residualStorage } from './compressed/residual-storage.ts';
import { INDEX_FILES, type IndexManifest, type IndexPrecision, type PrecisionChoice } from './manifest.ts';
import type { PlainPrecision } from './plain/plain-reader.ts';
import { PlainStorage } from './plain/plain-storage.ts';
import { RefinedStorage } from './refined/refined-storage.ts';
import type { SegmentEntry } from './segments/segment-entry.ts';
import { damaged } from './segments/segment-file.ts';
import type { SegmentSource } from './segments/segment-reader.ts';
import { type StagedCollection, trainOnStaged } from './staged-codec.ts';
import type { CentroidFit, VectorStorage } from './vector-storage.ts';

/**
 * Numbers of vectors (tokens x dim) up to which `auto` keeps them as they are: 8,192 passages of 64 tokens of 128
 * dimensions, a quarter of a GiB of memory when they are searched. docs/index-format.md has the times.
 */
export const MOST_PLAIN_NUMBERS = 2 ** 26;

/** What is stored of a vector: its numbers, a form of a few bits a dimension, or both. */
type StoredForm =
  | { readonly numbers: PlainPrecision; readonly bits?: undefined }
  | { readonly bits: CodeBits; readonly numbers?: PlainPrecision };

const FORMS: Readonly<Record<IndexPrecision, StoredForm>> = {
  float16: { numbers: 'float16' },
  float32: { numbers: 'float32' },
  '4bit': { bits: 4 },
  '2bit': { bits: 2 },
  '1bit': { bits: 1 },
  '4bit+float16': { bits: 4, numbers: 'float16' },
  '2bit+float16': { bits: 2, numbers: 'float16' },
  '1bit+float16': { bits: 1, numbers: 'float16' },
};

/** Bits of a dimension of compressed vectors; undefined where vectors are stored as they are and nothing else. */
export function bitsOf(precision: IndexPrecision): CodeBits | undefined {
  return FORMS[precision].bits;
}

/** What vectors are staged in while an index is built, before its storage can be made. */
export function stagingPrecision(precision: PrecisionChoice): PlainPrecision {
  return precision === 'float32' ? 'float32' : 'float16';
}

/** The precision for a collection of so many token vectors. */
export function precisionFor(choice: PrecisionChoice, tokens: number, dim: number): IndexPrecision {
  if (choice !== 'auto') return choice;
  return tokens * dim <= MOST_PLAIN_NUMBERS ? 'float16' : '4bit';
}

/**
 * About how many bytes vectors of a collection take on the disk, the codec with them: of compressed ones a code, a scale,
 * the levels, and one byte of inverted lists a token.
 *
 * @example vectorBytes('4bit', 6_400_000, 128) // 4.3e8
 */
export function vectorBytes(precision: IndexPrecision, tokens: number, dim: number): number {
  const { numbers, bits } = FORMS[precision];
  const plain = numbers === undefined ? 0 : tokens * dim * (numbers === 'float16' ? 2 : 4);
  if (bits === undefined) return plain;
  const padded = paddedDim(dim);
  return plain + tokens * (4 + (padded * bits) / 8) + 2 * padded * Math.min(tokens, centroidCount(tokens));
}

/** The folder of an index's codec, by the manifest's folders. */
export function codecFolder(folders: IndexManifest['folders']): string {
  return Object.keys(folders).find((name) => isCodecFolder(name)) ?? INDEX_FILES.codec;
}

function isCodecFolder(name: string): boolean {
  return name === INDEX_FILES.codec || name.startsWith(`${INDEX_FILES.codec}.`);
}

/**
 * The storage of the index at `path`, whose manifest says so.
 *
 * @param options.threads of compressing and searching; by default one for each processor
 * @throws RefractError what reading its codec throws; `CHECKPOINT_FORMAT` a codec of another size of vectors
 */
export function storageOf(
  path: string,
  { dim, precision, folders }: Pick<IndexManifest, 'dim' | 'precision' | 'folders'>,
  options: { readonly threads?: number } = {},
): VectorStorage {
  const form = FORMS[precision];
  if (form.bits === undefined) return new PlainStorage(dim, form.numbers);
  const directory = join(path, codecFolder(folders));
  const codec = readCodec(directory);
  if (codec.dim !== dim)
    throw damaged(directory, `the codec is of ${codec.dim} dimensions, the index of ${dim}`);
  return compressedStorage(precision, codec, options);
}

function compressedStorage(
  precision: IndexPrecision,
  codec: Codec,
  options: { readonly threads?: number },
): VectorStorage {
  const { numbers } = FORMS[precision];
  const coded = residualStorage(codec, options);
  if (numbers === undefined) return coded;
  return new RefinedStorage(coded, new PlainStorage(codec.dim, numbers), codec.bits);
}

/** What a build has when all its passages are staged. */
export interface StagedVectors {
  readonly dim: number;
  readonly precision: PrecisionChoice;
  /** The staged segments; their vectors can be read and sampled. */
  readonly source: SegmentSource;
  readonly entries: readonly SegmentEntry[];
  /** Memory that training may take. */
  readonly memoryBytes: number;
  readonly threads?: number;
}

/** The storage that a build ends in. */
export interface FinalStorage {
  readonly precision: IndexPrecision;
  readonly storage: VectorStorage;
  /** Of a compressed one: it is to be written into the index. */
  readonly codec?: Codec;
  /** How far vectors that the codec was not trained on lie from its centroids. */
  readonly trained?: CentroidFit;
}

/**
 * Makes the storage for what is staged; a compressed one trains its codec on a sample of it.
 *
 * @throws RefractError `INTERRUPTED`
 */
export async function finalStorage(staged: StagedVectors, control: StageControl): Promise<FinalStorage> {
  const { dim, source, entries, threads } = staged;
  const tokens = entries.reduce((sum, entry) => sum + entry.tokens, 0);
  const precision = precisionFor(staged.precision, tokens, dim);
  const bits = bitsOf(precision);
  if (bits === undefined) return { precision, storage: source.storage };
  const collection: StagedCollection = { ...staged, bits };
  const { codec, fit } = await trainOnStaged(collection, control);
  return {
    precision,
    storage: compressedStorage(precision, codec, { threads }),
    codec,
    ...(fit && { trained: fit }),
  };
}
