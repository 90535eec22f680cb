/**
 * The exact best passages of each query. All passages are scored with vectors rounded to 15 bits; the best of these are
 * scored again in float64, and the margin shows that rounding cannot have lost one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { codecOf } from '../../src/index/codec/codec.ts';
import { integerQuery } from '../../src/index/compressed/query-blocks.ts';
import { KernelMemory } from '../../src/index/kernels/kernel-memory.ts';
import { maxSim } from '../../src/index/maxsim.ts';
import type { Collection } from './collection.ts';

/** Passages that are scored again. */
const AGAIN = 300;
/** Best passages that are kept. */
const KEPT = 100;
const NORM = 2 ** 14;

/** The `KEPT` best passages of each query, best first; read from `path` if it is there. */
export function reference(
  path: string,
  collection: Collection,
  queries: readonly { readonly vectors: Float32Array; readonly tokens: number }[],
): number[][] {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')).slice(0, queries.length);
  const rounded = roundedScores(collection, queries);
  const found = queries.map(({ vectors }, q) => {
    const scores = rounded[q];
    const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
    const exact = [...order.subarray(0, AGAIN)].map((p) => {
      const score = maxSim(vectors, collection.vectors(p), collection.dim);
      return { p, score, error: Math.abs(score - scores[p]) };
    });
    exact.sort((a, b) => b.score - a.score || a.p - b.p);
    const error = Math.max(...exact.map((each) => each.error));
    const next = scores[order[AGAIN]] ?? -Infinity;
    if (next + 2 * error > exact[Math.min(KEPT, exact.length) - 1].score) {
      throw new Error(`query ${q}: ${AGAIN} passages are too few to be sure of the best ${KEPT}`);
    }
    return exact.slice(0, KEPT).map(({ p }) => p);
  });
  writeFileAtomic(path, JSON.stringify(found));
  return found;
}

function roundedScores(
  collection: Collection,
  queries: readonly { readonly vectors: Float32Array; readonly tokens: number }[],
): Float32Array[] {
  const { dim, size, offsets } = collection;
  const codec = codecOf({
    ...{ dim, bits: 4, unit: 1, levelUnit: 1, maxScale: 1, levels: new Int8Array(16) },
    ...{ centroids: new Int16Array(), cells: new Int16Array(), cellStarts: new Uint32Array(1) },
  });
  let longest = 0;
  for (let p = 0; p < size; p++) longest = Math.max(longest, offsets[p + 1] - offsets[p]);
  const all = queries.map(({ vectors, tokens }) => integerQuery(vectors, tokens, codec));
  const blockBytes = 2 * 32 * codec.paddedDim;
  const count = all.reduce((sum, { blocks }) => sum + blocks.length, 0);
  const memory = KernelMemory.create(
    blockBytes * count + longest * (2 * codec.paddedDim + 4 * 32 + 3) + 4096,
  );
  const packed = all.map(({ blocks, unit }) => ({
    unit,
    blocks: blocks.map((block) => {
      const address = memory.allocate(blockBytes);
      memory.i16.set(block.packed, address >>> 1);
      return { address, width: block.width, tokens: block.tokens };
    }),
  }));
  const rows = memory.allocate(2 * codec.paddedDim * longest);
  const sums = memory.allocate(4 * 32 * longest);
  // One code, one scale: the largest product itself.
  const codes = memory.allocate(2 * longest);
  const scaleBytes = memory.allocate(longest);
  const zero = memory.allocate(4 * 32);
  const one = memory.allocate(4);
  memory.f32[one >>> 2] = 1;
  const best = memory.allocate(4 * 32);
  const scores = queries.map(() => new Float32Array(size));
  for (let p = 0; p < size; p++) {
    const vectors = collection.vectors(p);
    const tokens = collection.tokens(p);
    for (let i = 0; i < vectors.length; i++) {
      memory.i16[(rows >>> 1) + Math.floor(i / dim) * codec.paddedDim + (i % dim)] = Math.round(
        vectors[i] * NORM,
      );
    }
    packed.forEach(({ unit, blocks }, q) => {
      for (const { address, width, tokens: lanes } of blocks) {
        memory.kernels.dotRows(address, width, rows, tokens, codec.paddedDim, sums);
        memory.f32.fill(-Infinity, best >>> 2, (best >>> 2) + width);
        memory.kernels.maxOver(sums, tokens, width, codes, zero, scaleBytes, one, best);
        for (let lane = 0; lane < lanes; lane++)
          scores[q][p] += (memory.f32[(best >>> 2) + lane] * unit) / NORM;
      }
    });
  }
  return scores;
}
