/** Bootstrap intervals of many series over the same questions, with one set of draws for all of them. */
import { quantile } from '../../eval/significance/bootstrap.ts';
import { RandomStream } from '../../random.ts';

/** A 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile intervals of 95 % of the mean of each series, resampling questions (Efron 1979). All series see the same
 * draws, so a report needs them once for each test set and not once for each figure.
 *
 * @param series [series][questions], all of the same length
 * @param seed of the stream `study report/bootstrap`
 * @example bootstrapIntervals([[0, 1, 0, 1]], 10_000, 1) // [{ low: 0, high: 1 }]
 */
export function bootstrapIntervals(
  series: readonly ArrayLike<number>[],
  resamples: number,
  seed: number,
): Interval[] {
  const width = series.length;
  const n = series[0]?.length ?? 0;
  if (series.some(({ length }) => length !== n)) throw new Error('series over different questions');
  // [questions][series], so that a drawn question is one piece of memory.
  const table = new Float64Array(n * width);
  for (const [s, values] of series.entries()) for (let q = 0; q < n; q++) table[q * width + s] = values[q];
  const means = series.map(() => new Float64Array(resamples));
  const stream = new RandomStream(seed, 'study report/bootstrap');
  const sums = new Float64Array(width);
  const drawn = new Uint32Array(n);
  for (let resample = 0; resample < resamples; resample++) {
    sums.fill(0);
    drawn.fill(0);
    for (let i = 0; i < n; i++) drawn[stream.below(n)]++;
    for (let q = 0; q < n; q++) {
      const times = drawn[q];
      if (times === 0) continue;
      const from = q * width;
      for (let s = 0; s < width; s++) sums[s] += times * table[from + s];
    }
    for (let s = 0; s < width; s++) means[s][resample] = sums[s] / n;
  }
  return means.map((sorted) => {
    sorted.sort();
    return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}
