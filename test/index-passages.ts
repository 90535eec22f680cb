/** Encoded passages for tests of the index, and what an index finds. */
import type { EncodedPassage } from '../src/index/build.ts';
import { openIndex } from '../src/index/open-index.ts';
import { RandomStream } from '../src/random.ts';

export const FINGERPRINT = { teacher: 'sha256:aa', tokenizer: 'sha256:bb' };

/** Random unit vectors, row-major [tokens, dim]. */
export function unitVectors(random: RandomStream, tokens: number, dim: number): Float32Array {
  const rows = Float32Array.from({ length: tokens * dim }, () => random.normal());
  for (let i = 0; i < tokens; i++) {
    const row = rows.subarray(i * dim, (i + 1) * dim);
    const norm = Math.hypot(...row);
    for (let k = 0; k < dim; k++) row[k] /= norm;
  }
  return rows;
}

/** `count` random passages p0, p1, ... of 1 to 12 tokens. */
export function randomPassages(seed: number, count: number, dim: number): EncodedPassage[] {
  const random = new RandomStream(seed, 'index-test');
  return Array.from({ length: count }, (_, p) => {
    const tokens = 1 + random.below(12);
    return {
      passage: { id: `p${p}`, text: `text ${p}` },
      vectors: unitVectors(random, tokens, dim),
      tokens,
      tokenIds: Int32Array.from({ length: tokens }, () => random.below(30000)),
    };
  });
}

/** The whole ranking of the index at `path` for five queries, with the texts. */
export async function ranking(path: string, dim: number) {
  const view = openIndex(path);
  try {
    const random = new RandomStream(7, 'ranking');
    const queries = Array.from({ length: 5 }, () => ({ vectors: unitVectors(random, 4, dim), tokens: 4 }));
    const batches = await view.searchBatch(queries, 1000);
    return batches.map((hits) =>
      hits.map(({ id, score, ordinal }) => ({ id, score, text: view.passage(ordinal).text })),
    );
  } finally {
    await view.close();
  }
}
