import { expect, it } from 'vitest';
import { LossScale } from './loss-scale.ts';

it('halves on an overflow, and does not count that update', () => {
  const scale = new LossScale();
  expect(scale.value).toBe(65536);
  expect(scale.accepts(Number.POSITIVE_INFINITY)).toBe(false);
  expect(scale.accepts(Number.NaN)).toBe(false);
  expect(scale.accepts(1)).toBe(true);
  expect(scale.value).toBe(16384);
  expect(scale.made(10)).toBe(8);
});

it('doubles after 2000 good updates in a row, up to a limit', () => {
  const scale = new LossScale({ scale: 2 ** 23, good: 0, skipped: 0 });
  for (let n = 0; n < 1999; n++) scale.accepts(1);
  expect(scale.value).toBe(2 ** 23);
  scale.accepts(1);
  expect(scale.value).toBe(2 ** 24);
  for (let n = 0; n < 2000; n++) scale.accepts(1);
  expect(scale.value).toBe(2 ** 24);
  expect(new LossScale(scale.save()).value).toBe(2 ** 24);
});

it('is exhausted when halving has not helped', () => {
  const scale = new LossScale();
  for (let n = 0; n < 26; n++) scale.accepts(Number.NaN);
  expect(scale.exhausted).toBe(false);
  scale.accepts(Number.NaN);
  expect(scale.exhausted).toBe(true);
});
