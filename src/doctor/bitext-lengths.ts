/**
 * Lengths of the two sides against each other. Translations are about proportional (Gale and Church 1993): ln of the
 * ratio of lengths in characters spreads about its median, and pairs far from it are seldom translations.
 */
import { countGraphemes } from '../data/clean.ts';

/** What lengths tell. */
export interface LengthRatios {
  /** Characters of the target for each of the pivot: median, and the range of the middle 90 %. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Pairs far from the median. */
  readonly outliers: number;
  /** Indices of the farthest, farthest first. */
  readonly farthest: readonly number[];
}

/** Characters added to both sides, so that short sentences, whose lengths differ by chance, are spared. */
const SLACK = 10;
/** Outliers are farther from the median than this many robust standard deviations, and than the factor below. */
const DEVIATIONS = 4;
const FACTOR = 2;
/** A normal distribution's standard deviation over its median absolute deviation. */
const ROBUST = 1.4826;
const NAMED = 4;

/**
 * Ratios of the lengths of pairs.
 *
 * @example lengthRatios([{ pivot: 'a long sentence', target: 'x' }]).outliers // 0: one pair is its own median
 */
export function lengthRatios(
  pairs: readonly { readonly pivot: string; readonly target: string }[],
): LengthRatios {
  if (pairs.length === 0) return { median: 0, low: 0, high: 0, outliers: 0, farthest: [] };
  const logs = Float64Array.from(pairs, ({ pivot, target }) =>
    Math.log((countGraphemes(target) + SLACK) / (countGraphemes(pivot) + SLACK)),
  );
  const sorted = logs.slice().sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const median = at(0.5);
  const distances = logs.map((log) => Math.abs(log - median));
  const spread = distances.slice().sort()[Math.floor(distances.length / 2)] * ROBUST;
  const bound = Math.max(DEVIATIONS * spread, Math.log(FACTOR));
  const outliers = [...distances.keys()]
    .filter((i) => distances[i] > bound)
    .sort((a, b) => distances[b] - distances[a]);
  return {
    median: Math.exp(median),
    low: Math.exp(at(0.05)),
    high: Math.exp(at(0.95)),
    outliers: outliers.length,
    farthest: outliers.slice(0, NAMED),
  };
}
