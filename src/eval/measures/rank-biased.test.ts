import { expect, test } from 'vitest';
import { rankBiasedPrecision, rankBiasedResidual } from './rank-biased.ts';
import { example, hopeless, silent } from './ranking.fixture.ts';

test('RBP by hand: grades 2 and 1 at ranks 2 and 4, the highest judged is 3', () => {
  expect(rankBiasedPrecision(example, 0.5)).toBeCloseTo(0.5 * (0.5 * (2 / 3) + 0.125 * (1 / 3)), 14);
});

test('the residual: rank 3 unjudged, rank 5 below 0, and all below rank 5', () => {
  expect(rankBiasedResidual(example, 0.5)).toBeCloseTo(0.5 * (0.25 + 0.0625) + 0.5 ** 5, 14);
});

test('a ranking and what is unknown of it add up to 1 at most', () => {
  expect(rankBiasedPrecision(example) + rankBiasedResidual(example)).toBeLessThan(1);
  expect(rankBiasedResidual(silent)).toBe(1);
});

test('nothing found or nothing to find has 0', () => {
  expect(rankBiasedPrecision(silent)).toBe(0);
  expect(rankBiasedPrecision(hopeless)).toBe(0);
});
