import { expect, test } from 'vitest';
import {
  averageInterpolatedPrecision,
  ELEVEN_LEVELS,
  interpolatedPrecision,
} from './interpolated-precision.ts';
import { example, hopeless, silent } from './ranking.fixture.ts';

test('by hand: one of three found at rank 2 (1/2), two at rank 4 (1/2), the third never', () => {
  // A share of 3 passages is rounded to the nearest: .1 needs none, .2 to .4 one, .5 to .8 two, .9 all.
  const values = interpolatedPrecision(example, ELEVEN_LEVELS, 1);
  expect(values).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0]);
  expect(averageInterpolatedPrecision(example, 1)).toBeCloseTo(4.5 / 11, 14);
  expect(averageInterpolatedPrecision(example, 1, [0.5, 1])).toBe(0.25);
});

test('the best precision from a rank on holds for all lower levels', () => {
  const ranking = { grades: Float64Array.of(0, 1, 1, 0, 0, 1), judged: Float64Array.of(1, 1, 1) };
  expect(interpolatedPrecision(ranking, [0, 0.33, 0.66, 1], 1)).toEqual([2 / 3, 2 / 3, 2 / 3, 1 / 2]);
});

test('nothing found or nothing to find has 0', () => {
  expect(interpolatedPrecision(silent, [0, 1], 1)).toEqual([0, 0]);
  expect(interpolatedPrecision(hopeless, [0, 1], 1)).toEqual([0, 0]);
});
