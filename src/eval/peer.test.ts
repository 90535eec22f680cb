import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { peer } from './peer.ts';
import { chiSquareUpperTail, kruskalWallis } from './significance/kruskal-wallis.ts';

const golden: { cases: { groups: number[][]; h: number; p: number }[]; tails: [number, number, number][] } =
  JSON.parse(
    readFileSync(new URL('../../test/fixtures/kruskal-wallis/expected.json', import.meta.url), 'utf8'),
  );

describe('Kruskal-Wallis', () => {
  test('agrees with SciPy (test/oracles/kruskal_wallis.py)', () => {
    for (const { groups, h, p } of golden.cases) {
      const result = kruskalWallis(groups);
      expect(result.h).toBeCloseTo(h, 9);
      expect(result.p / p).toBeCloseTo(1, 9);
    }
    for (const [x, freedom, value] of golden.tails)
      expect(chiSquareUpperTail(x, freedom) / value, `${x}, ${freedom}`).toBeCloseTo(1, 9);
  });

  test('equal values everywhere have p = 1; empty groups are an error', () => {
    expect(kruskalWallis([[2, 2], [2]])).toEqual({ h: 0, freedom: 1, p: 1 });
    expect(() => kruskalWallis([[1], []])).toThrow(/SETTING_INVALID/);
    expect(() => kruskalWallis([[1]])).toThrow(/SETTING_INVALID/);
  });
});

describe('PEER', () => {
  const passages = [
    ...['d1', 'd2', 'd3'].map((id) => ({ id, language: 'de', grade: 1 })),
    ...['s1', 's2', 's3'].map((id) => ({ id, language: 'sw', grade: 1 })),
    { id: 'd0', language: 'de', grade: 0 },
  ];
  const weights = new Map([[1, 1]]);

  test('one language first is unfair, taking turns is fair', () => {
    // H = 12 / 42 (36 + 225) / 3 - 21 = 3.857, p = .0495
    expect(peer(['d1', 'd2', 'd3', 's1', 's2', 's3'], passages, { weights })).toBeCloseTo(0.0495, 4);
    expect(peer(['d1', 's1', 's2', 'd2', 'd3', 's3'], passages, { weights })).toBeGreaterThan(0.8);
  });

  test('passages that were not returned share the last rank', () => {
    expect(peer([], passages, { weights })).toBe(1);
    const whole = peer(['d1', 'd2', 'd3', 's1', 's2', 's3'], passages, { weights, cutoff: 3 });
    expect(peer(['d1', 'd2', 'd3'], passages, { weights })).toBe(whole);
    expect(whole).toBeCloseTo(
      kruskalWallis([
        [1, 2, 3],
        [4, 4, 4],
      ]).p,
      14,
    );
  });

  test('grades are weighted; a grade in one language only is fair', () => {
    const half = new Map([
      [0, 0.5],
      [1, 0.5],
    ]);
    const ranking = ['d1', 'd2', 'd3', 's1', 's2', 's3'];
    expect(peer(ranking, passages, { weights: half })).toBeCloseTo(
      0.5 + 0.5 * peer(ranking, passages, { weights }),
      14,
    );
    expect(() => peer(ranking, passages, { weights: new Map([[1, 0.5]]) })).toThrow(/SETTING_INVALID/);
  });
});
