import { expect, test } from 'vitest';
import { nDCG } from './ndcg.ts';
import { example, hopeless, silent } from './ranking.fixture.ts';

const log = Math.log2;

test('nDCG by hand: gains 2 at rank 2 and 1 at rank 4, ideal 3, 2, 1', () => {
  const dcg = 2 / log(3) + 1 / log(5);
  const ideal = 3 + 2 / log(3) + 1 / 2;
  expect(nDCG().value(example)).toBeCloseTo(dcg / ideal, 14);
  expect(nDCG(10).value(example)).toBeCloseTo(dcg / ideal, 14);
});

test('the cutoff cuts the ideal too', () => {
  expect(nDCG(2).value(example)).toBeCloseTo(2 / log(3) / (3 + 2 / log(3)), 14);
  expect(nDCG(1).value(example)).toBe(0);
});

test('the ideal ranking has 1; nothing found or nothing to find has 0', () => {
  const judged = Float64Array.of(3, 1, 0, -2);
  expect(nDCG(10).value({ grades: judged, judged })).toBe(1);
  expect(nDCG(10).value(silent)).toBe(0);
  expect(nDCG(10).value(hopeless)).toBe(0);
});
