import { describe, expect, it } from 'vitest';
import { trainModel1 } from './ibm-model1.ts';

const pair = (e: number[], f: number[]) => ({ e: Int32Array.from(e), f: Int32Array.from(f) });

describe('IBM Model 1', () => {
  it('resolves what co-occurrence alone leaves open: the book, the house, a book', () => {
    // das Haus / the house; das Buch / the book; ein Buch / a book, as numbers.
    const [the, house, book, a] = [0, 1, 2, 3];
    const [das, haus, buch, ein] = [10, 11, 12, 13];
    const table = trainModel1(
      [pair([the, house], [das, haus]), pair([the, book], [das, buch]), pair([a, book], [ein, buch])],
      {
        iterations: 20,
        threshold: 0.01,
      },
    );
    expect(table.get(das)![0].e).toBe(the);
    expect(table.get(haus)![0].e).toBe(house);
    expect(table.get(buch)![0].e).toBe(book);
    expect(table.get(ein)![0].e).toBe(a);
    expect(table.get(das)![0].p).toBeGreaterThan(0.8);
  });

  it('gives probabilities that add up to at most 1, best first, and drops small ones', () => {
    const pairs = Array.from({ length: 30 }, (_, k) =>
      pair([k % 5, (k * 3) % 7], [100 + (k % 4), 100 + (k % 6)]),
    );
    const table = trainModel1(pairs, { iterations: 5, threshold: 0.1 });
    for (const list of table.values()) {
      expect(list.reduce((sum, { p }) => sum + p, 0)).toBeLessThanOrEqual(1 + 1e-9);
      expect(list.every(({ p }) => p >= 0.1)).toBe(true);
      expect([...list].sort((x, y) => y.p - x.p)).toEqual(list);
    }
  });

  it('first round by hand: two words against one share with the empty word', () => {
    // t starts even; each e is explained half by the empty word, half by f, so t(e | f) = 1/2 each.
    const table = trainModel1([pair([1, 2], [9])], { iterations: 1, threshold: 0 });
    expect(table.get(9)).toEqual([
      { e: 1, p: 0.5 },
      { e: 2, p: 0.5 },
    ]);
  });

  it('takes empty sides', () => {
    expect(trainModel1([pair([], [9]), pair([1], [])], { iterations: 2, threshold: 0 }).get(9) ?? []).toEqual(
      [],
    );
  });
});
