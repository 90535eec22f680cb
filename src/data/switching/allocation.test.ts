import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, type WordKind } from './allocation.ts';
import { largestSwitchShare } from './largest-share.ts';

const kindsOf = (languages: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: 2 ** languages - 1 }), { minLength: 1, maxLength: 10 })
    .chain((masks) =>
      fc
        .array(fc.integer({ min: 1, max: 60 }), { minLength: masks.length, maxLength: masks.length })
        .map((counts) => masks.map((mask, k): WordKind => ({ mask, count: counts[k] }))),
    );
const column = (table: readonly (readonly number[])[], l: number) =>
  table.reduce((sum, row) => sum + row[l], 0);
/** Words that some language of `set` knows. */
const cover = (kinds: readonly WordKind[], set: number) =>
  kinds.reduce((sum, { mask, count }) => sum + (mask & set ? count : 0), 0);

describe('allocate', () => {
  it('makes room for a language with few words', () => {
    const kinds = [
      { mask: 0b01, count: 5 },
      { mask: 0b11, count: 5 },
    ];
    expect(allocate(kinds, [4, 5])).toEqual([
      [4, 0],
      [0, 5],
    ]);
  });

  it('spreads evenly where there is room: each kind gives the same share', () => {
    const kinds = [
      { mask: 0b1, count: 100 },
      { mask: 0b1, count: 300 },
    ];
    expect(allocate(kinds, [100])).toEqual([[25], [75]]);
  });

  it('meets every quota exactly when the quotas fit (Gale), and never takes what is not there', () => {
    const languages = 4;
    fc.assert(
      fc.property(
        kindsOf(languages),
        fc.array(fc.integer({ min: 0, max: 60 }), { minLength: languages, maxLength: languages }),
        (kinds, quotas) => {
          const table = allocate(kinds, quotas);
          table.forEach((row, k) => {
            expect(row.reduce((a, b) => a + b)).toBeLessThanOrEqual(kinds[k].count);
            row.forEach((value, l) => {
              expect(value).toBeGreaterThanOrEqual(0);
              if ((kinds[k].mask & (1 << l)) === 0) expect(value).toBe(0);
            });
          });
          // The most that can be given out, by the min cut over sets of languages.
          let most = Number.POSITIVE_INFINITY;
          for (let set = 0; set < 2 ** languages; set++) {
            const rest = quotas.reduce((sum, quota, l) => sum + (set & (1 << l) ? 0 : quota), 0);
            most = Math.min(most, cover(kinds, set) + rest);
          }
          expect(quotas.reduce((sum, _, l) => sum + column(table, l), 0)).toBe(most);
          quotas.forEach((quota, l) => {
            expect(column(table, l)).toBeLessThanOrEqual(quota);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('largestSwitchShare', () => {
  it('is the coverage of one language, and of the scarcest set of several', () => {
    expect(largestSwitchShare([{ mask: 1, count: 30 }], 100, [1])).toBeCloseTo(0.3);
    const kinds = [
      { mask: 0b01, count: 60 },
      { mask: 0b11, count: 20 },
    ];
    // Language 1 knows 20 words and is to get half; both together know 80.
    expect(largestSwitchShare(kinds, 100, [0.5, 0.5])).toBeCloseTo(0.4);
    expect(largestSwitchShare(kinds, 100, [0.9, 0.1])).toBeCloseTo(0.8);
    expect(largestSwitchShare(kinds, 100, [1, 0])).toBeCloseTo(0.8);
    expect(largestSwitchShare(kinds, 40, [1, 0])).toBe(1);
  });

  it('is where quotas cease to fit', () => {
    fc.assert(
      fc.property(
        kindsOf(3),
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
        (kinds, [a, b]) => {
          const shares = [a / 20, b / 20, 1 - (a + b) / 20];
          const words = 10_000;
          const p = largestSwitchShare(kinds, words, shares);
          const quotas = (at: number) => shares.map((share) => Math.floor(at * words * share));
          const given = (wanted: readonly number[]) =>
            allocate(kinds, wanted).reduce((sum, row) => sum + row.reduce((x, y) => x + y), 0);
          const below = quotas(p);
          expect(given(below)).toBe(below.reduce((x, y) => x + y));
          if (p < 1) {
            const above = quotas(p).map((quota) => quota + 4);
            expect(given(above)).toBeLessThan(above.reduce((x, y) => x + y));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
