import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, judgeRanking, judgmentTable, rankings, relevantCount } from './ranking.ts';

const entry = (passage: string, score: number, query = 'q') => ({ query, passage, score });
const order = (...run: ReturnType<typeof entry>[]) => rankings(run).get('q')?.passages;

describe('rankings', () => {
  test('orders by score, equal scores by id descending, whatever the order of the lines', () => {
    expect(order(entry('a', 1), entry('c', 2), entry('b', 2))).toEqual(['c', 'b', 'a']);
    expect(order(entry('b', 2), entry('a', 1), entry('c', 2))).toEqual(['c', 'b', 'a']);
  });

  test('scores that differ only beyond single precision are equal', () => {
    expect(order(entry('a', 1 + 1e-9), entry('b', 1))).toEqual(['b', 'a']);
    expect(order(entry('a', 1 + 1e-6), entry('b', 1))).toEqual(['a', 'b']);
    expect(order(entry('a', 0), entry('b', -0))).toEqual(['b', 'a']);
  });

  test('infinite scores rank first and last', () => {
    expect(order(entry('a', Number.NEGATIVE_INFINITY), entry('b', 3), entry('c', 1 / 0))).toEqual([
      'c',
      'b',
      'a',
    ]);
  });

  test('the order of the definition on runs in order, nearly in order and in none', () => {
    const passage = fc.record({ passage: fc.string({ unit: 'binary', maxLength: 3 }), score: fc.nat(6) });
    const byDefinition = (run: { passage: string; score: number }[]) =>
      run
        .toSorted(
          (a, b) => b.score - a.score || Buffer.compare(Buffer.from(b.passage), Buffer.from(a.passage)),
        )
        .map((each) => each.passage);
    fc.assert(
      fc.property(
        fc.uniqueArray(passage, { selector: (each) => each.passage, minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (run, falling) => {
          if (falling) run.sort((a, b) => b.score - a.score);
          expect(order(...run.map((each) => entry(each.passage, each.score)))).toEqual(byDefinition(run));
        },
      ),
    );
  });

  test('keeps queries apart, in the order of the run', () => {
    const run = rankings([entry('a', 1, 'q2'), entry('a', 1, 'q1'), entry('b', 2, 'q2')]);
    expect([...run.keys()]).toEqual(['q2', 'q1']);
    expect(run.get('q2')?.passages).toEqual(['b', 'a']);
  });

  test('refuses NaN and a passage that occurs twice, naming both ids', () => {
    expect(() => rankings([entry('a', Number.NaN)])).toThrow(/query q, passage a.*\[RUN_FORMAT\]/);
    expect(() => rankings([entry('a', 1), entry('a', 2)])).toThrow(/query q: passage a occurs twice/);
  });
});

describe('compareBytes', () => {
  test('U+1F33E comes after U+FF21, as its bytes do', () => {
    expect(compareBytes('\u{1f33e}', '\uff21')).toBeGreaterThan(0);
    expect('\u{1f33e}' < '\uff21').toBe(true);
  });

  test('agrees with a comparison of UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

test('judgmentTable groups, and refuses a second judgment and a grade that is not a number', () => {
  const judgment = { query: 'q', passage: 'a', grade: 2 };
  expect(judgmentTable([judgment]).get('q')?.get('a')).toBe(2);
  expect(() => judgmentTable([judgment, { ...judgment, grade: 0 }])).toThrow(/judged twice/);
  expect(() => judgmentTable([{ ...judgment, grade: Number.NaN }])).toThrow(/RUN_FORMAT/);
});

test('judgeRanking joins grades by rank and sorts all of them', () => {
  const grades = new Map([
    ['a', 1],
    ['b', -1],
    ['c', 10],
    ['d', 2],
  ]);
  const { grades: byRank, judged } = judgeRanking({ query: 'q', passages: ['b', 'x', 'c'] }, grades);
  expect([...byRank]).toEqual([-1, Number.NaN, 10]);
  expect([...judged]).toEqual([10, 2, 1, -1]);
  expect(relevantCount(judged, 1)).toBe(3);
  expect(relevantCount(judged, 2)).toBe(2);
  expect(judgeRanking(undefined, grades).grades).toHaveLength(0);
});
