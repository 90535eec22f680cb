import { expect, test } from 'vitest';
import { Judged } from './judged.ts';
import { example, silent } from './ranking.fixture.ts';

test('Judged by hand: rank 3 is not judged; a grade of 0 or less is a judgment', () => {
  expect([Judged(2), Judged(4), Judged()].map((measure) => measure.value(example))).toEqual([
    1,
    3 / 4,
    4 / 5,
  ]);
});

test('a short ranking is divided by its own length, an empty one has 0', () => {
  expect(Judged(100).value(example)).toBe(4 / 5);
  expect(Judged(10).value(silent)).toBe(0);
});
