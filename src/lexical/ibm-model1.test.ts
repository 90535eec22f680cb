import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import type { ProgressFactory } from '../progress.ts';
import { RandomStream } from '../random.ts';
import { trainModel1 } from './ibm-model1.ts';

const pair = (e: number[], f: number[]) => ({ e: Int32Array.from(e), f: Int32Array.from(f) });

describe('IBM Model 1', () => {
  it('resolves what co-occurrence alone leaves open: the book, the house, a book', async () => {
    // das Haus / the house; das Buch / the book; ein Buch / a book, as numbers.
    const [the, house, book, a] = [0, 1, 2, 3];
    const [das, haus, buch, ein] = [10, 11, 12, 13];
    const table = await trainModel1(
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

  it('gives probabilities that add up to at most 1, best first, and drops small ones', async () => {
    const pairs = Array.from({ length: 30 }, (_, k) =>
      pair([k % 5, (k * 3) % 7], [100 + (k % 4), 100 + (k % 6)]),
    );
    const table = await trainModel1(pairs, { iterations: 5, threshold: 0.1 });
    for (const list of table.values()) {
      expect(list.reduce((sum, { p }) => sum + p, 0)).toBeLessThanOrEqual(1 + 1e-9);
      expect(list.every(({ p }) => p >= 0.1)).toBe(true);
      expect([...list].sort((x, y) => y.p - x.p)).toEqual(list);
    }
  });

  it('first round by hand: two words against one share with the empty word', async () => {
    // t starts even; each e is explained half by the empty word, half by f, so t(e | f) = 1/2 each.
    const table = await trainModel1([pair([1, 2], [9])], { iterations: 1, threshold: 0 });
    expect(table.get(9)).toEqual([
      { e: 1, p: 0.5 },
      { e: 2, p: 0.5 },
    ]);
  });

  it('takes empty sides', async () => {
    const table = await trainModel1([pair([], [9]), pair([1], [])], { iterations: 2, threshold: 0 });
    expect([...table]).toEqual([]);
    expect([...(await trainModel1([], { iterations: 2, threshold: 0 }))]).toEqual([]);
  });

  const stream = new RandomStream(1, 'ibm-model1.test');
  const tokens = () =>
    Int32Array.from({ length: stream.below(12) }, () => Math.floor(40 * stream.uniform() ** 2));
  const pairs = Array.from({ length: 300 }, () => ({ e: tokens(), f: tokens() }));

  it('gives to the bit what the definition gives with a map of maps', async () => {
    const table = await trainModel1(pairs, { iterations: 5, threshold: 0.02 });
    expect([...table]).toEqual(byDefinition(pairs, 5, 0.02));
    // SHA-256 of what an earlier version gave, without blocks or turns.
    expect(
      createHash('sha256')
        .update(JSON.stringify([...table]))
        .digest('hex'),
    ).toBe('cb7176d44bd7619d705c714b5a497951cddadd050651bd354ad8886f6c8975b3');
  });

  it('gives the same in several blocks as pair by pair', async () => {
    const long = () => Int32Array.from({ length: 300 }, () => stream.below(60));
    const many = Array.from({ length: 25 }, () => ({ e: long(), f: long() })); // 2.26 million token pairs, two blocks
    expect([...(await trainModel1(many, { iterations: 1, threshold: 0.01 }))]).toEqual(
      byDefinition(many, 1, 0.01),
    );
  });

  it('stops in either stage', async () => {
    for (const name of ['pairing words', 'aligning words']) {
      const stop = new AbortController();
      const progress: ProgressFactory = (label) => ({
        update: () => label === name && stop.abort(),
        end() {},
      });
      const control = { progress, signal: stop.signal };
      const error = await refusal(() => trainModel1(pairs, { iterations: 5, threshold: 0.02 }, control));
      expect(error.code).toBe('INTERRUPTED');
      expect(error.message).toContain(`stopped while ${name}`);
    }
  });
});

/** The definition, without any bookkeeping; rows in the order in which their f comes. */
function byDefinition(pairs: readonly { e: Int32Array; f: Int32Array }[], rounds: number, threshold: number) {
  let t = new Map<number, Map<number, number>>();
  for (let round = 0; round < rounds; round++) {
    const counts = new Map<number, Map<number, number>>();
    for (const { e, f } of pairs) {
      const causes = [-1, ...f];
      for (const word of e) {
        const p = causes.map((cause) => (round === 0 ? 1 : t.get(cause)!.get(word)!));
        let sum = 0;
        for (const x of p) sum += x;
        causes.forEach((cause, i) => {
          const row = counts.get(cause) ?? new Map<number, number>();
          counts.set(cause, row.set(word, (row.get(word) ?? 0) + p[i] / sum));
        });
      }
    }
    for (const row of counts.values()) {
      let total = 0;
      for (const count of row.values()) total += count;
      for (const [word, count] of row) row.set(word, count / total);
    }
    t = counts;
  }
  t.delete(-1);
  return [...t].map(([f, row]) => [
    f,
    [...row]
      .filter(([, p]) => p >= threshold)
      .map(([e, p]) => ({ e, p }))
      .sort((x, y) => y.p - x.p || x.e - y.e),
  ]);
}
