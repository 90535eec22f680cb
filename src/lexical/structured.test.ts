import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bm25Index } from './bm25.ts';
import { StructuredSearch, type StructuredTerm } from './structured.ts';

const index = await Bm25Index.create([
  { id: 'a', text: 'water water is life' },
  { id: 'b', text: 'clean liquid' },
  { id: 'c', text: 'liquid water tanks' },
  { id: 'd', text: 'bus fares today' },
]);
const N = 4;
const average = (4 + 2 + 3 + 3) / 4;
const idf = (n: number) => Math.log(1 + (N - n + 0.5) / (n + 0.5));
const part = (tf: number, length: number) => tf / (tf + 1.2 * (0.25 + (0.75 * length) / average));
const term = (translations: Record<string, number>, weight = 1): StructuredTerm => ({
  weight,
  translations: new Map(Object.entries(translations)),
});
const scores = (terms: StructuredTerm[], frequency: 'any' | 'expected') =>
  Object.fromEntries(
    new StructuredSearch(index)
      .search(terms, 10, frequency)
      .map((hit) => [index.ids[hit.ordinal], hit.score]),
  );

describe('StructuredSearch', () => {
  it('counts synonyms as one term: tf is their sum, df the passages with any', () => {
    const found = scores([term({ water: 1, liquid: 1 })], 'any');
    expect(Object.keys(found).sort()).toEqual(['a', 'b', 'c']);
    expect(found.a).toBeCloseTo(idf(3) * part(2, 4), 12);
    expect(found.b).toBeCloseTo(idf(3) * part(1, 2), 12);
    expect(found.c).toBeCloseTo(idf(3) * part(2, 3), 12);
  });

  it('takes expectations over probabilities for tf and df', () => {
    const found = scores([term({ water: 0.75, liquid: 0.25 }, 2)], 'expected');
    const n = 0.75 * 2 + 0.25 * 2;
    expect(found.a).toBeCloseTo(2 * idf(n) * part(1.5, 4), 12);
    expect(found.b).toBeCloseTo(2 * idf(n) * part(0.25, 2), 12);
    expect(found.c).toBeCloseTo(2 * idf(n) * part(1, 3), 12);
  });

  it('adds words up, and leaves out what the collection lacks', () => {
    const found = scores([term({ water: 1, giraffe: 1 }), term({ bus: 1 }), term({ zebra: 1 })], 'any');
    expect(found.d).toBeCloseTo(idf(1) * part(1, 3), 12);
    expect(found.c).toBeCloseTo(idf(2) * part(1, 3), 12);
    expect(scores([], 'any')).toEqual({});
  });

  it('is BM25 for words of one translation', async () => {
    const word = fc.constantFrom(...'abcdefgh');
    const texts = fc.array(fc.array(word, { maxLength: 9 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(word, { maxLength: 4 }), async (collection, query) => {
        const bm25 = await Bm25Index.create(
          collection.map((text, i) => ({ id: `${i}`, text: text.join(' ') })),
        );
        const search = new StructuredSearch(bm25);
        const terms = query.map((each) => term({ [each]: 1 }));
        const plain = bm25.search(query.join(' '), 40);
        for (const frequency of ['any', 'expected'] as const) {
          const hits = new Map(search.search(terms, 40, frequency).map((hit) => [hit.ordinal, hit.score]));
          expect(hits.size).toBe(plain.length);
          for (const { ordinal, score } of plain) expect(hits.get(ordinal)).toBeCloseTo(score, 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});
