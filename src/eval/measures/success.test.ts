import { expect, test } from 'vitest';
import { example, hopeless, silent } from './ranking.fixture.ts';
import { Success } from './success.ts';

test('Success by hand: found from rank 2 on', () => {
  expect([Success(1), Success(2), Success(10)].map((measure) => measure.value(example))).toEqual([0, 1, 1]);
  expect(Success(10, 3).value(example)).toBe(0);
});

test('nothing found or nothing to find has 0', () => {
  expect(Success(5).value(silent)).toBe(0);
  expect(Success(5).value(hopeless)).toBe(0);
});
