import { describe, expect, test } from 'vitest';
import { evaluate, pairedValues } from './evaluate.ts';
import { RR } from './measures/reciprocal-rank.ts';

const judgments = [
  { query: 'q1', passage: 'a', grade: 1 },
  { query: 'q2', passage: 'b', grade: 1 },
  { query: 'q3', passage: 'c', grade: 1 },
];
const run = [
  { query: 'q2', passage: 'a', score: 2 },
  { query: 'q2', passage: 'b', score: 1 },
  { query: 'q1', passage: 'a', score: 1 },
  { query: 'q9', passage: 'a', score: 1 },
];

describe('evaluate', () => {
  test('means run over all judged queries; missing ones count 0 and are reported', () => {
    const result = evaluate(judgments, run, ['RR@10', 'R@1']);
    expect(result.measures).toEqual(['RR@10', 'R@1']);
    expect(result.queries).toEqual(['q1', 'q2', 'q3']);
    expect([...(result.perQuery.get('RR@10') ?? [])]).toEqual([
      ['q1', 1],
      ['q2', 0.5],
      ['q3', 0],
    ]);
    expect(result.means.get('RR@10')).toBeCloseTo(0.5, 14);
    expect(result.means.get('R@1')).toBeCloseTo(1 / 3, 14);
    expect(result.missing).toEqual(['q3']);
    expect(result.unjudged).toEqual(['q9']);
  });

  test('with topics: retrieved, over those with results only', () => {
    const result = evaluate(judgments, run, ['RR@10'], { topics: 'retrieved' });
    expect(result.queries).toEqual(['q1', 'q2']);
    expect(result.means.get('RR@10')).toBe(0.75);
    expect(result.missing).toEqual(['q3']);
  });

  test('measures may be given as objects or by alias', () => {
    const { means } = evaluate(judgments, run, [RR(1), 'MRR']);
    expect([...means.keys()]).toEqual(['RR@1', 'RR']);
  });

  test('an empty run has 0 everywhere', () => {
    const result = evaluate(judgments, [], ['AP']);
    expect(result.means.get('AP')).toBe(0);
    expect(result.missing).toHaveLength(3);
    expect(evaluate(judgments, [], ['AP'], { topics: 'retrieved' }).means.get('AP')).toBe(0);
  });

  test('a run for other queries, and no judgments, are errors', () => {
    expect(() => evaluate(judgments, [{ query: 'x', passage: 'a', score: 1 }], ['AP'])).toThrow(/UNKNOWN_ID/);
    expect(() => evaluate([], run, ['AP'])).toThrow(/FILE_EMPTY/);
    expect(() => evaluate(judgments, run, ['APP@x'])).toThrow(/SETTING_UNKNOWN/);
  });
});

describe('pairedValues', () => {
  const a = evaluate(judgments, run, ['RR@10']);

  test('aligns by query', () => {
    const b = evaluate([...judgments].reverse(), run.slice(2), ['RR@10']);
    expect(pairedValues(a, b, 'mrr@10')).toEqual([Float64Array.of(1, 0.5, 0), Float64Array.of(1, 0, 0)]);
  });

  test('refuses a measure or queries that one side lacks', () => {
    expect(() => pairedValues(a, a, 'AP')).toThrow(/SETTING_UNKNOWN/);
    const fewer = evaluate(judgments, run, ['RR@10'], { topics: 'retrieved' });
    expect(() => pairedValues(a, fewer, 'RR@10')).toThrow(/query q3/);
    expect(() => pairedValues(fewer, a, 'RR@10')).toThrow(/query q3/);
  });
});
