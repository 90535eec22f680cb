/** Compressed windows to search, and ways to write, ask and close. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { clusteredVectors } from '../../../test/clustered-vectors.ts';
import { RandomStream } from '../../random.ts';
import { trainCodec } from '../codec/train.ts';
import type { SegmentScorer, VectorReader, VectorStorage } from '../vector-storage.ts';
import { residualStorage } from './residual-storage.ts';

export const folder = mkdtempSync(join(tmpdir(), 'refract-compressed-'));
afterAll(() => rmSync(folder, { recursive: true }));

export const DIM = 24;
const random = new RandomStream(1, 'windows');
/** Windows of 1 to 12 tokens about one of a few subjects. */
export const vectors = clusteredVectors({ count: 2600, dim: DIM, clusters: 80, noise: 0.4, seed: 1 });
export const windows: Float32Array[] = [];
for (let token = 0; token < 2500; ) {
  const count = 1 + random.below(12);
  windows.push(vectors.subarray(token * DIM, (token + count) * DIM));
  token += count;
}
export const codec = await trainCodec(vectors, { dim: DIM, bits: 4, seed: 1, centroids: 128 });

export async function write(storage: VectorStorage, parts: readonly Float32Array[]): Promise<VectorReader> {
  const directory = mkdtempSync(join(folder, 'segment-'));
  const writer = await storage.writer(directory);
  let tokens = 0;
  for (const part of parts) {
    await writer.add(part, part.length / DIM);
    tokens += part.length / DIM;
  }
  await writer.finish();
  return storage.reader(directory, { windows: parts.length, tokens });
}

export function queryOf(seed: number, tokens: number): Float32Array {
  const draw = new RandomStream(seed, 'query');
  const query = new Float32Array(tokens * DIM);
  for (let i = 0; i < tokens; i++) {
    const from = draw.below(2500) * DIM;
    for (let d = 0; d < DIM; d++) query[i * DIM + d] = vectors[from + d] + 0.03 * draw.normal();
  }
  return query;
}

export async function withScorer<T>(
  storage: VectorStorage,
  readers: readonly VectorReader[],
  use: (scorer: SegmentScorer) => Promise<T>,
): Promise<T> {
  const scorer = await storage.scorer(readers);
  try {
    return await use(scorer);
  } finally {
    await scorer.close();
  }
}

export const single = residualStorage(codec, { threads: 1 });
