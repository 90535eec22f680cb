import { expect, test } from 'vitest';
import { AP } from './average-precision.ts';
import { example, hopeless, silent } from './ranking.fixture.ts';

test('AP by hand: relevant at ranks 2 and 4 of three relevant passages', () => {
  expect(AP().value(example)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 14);
});

test('a cutoff drops ranks but not relevant passages', () => {
  expect(AP(3).value(example)).toBeCloseTo(1 / 2 / 3, 14);
});

test('at level 2 only rank 2 counts, of two relevant passages', () => {
  expect(AP(undefined, 2).value(example)).toBeCloseTo(1 / 2 / 2, 14);
});

test('with one relevant passage it is the reciprocal rank', () => {
  expect(AP().value({ grades: Float64Array.of(0, 0, 1), judged: Float64Array.of(1) })).toBeCloseTo(1 / 3, 14);
});

test('nothing found or nothing to find has 0', () => {
  expect(AP().value(silent)).toBe(0);
  expect(AP().value(hopeless)).toBe(0);
});
