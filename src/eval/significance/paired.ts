/** Paired values and their first moments, for the tests of this folder. */
import { RefractError } from '../../errors.ts';

/**
 * a - b, position by position.
 *
 * @throws RefractError `SETTING_INVALID` when lengths differ, nothing is given, or a value is not finite
 */
export function differences(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length || a.length === 0) {
    throw new RefractError('SETTING_INVALID', `a paired test of ${a.length} and ${b.length} values`, {
      hint: 'Give the values of the same queries, in the same order, for both systems.',
    });
  }
  const result = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) {
    result[i] = a[i] - b[i];
    if (!Number.isFinite(result[i])) {
      throw new RefractError('SETTING_INVALID', `value ${i + 1} of a paired test is not a number`, {
        hint: 'Measures are finite; look for a missing query.',
      });
    }
  }
  return result;
}

/** Mean and standard error of the mean (with n - 1) of some differences; the error is NaN for n = 1. */
export function moments(values: Float64Array): { mean: number; standardError: number } {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value / n;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, standardError: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1) / n) };
}

/**
 * Differences summed up by cluster, for tests in which a cluster counts as one observation: the same question in
 * several languages is one question. Values are scaled so that their mean is that of all differences.
 *
 * @param clusters the cluster of each difference; without them every difference is its own
 * @example byCluster(Float64Array.of(0.2, 0.4, 0.6), ['q1', 'q1', 'q2']) // [0.4, 0.4]: (.6, .6) * 2 / 3
 */
export function byCluster(values: Float64Array, clusters: readonly string[] | undefined): Float64Array {
  if (clusters === undefined) return values;
  const sums = new Map<string, number>();
  for (const [i, cluster] of clusters.entries()) sums.set(cluster, (sums.get(cluster) ?? 0) + values[i]);
  return Float64Array.from(sums.values(), (sum) => (sum * sums.size) / values.length);
}
