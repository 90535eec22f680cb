import { expect, test } from 'vitest';
import { example, hopeless, silent } from './ranking.fixture.ts';
import { RR } from './reciprocal-rank.ts';

test('RR by hand: the first relevant passage is at rank 2', () => {
  expect(RR().value(example)).toBe(1 / 2);
  expect(RR(2).value(example)).toBe(1 / 2);
  expect(RR(1).value(example)).toBe(0);
});

test('a higher level looks past lower grades', () => {
  const ranking = { grades: Float64Array.of(1, Number.NaN, 3), judged: Float64Array.of(3, 1) };
  expect(RR(10, 2).value(ranking)).toBe(1 / 3);
});

test('nothing found or nothing to find has 0', () => {
  expect(RR().value(silent)).toBe(0);
  expect(RR().value(hopeless)).toBe(0);
});
