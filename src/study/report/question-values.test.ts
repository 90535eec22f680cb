/** Values by question, checked by hand. */
import { describe, expect, it } from 'vitest';
import { averageOverSeeds, groupWeights, questionDifferences, questionValues } from './question-values.ts';
import { bootstrapIntervals } from './resampling.ts';

const of = (values: Record<string, number>) => ({ queries: 0, means: {}, values: { m: values } });
const low = new Set(['sw', 'so']);

describe('groupWeights', () => {
  it('gives macro averages and their difference', () => {
    const groups = groupWeights(['sw', 'de', 'so'], low);
    expect([...(groups.get('low') ?? [])]).toEqual([
      ['sw', 0.5],
      ['so', 0.5],
    ]);
    expect([...(groups.get('high') ?? [])]).toEqual([['de', 1]]);
    expect([...(groups.get('gap') ?? [])]).toEqual([
      ['de', 1],
      ['sw', -0.5],
      ['so', -0.5],
    ]);
  });

  it('has no gap without both groups', () => {
    expect([...groupWeights(['sw'], low).keys()]).toEqual(['low']);
  });
});

describe('questionValues', () => {
  it('takes a question in several languages for one, and keeps the macro average', () => {
    // sw: mean of .2 and .6 = .4; so: .9 alone. Macro .65.
    const scores = { sw: of({ q1: 0.2, q2: 0.6 }), so: of({ q1: 0.9 }) };
    const values = questionValues(
      scores,
      'm',
      new Map([
        ['sw', 0.5],
        ['so', 0.5],
      ]),
    );
    // q1: 2 * (.5 * .2 / 2 + .5 * .9 / 1) = 1; q2: 2 * .5 * .6 / 2 = .3
    expect(values?.get('q1')).toBeCloseTo(1, 12);
    expect(values?.get('q2')).toBeCloseTo(0.3, 12);
  });

  it('is absent where a language or a measure is', () => {
    expect(questionValues({ sw: of({ q: 1 }) }, 'other', new Map([['sw', 1]]))).toBeUndefined();
    expect(questionValues({ sw: of({ q: 1 }) }, 'm', new Map([['so', 1]]))).toBeUndefined();
  });
});

describe('averageOverSeeds', () => {
  const runs = [
    { seed: 1, scores: { sw: of({ a: 0, b: 1 }) } },
    { seed: 2, scores: { sw: of({ a: 1, b: 1 }) } },
  ];
  const sw = new Map([['sw', 1]]);

  it('averages each question', () => {
    const average = averageOverSeeds(runs, 'm', sw);
    expect(average?.bySeed).toEqual([0.5, 1]);
    expect([...(average?.values ?? [])]).toEqual([
      ['a', 0.5],
      ['b', 1],
    ]);
    expect(averageOverSeeds(runs, 'm', sw, [2])?.mean).toBe(1);
    expect(averageOverSeeds(runs, 'm', sw, [3])).toBeUndefined();
  });

  it('pairs questions by name and refuses others', () => {
    const pair = (names: string) => new Map([...names].map((name, i) => [name, i]));
    expect([...questionDifferences(pair('ab'), pair('ba'))]).toEqual([-1, 1]);
    expect(() => questionDifferences(pair('ab'), pair('ac'))).toThrow('question b');
    expect(() => questionDifferences(pair('ab'), pair('a'))).toThrow('2 and on 1');
  });
});

describe('bootstrapIntervals', () => {
  it('has the quantiles of the binomial: 100 coin flips', () => {
    const flips = Array.from({ length: 100 }, (_, i) => i % 2);
    const [{ low: from, high: to }, constant] = bootstrapIntervals([flips, flips.map(() => 3)], 4000, 1);
    // Standard deviation .05: .5 -+ 1.96 * .05.
    expect(from).toBeCloseTo(0.4, 1);
    expect(to).toBeCloseTo(0.6, 1);
    expect(constant).toEqual({ low: 3, high: 3 });
  });
});
