/**
 * The vectors that all systems of bench/index.ts are given, in a folder:
 *
 *     data.json     {passages, tokens, dim, queryTokens, depth}: every passage has the same number of tokens
 *     vectors.f32   [passages, tokens, dim] row-major, float32
 *     queries.f32   [queries, queryTokens, dim]
 *     truth.json    for each query the `depth` best passages by exact MaxSim, best first
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What data.json says. */
export interface DataShape {
  readonly passages: number;
  readonly tokens: number;
  readonly dim: number;
  readonly queryTokens: number;
  /** Passages that are asked for. */
  readonly depth: number;
}

/** A folder that was read; vectors stay on the disk. */
export interface BenchData extends DataShape {
  readonly folder: string;
  /** Each [queryTokens, dim]. */
  readonly queries: readonly Float32Array[];
}

/** Reads data.json and the queries. */
export function readData(folder: string): BenchData {
  const shape: DataShape = JSON.parse(readFileSync(join(folder, 'data.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'queries.f32'));
  const all = new Float32Array(new Uint8Array(bytes).buffer);
  const size = shape.queryTokens * shape.dim;
  const queries = Array.from({ length: all.length / size }, (_, q) => all.subarray(q * size, (q + 1) * size));
  return { ...shape, folder, queries };
}

/** The vectors of `count` passages from `first` on, [count, tokens, dim]. */
export function readPassages({ folder, tokens, dim }: BenchData, first: number, count: number): Float32Array {
  const vectors = new Float32Array(count * tokens * dim);
  const file = openSync(join(folder, 'vectors.f32'), 'r');
  try {
    const bytes = new Uint8Array(vectors.buffer);
    const start = first * tokens * dim * 4;
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30), start + done);
      if (got === 0) throw new Error('vectors.f32 is too short');
      done += got;
    }
  } finally {
    closeSync(file);
  }
  return vectors;
}
