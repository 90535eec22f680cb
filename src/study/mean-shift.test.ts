/** Mean shift by hand: means over tokens of all texts, and vectors of unit length again. */
import { expect, it } from 'vitest';
import { meanVector, shiftVectors } from './mean-shift.ts';

const text = (...values: number[]) => ({
  vectors: Float32Array.from(values),
  ids: new Int32Array(values.length / 2),
  count: values.length / 2,
});

it('averages over tokens, not texts', () => {
  expect([...meanVector([text(1, 0, 1, 0), text(0, 1)], 2)]).toEqual([2 / 3, 1 / 3]);
  expect([...meanVector([], 2)]).toEqual([0, 0]);
});

it('moves the mean and scales to unit length', () => {
  const { vectors, count } = shiftVectors(text(0, 1, 1, 0), { english: [1, 0], language: [0, 1] });
  expect(count).toBe(2);
  // (0,1) + (1,-1) = (1,0); (1,0) + (1,-1) = (2,-1), of length sqrt 5.
  [1, 0, 2 / Math.sqrt(5), -1 / Math.sqrt(5)].forEach((value, i) => {
    expect(vectors[i]).toBeCloseTo(value, 6);
  });
});
