import { expect, test } from 'vitest';
import { P } from './precision.ts';
import { example, hopeless, silent } from './ranking.fixture.ts';

test('P by hand: relevant at ranks 2 and 4; a short ranking is divided by k', () => {
  expect([P(1), P(2), P(4), P(10)].map((measure) => measure.value(example))).toEqual([
    0,
    1 / 2,
    1 / 2,
    1 / 5,
  ]);
  expect(P(2, 2).value(example)).toBe(1 / 2);
  expect(P(4, 2).value(example)).toBe(1 / 4);
});

test('nothing found or nothing to find has 0', () => {
  expect(P(5).value(silent)).toBe(0);
  expect(P(5).value(hopeless)).toBe(0);
});
