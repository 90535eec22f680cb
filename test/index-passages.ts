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

/** Words of several scripts, for texts. */
const WORDS = ['water', 'boil', 'पानी', 'ماء', 'น้ำ', 'ọjà', 'maji', '水'];

/** `count` random passages p0, p1, ... of 1 to 12 tokens, with words, metadata and, of some, title and language. */
export function randomPassages(seed: number, count: number, dim: number): EncodedPassage[] {
  const random = new RandomStream(seed, 'index-test');
  return Array.from({ length: count }, (_, p) => {
    const tokens = 1 + random.below(12);
    return {
      passage: {
        id: `p${p}`,
        text: `text ${p} ${Array.from({ length: 3 }, (_, i) => WORDS[(p * (i + seed) + i) % WORDS.length]).join(' ')}`,
        ...(p % 3 === 0 && { title: `Title ${p % 5}` }),
        ...(p % 4 === 0 && { language: ['sw', 'hi', 'yo'][p % 3] }),
        metadata: {
          year: 2000 + (p % 20),
          source: p % 2 === 0 ? 'ìwé' : 'who',
          topics: ['a', 'ب'].slice(p % 2),
        },
      },
      vectors: unitVectors(random, tokens, dim),
      tokens,
      tokenIds: Int32Array.from({ length: tokens }, () => random.below(30000)),
    };
  });
}

/** What the index at `path` finds for five queries: by vectors, by vectors among some, and by words, with the passages. */
export async function ranking(path: string, dim: number) {
  const view = openIndex(path);
  try {
    const random = new RandomStream(7, 'ranking');
    const queries = Array.from({ length: 5 }, () => ({ vectors: unitVectors(random, 4, dim), tokens: 4 }));
    const shown = (hits: readonly { ordinal: number; score: number }[]) =>
      hits.map(({ score, ordinal }) => ({ id: view.id(ordinal), score, passage: view.passage(ordinal) }));
    const allowed = view.fields.allowed({ field: 'year', from: 2007 });
    const all = await view.searchBatch(queries, 1000, { effort: 1 });
    const some = await view.searchBatch(queries, 1000, { effort: 1, allowed });
    const words = WORDS.slice(0, 5).map((word) => view.lexical.search(`${word} text`, 1000));
    return [...all, ...some, ...words].map(shown);
  } finally {
    await view.close();
  }
}
