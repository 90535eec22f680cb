import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  bootstrapInterval,
  equivalenceTest,
  holm,
  pairedT,
  quantile,
  randomisationTest,
} from '../significance.ts';
import { incompleteBeta, studentUpperTail } from './student-t.ts';

interface Case {
  a: number[];
  b: number[];
  t: number;
  p: number;
  randomisation: number;
  tost: Record<string, { notWorse: number; notBetter: number }>;
  bootstrap: [number, number];
}
const golden: { cases: Case[]; tails: number[][]; betas: number[][] } = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/significance/expected.json', import.meta.url), 'utf8'),
);
const relative = (actual: number, expected: number) =>
  Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300);

describe('agrees with SciPy (test/oracles/significance.py)', () => {
  test('incomplete beta and t tails, to 1e-10 relative', () => {
    for (const [x, a, b, value] of golden.betas)
      expect(relative(incompleteBeta(x, a, b), value), `I_${x}(${a}, ${b})`).toBeLessThan(1e-10);
    for (const [t, freedom, value] of golden.tails)
      expect(relative(studentUpperTail(t, freedom), value), `t ${t}, ${freedom}`).toBeLessThan(1e-10);
  });

  test.each(golden.cases.map((item) => [item.a.length, item] as const))('%i pairs', (_, item) => {
    const { a, b } = item;
    const student = pairedT(a, b);
    expect(relative(student.t, item.t)).toBeLessThan(1e-10);
    expect(relative(student.p, item.p)).toBeLessThan(1e-10);
    for (const [margin, { notWorse, notBetter }] of Object.entries(item.tost)) {
      const result = equivalenceTest(a, b, Number(margin));
      expect(relative(result.pNotWorse, notWorse)).toBeLessThan(1e-10);
      expect(relative(result.pNotBetter, notBetter)).toBeLessThan(1e-10);
      expect(result.p).toBe(Math.max(result.pNotWorse, result.pNotBetter));
    }
    // Both are estimates from random draws: four standard errors apart at most.
    const permutations = 100_000;
    const spread = Math.sqrt((item.randomisation * (1 - item.randomisation)) / permutations);
    const { p } = randomisationTest(a, b, { permutations });
    expect(Math.abs(p - item.randomisation)).toBeLessThan(4 * spread * Math.SQRT2 + 2 / permutations);
    const clusters = a.map((_, i) => `question ${Math.floor(i / 3)}`);
    const values = a.map((value, i) => value - b[i]);
    const interval = bootstrapInterval(values, { clusters });
    const width = item.bootstrap[1] - item.bootstrap[0];
    expect(Math.abs(interval.low - item.bootstrap[0])).toBeLessThanOrEqual(0.04 * width + 1e-12);
    expect(Math.abs(interval.high - item.bootstrap[1])).toBeLessThanOrEqual(0.04 * width + 1e-12);
  });
});

describe('randomisationTest', () => {
  test('identical systems have p = 1, and p is never 0', () => {
    expect(randomisationTest([0.1, 0.2], [0.1, 0.2]).p).toBe(1);
    const ones = new Array<number>(60).fill(1);
    const zeros = new Array<number>(60).fill(0);
    expect(randomisationTest(ones, zeros, { permutations: 99 }).p).toBe(1 / 100);
  });

  test('equal differences tie exactly, rounding or not: 3 pairs, p near 1/4', () => {
    const { p, difference } = randomisationTest([0.3, 0.4, 0.7], [0.2, 0.3, 0.6]);
    expect(difference).toBeCloseTo(0.1, 12);
    expect(p).toBeGreaterThan(0.23);
    expect(p).toBeLessThan(0.27);
  });

  test('is symmetric in its sides, seeded, and blind to queries without a difference', () => {
    const { a, b } = golden.cases[2];
    expect(randomisationTest(a, b).p).toBe(randomisationTest(b, a).p);
    expect(randomisationTest(a, b, { seed: 9 })).toEqual(randomisationTest(a, b, { seed: 9 }));
    expect(randomisationTest([...a, 0.5], [...b, 0.5]).p).toBe(randomisationTest(a, b).p);
  });

  test('holds its level: under the null about one p in twenty is below .05', () => {
    let below = 0;
    for (let trial = 0; trial < 200; trial++) {
      const values = Array.from({ length: 20 }, (_, i) =>
        Math.sin(trial * 977 + i * 131.7 + (trial * i) / 7),
      );
      if (randomisationTest(values, new Array<number>(20).fill(0), { permutations: 199 }).p <= 0.05) below++;
    }
    expect(below).toBeLessThanOrEqual(22);
  });

  test('refuses what cannot be paired', () => {
    for (const [a, b] of [
      [[], []],
      [[1], [1, 2]],
      [[Number.NaN], [1]],
    ])
      expect(() => randomisationTest(a, b)).toThrow(/SETTING_INVALID/);
    expect(() => randomisationTest([1], [2], { permutations: 0 })).toThrow(/SETTING_INVALID/);
  });
});

test('pairedT of equal differences, and of a single pair', () => {
  expect(pairedT([1, 2], [1, 2])).toMatchObject({ t: 0, p: 1 });
  expect(pairedT([1, 1], [0, 0])).toMatchObject({ t: Number.POSITIVE_INFINITY, p: 0 });
  expect(pairedT([1], [0]).p).toBeNaN();
  expect(pairedT([1, 2, 4], [0, 2, 2]).t).toBeCloseTo(Math.sqrt(3), 12);
});

describe('holm', () => {
  test('by hand', () => {
    const adjusted = holm([0.01, 0.04, 0.03]);
    [0.03, 0.06, 0.06].forEach((value, i) => {
      expect(adjusted[i]).toBeCloseTo(value, 14);
    });
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
    expect(holm([0.2])).toEqual([0.2]);
  });

  test('a test that could not be made stays NaN and is not counted', () => {
    expect(holm([Number.NaN, 0.01, 0.02])).toEqual([Number.NaN, 0.02, 0.02]);
  });
});

describe('bootstrapInterval', () => {
  test('values of one cluster move together: one cluster has no width', () => {
    const values = [0.1, 0.5, 0.9];
    const one = bootstrapInterval(values, { clusters: ['q', 'q', 'q'] });
    expect(one).toMatchObject({ low: one.mean, high: one.mean, clusters: 1 });
    const apart = bootstrapInterval(values);
    expect(apart.low).toBeLessThan(0.3);
    expect(apart.high).toBeGreaterThan(0.7);
  });

  test('copies of a question in several languages add no evidence', () => {
    const values = Array.from({ length: 30 }, (_, i) => Math.abs(Math.sin(i * 12.9898)));
    const copies = values.flatMap((value) => [value, value, value]);
    const clusters = values.flatMap((_, i) => [`${i}`, `${i}`, `${i}`]);
    const single = bootstrapInterval(values);
    const copied = bootstrapInterval(copies, { clusters });
    expect(copied.low).toBeCloseTo(single.low, 12);
    expect(copied.high).toBeCloseTo(single.high, 12);
  });

  test('a wider level gives a wider interval; bad settings are refused', () => {
    const values = [0, 0.2, 0.4, 0.9, 1];
    expect(bootstrapInterval(values, { level: 0.99 }).high).toBeGreaterThan(
      bootstrapInterval(values, { level: 0.5 }).high,
    );
    for (const options of [{ level: 1 }, { resamples: 0 }, { clusters: ['a'] }])
      expect(() => bootstrapInterval(values, options)).toThrow(/SETTING_INVALID/);
    expect(() => bootstrapInterval([])).toThrow(/SETTING_INVALID/);
    expect(() => bootstrapInterval([1 / 0])).toThrow(/SETTING_INVALID/);
  });

  test('quantile interpolates', () => {
    expect(quantile([1, 2, 4], 0.25)).toBe(1.5);
    expect(quantile([1, 2, 4], 1)).toBe(4);
    expect(quantile([7], 0.3)).toBe(7);
  });
});

test('equivalenceTest: equal systems are equivalent, distant ones are not, one pair proves nothing', () => {
  expect(equivalenceTest([0.3, 0.4], [0.3, 0.4], 0.02)).toMatchObject({ p: 0, pNotWorse: 0 });
  expect(equivalenceTest([0.3, 0.4], [0.5, 0.6], 0.02).pNotWorse).toBe(1);
  expect(equivalenceTest([0.3], [0.3], 0.02).p).toBeNaN();
  expect(() => equivalenceTest([1], [1], 0)).toThrow(/SETTING_INVALID/);
});
