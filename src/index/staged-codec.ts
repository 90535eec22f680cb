/** Training the codec of an index on what its build has staged, and measuring it on vectors that it has not seen. */
import type { StageControl } from '../stage.ts';
import type { CodeBits, Codec } from './codec/codec.ts';
import { BATCH_TOKENS, TokenEncoder } from './codec/token-encoder.ts';
import { centroidCount, sampleSize, trainCodec } from './codec/train.ts';
import type { SegmentEntry } from './segments/segment-entry.ts';
import { SegmentReader, type SegmentSource } from './segments/segment-reader.ts';
import type { CentroidFit } from './vector-storage.ts';

/** Of so many passages one is kept from training. */
const HELD_OUT_EVERY = 16;
/** Vectors of these that are measured. */
const HELD_OUT_TOKENS = BATCH_TOKENS;
/** Bytes of memory that training takes for a number of the sample: as it came, in 16 bits, and in cells. */
const BYTES_PER_NUMBER = 8;
const SEED = 1;

/**
 * Vectors that a codec of a collection of `tokens` is trained on, in so much memory.
 *
 * @example sampleRows(6_400_000, 128, 2 ** 29) // 393_216
 */
export function sampleRows(tokens: number, dim: number, memoryBytes: number): number {
  const most = Math.max(1, Math.floor(memoryBytes / (BYTES_PER_NUMBER * dim)));
  return Math.min(tokens, most, sampleSize(centroidCount(tokens)));
}

/** Bytes of memory that training on so many vectors takes. */
export function sampleBytes(rows: number, dim: number): number {
  return BYTES_PER_NUMBER * dim * rows;
}

/** What is staged, and how it shall be compressed. */
export interface StagedCollection {
  readonly dim: number;
  readonly bits: CodeBits;
  readonly source: SegmentSource;
  readonly entries: readonly SegmentEntry[];
  /** Memory that the sample may take. */
  readonly memoryBytes: number;
  readonly threads?: number;
}

/** A codec, and how far vectors that it was not trained on lie from its centroids; of very few passages nothing is known. */
export interface TrainedCodec {
  readonly codec: Codec;
  readonly fit?: CentroidFit;
}

/**
 * Trains a codec on passages evenly spaced over the collection. Which they are does not depend on how the collection is
 * divided into segments.
 *
 * @throws RefractError `INTERRUPTED`
 */
export async function trainOnStaged(
  collection: StagedCollection,
  control: StageControl,
): Promise<TrainedCodec> {
  const { dim, bits, entries, memoryBytes } = collection;
  const passages = entries.reduce((sum, entry) => sum + entry.passages, 0);
  const tokens = entries.reduce((sum, entry) => sum + entry.tokens, 0);
  const heldOut = (passage: number) => passage % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  const wanted = sampleRows(tokens, dim, memoryBytes);
  const sample = rowsOf(
    collection,
    spread(passages, wanted / tokens, (p) => !heldOut(p)),
    wanted,
  );
  const codec = await trainCodec(sample, { dim, bits, tokens, seed: SEED }, control);
  if (passages < HELD_OUT_EVERY) return { codec };
  const share = (HELD_OUT_EVERY * HELD_OUT_TOKENS) / tokens;
  const unseen = rowsOf(collection, spread(passages, share, heldOut), HELD_OUT_TOKENS);
  if (unseen.length === 0) return { codec };
  return { codec, fit: await fitOf(codec, unseen, collection.threads) };
}

/** Which of `passages` to take for a share of them, evenly spaced, of those that may be taken: one at least. */
function spread(passages: number, share: number, may: (passage: number) => boolean): (p: number) => boolean {
  let [eligible, first] = [0, -1];
  const chosen = new Uint8Array(passages);
  for (let p = 0; p < passages; p++) {
    if (!may(p)) continue;
    if (eligible++ === 0) first = p;
    if (Math.floor(eligible * share) > Math.floor((eligible - 1) * share) || share >= 1) chosen[p] = 1;
  }
  // Passages may be longer than all that is wanted; of this one the beginning is taken.
  if (first >= 0 && !chosen.includes(1)) chosen[first] = 1;
  return (passage) => chosen[passage] === 1;
}

/** The vectors of the passages chosen, at most `most` of them. */
function rowsOf(
  { dim, source, entries }: StagedCollection,
  chosen: (passage: number) => boolean,
  most: number,
): Float32Array {
  const rows = new Float32Array(most * dim);
  let [passage, filled] = [0, 0];
  for (const entry of entries) {
    if (filled === rows.length) break;
    const reader = new SegmentReader(source, entry);
    try {
      for (let p = 0; p < entry.passages && filled < rows.length; p++, passage++) {
        if (!chosen(passage)) continue;
        const vectors = reader.passageVectors(p).subarray(0, rows.length - filled);
        rows.set(vectors, filled);
        filled += vectors.length;
      }
    } finally {
      reader.close();
    }
  }
  return rows.subarray(0, filled);
}

async function fitOf(codec: Codec, vectors: Float32Array, threads = 1): Promise<CentroidFit> {
  const encoder = new TokenEncoder(codec, threads);
  try {
    encoder.vectors.set(vectors);
    await encoder.encode(vectors.length / codec.dim);
    const { tokens, squares, errors } = encoder.fit;
    return { tokens, residual: squares / tokens, error: errors / tokens };
  } finally {
    await encoder.close();
  }
}
