import { expect, test } from 'vitest';
import { example, hopeless, silent } from './ranking.fixture.ts';
import { R } from './recall.ts';

test('R by hand: two of three relevant passages, the second at rank 4', () => {
  expect([R(1), R(2), R(3), R(4), R()].map((measure) => measure.value(example))).toEqual([
    0,
    1 / 3,
    1 / 3,
    2 / 3,
    2 / 3,
  ]);
  expect(R(4, 2).value(example)).toBe(1 / 2);
});

test('nothing found or nothing to find has 0', () => {
  expect(R(5).value(silent)).toBe(0);
  expect(R(5).value(hopeless)).toBe(0);
});
