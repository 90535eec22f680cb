import { expect, test } from 'vitest';
import { Rprec } from './r-precision.ts';
import { example, hopeless, silent } from './ranking.fixture.ts';

test('Rprec by hand: one relevant passage in the first three, of three', () => {
  expect(Rprec().value(example)).toBe(1 / 3);
  expect(Rprec(2).value(example)).toBe(1 / 2);
});

test('nothing found or nothing to find has 0', () => {
  expect(Rprec().value(silent)).toBe(0);
  expect(Rprec().value(hopeless)).toBe(0);
});
