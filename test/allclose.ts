/**
 * The matcher `toBeAllclose`: numbers agree element by element, |a - b| <= absolute + relative |b|, as
 * NumPy's `allclose` has it. Import this file for its effect in the tests that use the matcher.
 */
import { expect } from 'vitest';

/** Tolerances; `ofScale` adds this share of the expected tensor's largest magnitude to `absolute`. */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
  readonly ofScale?: number;
}

/** The first element that disagrees, with what was allowed, or undefined. */
export function firstDifference(
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance = {},
): string | undefined {
  const { relative = 1e-4, absolute = 1e-6, ofScale = 0 } = tolerance;
  if (received.length !== expected.length) return `${received.length} numbers, not ${expected.length}`;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    const allowed = absolute + ofScale * scale + relative * Math.abs(expected[i]);
    if (!(Math.abs(received[i] - expected[i]) <= allowed)) {
      return `element ${i}: ${received[i]}, not ${expected[i]} (allowed difference ${allowed})`;
    }
  }
  return undefined;
}

expect.extend({
  toBeAllclose(received: ArrayLike<number>, expected: ArrayLike<number>, tolerance?: Tolerance) {
    const difference = firstDifference(received, expected, tolerance);
    return {
      pass: difference === undefined,
      message: () => difference ?? 'all numbers agree, but were expected not to',
    };
  },
});

declare module 'vitest' {
  interface Matchers<T> {
    /** Agrees element by element; relative 1e-4 and absolute 1e-6 unless told otherwise. */
    toBeAllclose(expected: ArrayLike<number>, tolerance?: Tolerance): T;
  }
}
