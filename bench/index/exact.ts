/**
 * The exact best passages of each query. All passages are scored with vectors rounded to 15 bits; the best of these are
 * scored again in float64, and the margin shows that rounding cannot have lost one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { codecOf } from '../../src/index/codec/codec.ts';
import { integerQuery } from '../../src/index/compressed/query-blocks.ts';
import { KernelMemory } from '../../src/index/kernels/kernel-memory.ts';
import type { QueryVectors } from '../../src/index/late-interaction.ts';
import { maxSim } from '../../src/index/maxsim.ts';
import { Collection, readQueries } from './collection.ts';

/** Best passages that are kept. */
export const DEPTH = 100;
/** Passages that are scored again at a time. */
const AGAIN = 25;
/** Passages that are scored together, so that a query is fetched once for all of them. */
const BLOCK = 16;
const NORM = 2 ** 14;
const LANES = 32;

/** A passage and its exact score. */
export interface Scored {
  readonly passage: number;
  readonly score: number;
}

/** A share of the passages, for one thread. */
export interface ExactShare {
  readonly folder: string;
  /** The queries' name. */
  readonly queries: string;
  readonly first: number;
  readonly last: number;
}

/**
 * The ids of the `DEPTH` best passages of each query, best first, by `threads` threads. They are kept beside the queries.
 *
 * @param folder of `writeCollection`; @param name of the queries in it
 */
export async function exactBest(folder: string, name: string, threads: number): Promise<string[][]> {
  const path = `${folder}/${name}.best.json`;
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const collection = new Collection(folder);
  const { passages } = collection;
  collection.close();
  const bounds = Array.from({ length: threads + 1 }, (_, t) => Math.floor((t * passages) / threads));
  const shares = await Promise.all(
    bounds.slice(1).map((last, t) => inThread({ folder, queries: name, first: bounds[t], last })),
  );
  const best = shares[0].map((_, q) => {
    const all = shares.flatMap((share) => share[q]);
    all.sort((a, b) => b.score - a.score || a.passage - b.passage);
    return all.slice(0, DEPTH).map(({ passage }) => String(passage));
  });
  writeFileAtomic(path, JSON.stringify(best));
  return best;
}

/** Runs `bestOfShare` in a worker, which does not inherit the loader of TypeScript. */
function inThread(share: ExactShare): Promise<Scored[][]> {
  // What `tsx/esm/api` is for an import; `resolve` gives what it is for a require.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx'));
  const api = JSON.stringify(new URL('./esm/api/index.mjs', tsx).href);
  const entry = JSON.stringify(new URL('./exact-worker.ts', import.meta.url).href);
  const worker = new Worker(`import(${api}).then(({ tsImport }) => tsImport(${entry}, ${entry}))`, {
    eval: true,
    workerData: share,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** The exact best passages, by score, of passages `first` to `last - 1` for each query. */
export function bestOfShare({ folder, queries: name, first, last }: ExactShare): Scored[][] {
  const collection = new Collection(folder);
  try {
    const queries = readQueries(folder, name, collection.dim);
    const rounded = roundedScores(collection, queries, first, last);
    return queries.map(({ vectors }, q) => certified(collection, vectors, rounded[q], first));
  } finally {
    collection.close();
  }
}

/** The best by scores that may be off by what rounding did: scored again until no other can be among them. */
function certified(
  collection: Collection,
  query: Float32Array,
  scores: Float32Array,
  first: number,
): Scored[] {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  let error = 0;
  const exact: Scored[] = [];
  while (exact.length < order.length) {
    for (const place of order.subarray(exact.length, exact.length + AGAIN)) {
      const score = maxSim(query, collection.vectors(first + place), collection.dim);
      error = Math.max(error, Math.abs(score - scores[place]));
      exact.push({ passage: first + place, score });
    }
    exact.sort((a, b) => b.score - a.score || a.passage - b.passage);
    if (exact.length < DEPTH) continue;
    if (scores[order[exact.length]] + 2 * error < exact[DEPTH - 1].score) break;
  }
  return exact.slice(0, DEPTH);
}

/** Scores of passages `first` to `last - 1`, of vectors that are rounded to integers. */
function roundedScores(
  collection: Collection,
  queries: readonly QueryVectors[],
  first: number,
  last: number,
): Float32Array[] {
  const { dim, tokens } = collection;
  const codec = codecOf({
    ...{ dim, bits: 4, unit: 1, levelUnit: 1, maxScale: 1, levels: new Int8Array(16) },
    ...{ centroids: new Int16Array(), cells: new Int16Array(), cellStarts: new Uint32Array(1) },
  });
  const width = codec.paddedDim;
  const all = queries.map((query) => integerQuery(query.vectors, query.tokens, codec));
  const count = all.reduce((sum, { blocks }) => sum + blocks.length, 0);
  const memory = KernelMemory.create(
    2 * LANES * width * count + BLOCK * tokens * (2 * width + 4 * LANES + 3) + 4096,
  );
  const packed = all.map(({ blocks, unit }) => ({
    unit,
    blocks: blocks.map((block) => {
      const address = memory.allocate(2 * LANES * width);
      memory.i16.set(block.packed, address >>> 1);
      return { address, lanes: block.width, tokens: block.tokens };
    }),
  }));
  const rows = memory.allocate(2 * width * tokens * BLOCK);
  const sums = memory.allocate(4 * LANES * tokens * BLOCK);
  // One code and one scale for all tokens: the maximum of the products themselves.
  const codes = memory.allocate(2 * tokens);
  const scaleBytes = memory.allocate(tokens);
  const zero = memory.allocate(4 * LANES);
  const one = memory.allocate(4);
  memory.f32[one >>> 2] = 1;
  const best = memory.allocate(4 * LANES);
  const scores = queries.map(() => new Float32Array(last - first));
  for (let start = first; start < last; start += BLOCK) {
    const size = Math.min(BLOCK, last - start);
    const vectors = collection.vectors(start, size);
    for (let i = 0, d = 0, to = rows >>> 1; i < vectors.length; i++) {
      memory.i16[to + d] = Math.round(vectors[i] * NORM);
      if (++d === dim) [d, to] = [0, to + width];
    }
    for (const [q, { unit, blocks }] of packed.entries()) {
      for (const { address, lanes, tokens: used } of blocks) {
        memory.kernels.dotRows(address, lanes, rows, size * tokens, width, sums);
        for (let p = 0; p < size; p++) {
          memory.f32.fill(-Infinity, best >>> 2, (best >>> 2) + lanes);
          const own = sums + 4 * lanes * tokens * p;
          memory.kernels.maxOver(own, tokens, lanes, codes, zero, scaleBytes, one, best);
          let score = 0;
          for (let lane = 0; lane < used; lane++) score += memory.f32[(best >>> 2) + lane];
          scores[q][start - first + p] += (score * unit) / NORM;
        }
      }
    }
  }
  return scores;
}
