/**
 * Lengths of the two sides against each other. Translations are about proportional (Gale and Church 1993): ln of the
 * ratio of lengths in characters spreads about its median, and pairs far from it are seldom translations. Where a
 * file has slipped, so that lines stand beside the translations of other lines, lengths no longer go together at all.
 */
import type { BitextPair } from '../data/bitext-pair.ts';
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
  /** Pearson's correlation of the logarithms of both lengths. */
  readonly correlation: number;
  /** The same by source, the most pairs first. */
  readonly sources: readonly SourceLengths[];
}

/** Lengths of the pairs of one source. */
export interface SourceLengths {
  readonly source: string;
  readonly pairs: number;
  readonly outliers: number;
  /** Undefined where there are too few pairs to tell. */
  readonly correlation?: number;
  /** Lines between which the middle 80 % of the outliers stand. */
  readonly lines?: readonly [number, number];
}

/** Characters added to both sides, so that short sentences, whose lengths differ by chance, are spared. */
const SLACK = 10;
/** Outliers are farther from the median than this many robust standard deviations, and than the factor below. */
const DEVIATIONS = 4;
const FACTOR = 2;
/** A normal distribution's standard deviation over its median absolute deviation. */
const ROBUST = 1.4826;
const NAMED = 4;
/** Fewer pairs of a source, or outliers, tell nothing. */
const LEAST_PAIRS = 50;
const LEAST_OUTLIERS = 10;

/** A pair as lengths need it. */
type LengthPair = Pick<BitextPair, 'pivot' | 'target' | 'source' | 'line'>;

/**
 * Ratios of the lengths of pairs.
 *
 * @example lengthRatios(pairs).sources[0] // { source: 'tico19', pairs: 3008, outliers: 394, correlation: 0.54, ... }
 */
export function lengthRatios(pairs: readonly LengthPair[]): LengthRatios {
  if (pairs.length === 0)
    return { median: 0, low: 0, high: 0, outliers: 0, farthest: [], correlation: 0, sources: [] };
  const logOf = (text: string) => Math.log(countGraphemes(text) + SLACK);
  const x = Float64Array.from(pairs, ({ pivot }) => logOf(pivot));
  const y = Float64Array.from(pairs, ({ target }) => logOf(target));
  const logs = x.map((length, i) => y[i] - length);
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
    correlation: correlation(x, y, [...pairs.keys()]),
    sources: bySource(pairs, x, y, new Set(outliers)),
  };
}

function bySource(
  pairs: readonly LengthPair[],
  x: Float64Array,
  y: Float64Array,
  outliers: ReadonlySet<number>,
): SourceLengths[] {
  const members = new Map<string, number[]>();
  pairs.forEach(({ source = '' }, i) => {
    const some = members.get(source);
    if (some) some.push(i);
    else members.set(source, [i]);
  });
  return [...members]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([source, indices]) => {
      const lines = indices
        .filter((i) => outliers.has(i))
        .map((i) => pairs[i].line)
        .sort((a, b) => a - b);
      return {
        source,
        pairs: indices.length,
        outliers: lines.length,
        ...(indices.length >= LEAST_PAIRS && { correlation: correlation(x, y, indices) }),
        ...(lines.length >= LEAST_OUTLIERS && {
          lines: [lines[Math.floor(lines.length / 10)], lines[Math.ceil(0.9 * lines.length) - 1]] as const,
        }),
      };
    });
}

/** Pearson's correlation over some indices; 1 where one of the lengths never varies. */
function correlation(x: Float64Array, y: Float64Array, indices: readonly number[]): number {
  const mean = (values: Float64Array) => indices.reduce((sum, i) => sum + values[i], 0) / indices.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const i of indices) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
  }
  return xx < 1e-12 || yy < 1e-12 ? 1 : xy / Math.sqrt(xx * yy);
}
