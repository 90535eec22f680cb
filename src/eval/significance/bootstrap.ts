/** Bootstrap confidence intervals of a mean, resampling whole clusters of values that belong together. */
import { RefractError } from '../../errors.ts';
import { RandomStream } from '../../random.ts';

/** Settings of {@link bootstrapInterval}. */
export interface BootstrapOptions {
  /**
   * The cluster of each value, e.g. the question of which it is one language's version. Each value is its
   * own cluster when left out.
   */
  readonly clusters?: readonly string[];
  /** Resamples; default 10,000. */
  readonly resamples?: number;
  /** Coverage of the interval, in (0, 1); default 0.95. */
  readonly level?: number;
  /** Seed of the stream `bootstrap`; default 1. */
  readonly seed?: number;
}

/** A mean and its interval. */
export interface BootstrapInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Number of clusters that were resampled. */
  readonly clusters: number;
}

/**
 * Percentile bootstrap interval of the mean (Efron 1979), clustered.
 *
 * The same question asked in several languages gives values that rise and fall together; resampling the
 * values one by one would pretend to more evidence than there is. So whole clusters are drawn with
 * replacement, as many as there are, and the mean of all values drawn is one resample. The interval runs
 * between the (1 - level) / 2 and (1 + level) / 2 quantiles, interpolated linearly.
 *
 * @param values e.g. the nDCG@10 of each query, or differences between two systems
 * @throws RefractError `SETTING_INVALID` when nothing is given, a value is not finite, lengths differ, or a
 *   setting is out of range
 * @example bootstrapInterval([0.2, 0.4, 0.9], { clusters: ['q1', 'q1', 'q2'] })
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  { clusters, resamples = 10_000, level = 0.95, seed = 1 }: BootstrapOptions = {},
): BootstrapInterval {
  if (!(Number.isSafeInteger(resamples) && resamples >= 1 && level > 0 && level < 1)) {
    throw new RefractError('SETTING_INVALID', `${resamples} resamples, level ${level}`, {
      hint: 'Resamples are a whole number of at least 1, the level lies between 0 and 1.',
    });
  }
  const { sums, counts } = clusterSums(values, clusters);
  const n = sums.length;
  const stream = new RandomStream(seed, 'bootstrap');
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < n; i++) {
      const drawn = stream.below(n);
      sum += sums[drawn];
      count += counts[drawn];
    }
    means[resample] = sum / count;
  }
  means.sort();
  const total = sums.reduce((x, y) => x + y, 0);
  return {
    mean: total / values.length,
    low: quantile(means, (1 - level) / 2),
    high: quantile(means, (1 + level) / 2),
    clusters: n,
  };
}

/** The quantile of sorted values, interpolated linearly between the two nearest. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

function clusterSums(values: ArrayLike<number>, clusters: readonly string[] | undefined) {
  if (values.length === 0 || (clusters !== undefined && clusters.length !== values.length)) {
    throw new RefractError(
      'SETTING_INVALID',
      `${values.length} values in ${clusters?.length ?? 0} clusters`,
      {
        hint: 'Give at least one value and the cluster of each.',
      },
    );
  }
  const ordinals = new Map<string, number>();
  const sums: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RefractError('SETTING_INVALID', `value ${i + 1} of a bootstrap is not a number`, {
        hint: 'Measures are finite; look for a missing query.',
      });
    }
    const key = clusters?.[i];
    let cluster = key === undefined ? undefined : ordinals.get(key);
    if (cluster === undefined) {
      cluster = sums.length;
      if (key !== undefined) ordinals.set(key, cluster);
      sums.push(0);
      counts.push(0);
    }
    sums[cluster] += values[i];
    counts[cluster]++;
  }
  return { sums: Float64Array.from(sums), counts: Float64Array.from(counts) };
}
