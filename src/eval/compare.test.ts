import { describe, expect, test } from 'vitest';
import { adjustTests, compareRuns, testDifferences } from './compare.ts';
import { compareLanguages } from './compare-languages.ts';
import { summariseLanguages } from './languages.ts';
import { byCluster } from './significance/paired.ts';

const IDS = Array.from({ length: 12 }, (_, i) => `q${i}`);
const judgments = IDS.map((query) => ({ query, passage: 'right', grade: 1 }));
/** The right passage first for the first `good` queries, else second. */
const run = (good: number) =>
  IDS.flatMap((query, i) => [
    { query, passage: 'right', score: i < good ? 2 : 0 },
    { query, passage: 'wrong', score: 1 },
  ]);

describe('compareRuns', () => {
  test('margin, intervals and t test on demand', () => {
    const { systems, comparisons } = compareRuns(
      judgments,
      [
        { name: 'base', entries: run(6) },
        { name: 'more', entries: run(12) },
        { name: 'same', entries: run(6) },
      ],
      ['RR'],
      { margin: 0.05, intervals: true, permutations: 2000 },
    );
    const [more, same] = comparisons;
    expect(more.difference).toBeCloseTo(0.25, 12);
    expect(more.p).toBeLessThan(0.05);
    expect(more.adjusted).toBeCloseTo(2 * more.p, 12);
    expect(more.notWorse).toBeLessThan(0.01);
    expect(more.equivalent).toBeGreaterThan(0.9);
    expect([same.p, same.t, same.notWorse, same.equivalent]).toEqual([1, 1, 0, 0]);
    const { low = 0, high = 0 } = systems[0].intervals?.get('RR') ?? {};
    expect(low).toBeLessThan(0.75);
    expect(high).toBeGreaterThan(0.75);
  });

  test('versions of one question are one observation', () => {
    const two = [
      { name: 'base', entries: run(6) },
      { name: 'more', entries: run(12) },
    ];
    const alone = compareRuns(judgments, two, ['RR']).comparisons[0];
    // The six queries that differ are versions of two questions.
    const clusters = new Map(IDS.slice(6).map((query, i) => [query, `question ${i % 2}`]));
    const together = compareRuns(judgments, two, ['RR'], { clusters }).comparisons[0];
    expect(together.difference).toBeCloseTo(alone.difference, 12);
    // Two signs: half of the assignments are as extreme, as against 2 of 64.
    expect(together.p).toBeCloseTo(0.5, 1);
    expect(alone.p).toBeCloseTo(2 / 64, 2);
  });
});

test('clusters keep the mean', () => {
  const values = Float64Array.of(0.2, 0.4, 0.6, 0);
  const merged = byCluster(values, ['a', 'a', 'b', 'c']);
  expect(merged.reduce((sum, value) => sum + value, 0) / merged.length).toBeCloseTo(0.3, 14);
  expect(byCluster(values, undefined)).toBe(values);
});

test("Holm's adjustment runs over differences and over harm by themselves", () => {
  const tests = [0.01, 0.04].map((p) => ({
    system: 's',
    measure: 'm',
    difference: 0,
    p,
    t: p,
    notWorse: p / 10,
  }));
  expect(adjustTests(tests).map(({ adjusted, notWorseAdjusted }) => [adjusted, notWorseAdjusted])).toEqual([
    [0.02, 0.002],
    [0.04, 0.004],
  ]);
  expect(testDifferences(Float64Array.of(1, 1, 1), { permutations: 100 }).notWorse).toBeUndefined();
});

describe('languages', () => {
  test('summary by hand', () => {
    const values = new Map([
      ['de', 0.6],
      ['fr', 0.4],
      ['sw', 0.2],
      ['so', 0.2],
    ]);
    expect(summariseLanguages(values, new Set(['sw', 'so', 'yo']))).toEqual({
      macro: 0.35,
      worst: { language: 'sw', value: 0.2 },
      low: 0.2,
      high: 0.5,
      gap: 0.3,
    });
    expect(summariseLanguages(values).gap).toBeUndefined();
    expect(() => summariseLanguages(new Map())).toThrow(/SETTING_INVALID/);
  });

  const systems = [
    {
      name: 'A',
      runs: new Map([
        ['de', run(12)],
        ['sw', run(0)],
      ]),
    },
    {
      name: 'B',
      runs: new Map([
        ['de', run(12)],
        ['sw', run(6)],
      ]),
    },
  ];
  const judged = new Map([
    ['de', judgments],
    ['sw', judgments.slice(0, 6)],
  ]);

  test('every language counts the same, whatever its number of queries', () => {
    const result = compareLanguages(judged, systems, ['RR'], {
      low: new Set(['sw']),
      intervals: true,
    });
    expect(result.systems.map(({ summaries }) => summaries.get('RR')?.macro)).toEqual([0.75, 1]);
    expect(result.systems[0].summaries.get('RR')?.gap).toBe(0.5);
    expect(result.systems[0].intervals?.get('RR')?.mean).toBeCloseTo(0.75, 12);
    const [german, swahili, macro] = result.comparisons;
    expect([german.language, swahili.language, macro.language]).toEqual(['de', 'sw', 'macro']);
    expect([german.difference, swahili.difference]).toEqual([0, 0.5]);
    expect(macro.difference).toBeCloseTo(0.25, 12);
    expect(macro.p).toBeCloseTo(2 / 64, 2);
    expect(swahili.adjusted).toBeGreaterThan(2 * swahili.p);
  });

  test('systems need the same languages, and judgments in each', () => {
    const odd = [systems[0], { name: 'C', runs: new Map([['de', run(1)]]) }];
    expect(() => compareLanguages(judged, odd, ['RR'])).toThrow(
      /C has runs in de, A in de, sw .*SETTING_INVALID/,
    );
    expect(() => compareLanguages(new Map([['de', judgments]]), systems, ['RR'])).toThrow(
      /no judgments in sw/,
    );
    expect(() => compareLanguages(judged, [systems[0], systems[0]], ['RR'])).toThrow(/two systems "A"/);
    expect(() => compareLanguages(judged, [], ['RR'])).toThrow(/no run/);
    expect(() => compareLanguages(judged, systems, ['RR'], { baseline: 'a' })).toThrow(/Did you mean A\?/);
  });
});
