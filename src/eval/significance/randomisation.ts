/** The paired randomisation (sign-flip) test: no assumption about the shape of the differences. */
import { RefractError } from '../../errors.ts';
import { RandomStream } from '../../random.ts';
import { differences } from './paired.ts';

/** Settings of {@link randomisationTest}. */
export interface RandomisationOptions {
  /** B, the number of random sign assignments; default 10,000. */
  readonly permutations?: number;
  /** Seed of the stream `randomisation`; default 1. */
  readonly seed?: number;
}

/** Outcome of {@link randomisationTest}. */
export interface RandomisationResult {
  /** mean(a) - mean(b) */
  readonly difference: number;
  /** Two-sided. */
  readonly p: number;
  readonly permutations: number;
}

/** Sums that differ by rounding only count as equal. */
const TOLERANCE = 1e-12;

/**
 * Paired randomisation test, two-sided. Under the null hypothesis the two systems are interchangeable on
 * every query, so the sign of each difference is a fair coin (Smucker, Allan and Carterette 2007):
 *
 *     p = (1 + #{ |d*| >= |d| }) / (B + 1)
 *
 * d is the observed mean difference and d* the mean after flipping each sign at random. The observed
 * assignment counts as one of the draws, so p is never 0 and the test is never too liberal.
 *
 * @param a @param b values per query, paired by position
 * @throws RefractError `SETTING_INVALID` when lengths differ, nothing is given, or a value is not finite
 * @example randomisationTest([.5, .6, .7], [.4, .4, .6]).p // 0.25, nearly: all three agree, one case in four
 */
export function randomisationTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { permutations = 10_000, seed = 1 }: RandomisationOptions = {},
): RandomisationResult {
  if (!(Number.isSafeInteger(permutations) && permutations >= 1)) {
    throw new RefractError('SETTING_INVALID', `${permutations} permutations`, {
      hint: 'Give a whole number of at least 1; 10000 is usual.',
    });
  }
  const all = differences(a, b);
  let observed = 0;
  let size = 0;
  for (const d of all) {
    observed += d;
    size += Math.abs(d);
  }
  // A difference of 0 has no sign to flip.
  const live = all.filter((d) => d !== 0);
  const limit = Math.abs(observed) - TOLERANCE * size;
  const stream = new RandomStream(seed, 'randomisation');
  let extreme = 0;
  for (let draw = 0; draw < permutations; draw++) {
    let flipped = 0;
    for (let start = 0; start < live.length; start += 32) {
      const end = Math.min(start + 32, live.length);
      let bits = stream.uint32();
      for (let i = start; i < end; i++) {
        // Multiplying by 0 or 1 is faster here than a branch that is taken at random.
        flipped += live[i] * (bits & 1);
        bits >>>= 1;
      }
    }
    if (Math.abs(observed - 2 * flipped) >= limit) extreme++;
  }
  return { difference: observed / all.length, p: (1 + extreme) / (permutations + 1), permutations };
}
