/** Building an exact late-interaction index on disk, passage by passage, with flat memory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import { encodeFloat16, FLOAT16_MAX } from '../data/half.ts';
import type { Passage } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { FieldSchema } from './fields/schema.ts';
import { FieldsWriter } from './fields/writer.ts';
import type { IndexFingerprint } from './late-interaction.ts';
import type { LexicalSettings } from './lexical/lexical-files.ts';
import { LexicalWriter } from './lexical/writer.ts';
import {
  INDEX_FILES,
  INDEX_VERSION,
  type IndexManifest,
  type IndexPrecision,
  vectorFile,
} from './manifest.ts';
import { StreamedFile } from './streamed-file.ts';

/** A passage and what the encoder made of it. */
export interface EncodedPassage {
  readonly passage: Passage;
  /** Row-major `tokens x dim`; unit rows for cosine scores. */
  readonly vectors: Float32Array;
  /** At least 1. */
  readonly tokens: number;
  /** One id a vector, so that an explanation can name the tokens. */
  readonly tokenIds?: Int32Array;
}

/** Settings of `buildIndex`. */
export interface IndexSettings {
  /** Size of a token vector. */
  readonly dim: number;
  readonly fingerprint: IndexFingerprint;
  /** The encoder's settings (JSON values), stored as they are. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** `float16` (default) halves the size; its rounding moves a component of a unit vector by at most 2^-12. */
  readonly precision?: IndexPrecision;
  /** How passages are cut into words for BM25; by default as they are. */
  readonly words?: LexicalSettings;
  /** Replace an index that is already there; refused without it. */
  readonly overwrite?: boolean;
}

/**
 * Writes an index to the directory `out`, atomically: it appears when it is complete, and a failure
 * (the encoder's too) leaves whatever was there before.
 *
 * @returns the manifest
 * @throws RefractError `FILE_EMPTY` no passages; `DUPLICATE_ID`; `GRAPH_SHAPE` vectors of another size;
 * `SETTING_INVALID` vectors that are not finite; `FIELD_TYPE` a metadata field that changes its type; `OUTPUT_EXISTS`; `DISK_FULL`
 * @example
 * await buildIndex('index', { dim: 64, fingerprint }, encodePassages(teacher, passages));
 */
export async function buildIndex(
  out: string,
  { dim, fingerprint, settings = {}, precision = 'float16', words, overwrite = false }: IndexSettings,
  passages: AsyncIterable<EncodedPassage> | Iterable<EncodedPassage>,
): Promise<IndexManifest> {
  if (!overwrite && existsSync(out)) {
    throw new RefractError('OUTPUT_EXISTS', 'there is already something here', {
      at: out,
      hint: 'Choose another place, or ask to overwrite.',
    });
  }
  return writeDirectoryAtomic(out, async (directory) => {
    const names = [
      vectorFile(precision),
      INDEX_FILES.tokens,
      INDEX_FILES.offsets,
      INDEX_FILES.passages,
      INDEX_FILES.ids,
    ];
    const files: StreamedFile[] = [];
    const schema = new FieldSchema();
    const fields = new FieldsWriter(directory, schema);
    const lexical = new LexicalWriter(directory, words);
    try {
      for (const name of names) files.push(await StreamedFile.create(join(directory, name)));
      const [vectorsOut, tokensOut, offsetsOut, passagesOut, idsOut] = files;
      const ids = new Set<string>();
      let tokens = 0;
      for await (const encoded of passages) {
        const { passage, vectors } = encoded;
        checkEncoded(encoded, dim, precision, ids, out);
        ids.add(passage.id);
        await offsetsOut.append(BigUint64Array.of(BigInt(tokens), BigInt(passagesOut.bytes)));
        await vectorsOut.append(precision === 'float16' ? encodeFloat16(vectors) : vectors);
        await tokensOut.append(encoded.tokenIds ?? new Int32Array(encoded.tokens).fill(-1));
        const { id, title, text } = passage;
        await passagesOut.append(`${JSON.stringify({ id, title, text })}\n`);
        await idsOut.append(`${JSON.stringify(id)}\n`);
        fields.add(passage);
        await lexical.add(passage);
        tokens += encoded.tokens;
      }
      if (ids.size === 0) {
        throw new RefractError('FILE_EMPTY', 'no passages to index', {
          at: out,
          hint: 'Give a passages file with one JSON object a line: {"id": ..., "text": ...}.',
        });
      }
      await offsetsOut.append(BigUint64Array.of(BigInt(tokens), BigInt(passagesOut.bytes)));
      const manifest: IndexManifest = {
        kind: 'refract-index',
        version: INDEX_VERSION,
        createdBy: `refract ${VERSION}`,
        dim,
        precision,
        passages: ids.size,
        tokens,
        fingerprint: { ...fingerprint },
        settings: { ...settings },
        fields: schema.toJSON(),
        files: { ...(await fields.finish()), ...(await lexical.finish()) },
      };
      for (const [i, name] of names.entries()) manifest.files[name] = await files[i].finish();
      // Last, so that a directory with a manifest is complete.
      writeFileAtomic(join(directory, INDEX_FILES.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    } finally {
      for (const file of [...files, fields, lexical]) await file.abandon();
    }
  });
}

function checkEncoded(
  { passage, vectors, tokens, tokenIds }: EncodedPassage,
  dim: number,
  precision: IndexPrecision,
  ids: ReadonlySet<string>,
  out: string,
): void {
  const ordinal = ids.size;
  const where = `passage ${ordinal + 1} (${passage.id})`;
  if (ids.has(passage.id)) {
    throw new RefractError('DUPLICATE_ID', `${where} carries the id of an earlier passage`, {
      at: out,
      hint: 'Give every passage an id of its own.',
    });
  }
  if (!(tokens >= 1) || vectors.length !== tokens * dim || (tokenIds?.length ?? tokens) !== tokens) {
    throw new RefractError(
      'GRAPH_SHAPE',
      `${where} has ${vectors.length} numbers and ${tokenIds?.length ?? 'no'} token ids for ${tokens} x ${dim}`,
      { at: out, hint: 'Give at least one token, tokens * dim numbers (row-major) and one id a token.' },
    );
  }
  const limit = precision === 'float16' ? FLOAT16_MAX : Number.MAX_VALUE;
  for (const value of vectors) {
    if (!(Math.abs(value) <= limit)) {
      throw new RefractError('SETTING_INVALID', `${where} has a vector with the value ${value}`, {
        at: out,
        hint: 'The encoder is damaged, or its vectors are too large to store; check its weights.',
      });
    }
  }
}
