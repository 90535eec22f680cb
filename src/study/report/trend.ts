/** Does a figure rise or fall with the share? Slope and rank correlation over training runs. */
import { RandomStream } from '../../random.ts';
import { mean } from './question-values.ts';

/** The runs of one seed: shares and figures, in the same order. */
export interface SeedCurve {
  readonly shares: readonly number[];
  readonly figures: readonly number[];
}

/** A trend over the shares. */
export interface Trend {
  /** Least-squares change of the figure from share 0 to share 1: mean over seeds. */
  readonly slope: number;
  /** Smallest and largest of the seeds. */
  readonly slopes: readonly [number, number];
  /** Spearman's rank correlation of share and figure: mean over seeds. */
  readonly spearman: number;
  /** Two-sided; see {@link trendOver}. */
  readonly p: number;
}

/** Sums that differ by rounding only count as equal. */
const TOLERANCE = 1e-9;

/**
 * The trend of some seeds. Under the null hypothesis a seed's figures may stand at any of its shares, so they are
 * shuffled within each seed (each a block) and
 *
 *     p = (1 + #{ |r*| >= |r| }) / (B + 1),   r = mean over seeds of Spearman's correlation
 *
 * Training runs are the observations here, not questions. With few shares and seeds p cannot be small: one seed with
 * three shares has but six orders.
 *
 * @param permutations B
 * @throws Error without seeds, or for a seed with fewer than two shares
 * @example trendOver([{ shares: [0, 1], figures: [0.2, 0.4] }], 10_000, 1).slope // 0.2
 */
export function trendOver(curves: readonly SeedCurve[], permutations: number, seed: number): Trend {
  if (curves.length === 0 || curves.some(({ shares }) => shares.length < 2))
    throw new Error('a trend needs a seed with two shares');
  const slopes = curves.map(slopeOf);
  const ranked = curves.map(
    ({ shares, figures }) => [standardRanks(shares), standardRanks(figures)] as const,
  );
  const observed = mean(ranked.map(([a, b]) => dot(a, b)));
  const stream = new RandomStream(seed, 'study report/trend');
  let extreme = 0;
  for (let draw = 0; draw < permutations; draw++) {
    const drawn = mean(ranked.map(([a, b]) => dot(a, stream.shuffle([...b]))));
    if (Math.abs(drawn) >= Math.abs(observed) - TOLERANCE) extreme++;
  }
  return {
    slope: mean(slopes),
    slopes: [Math.min(...slopes), Math.max(...slopes)],
    spearman: observed,
    p: (1 + extreme) / (permutations + 1),
  };
}

/**
 * Spearman's rank correlation; equal values share their mean rank, and no variation at all gives 0.
 *
 * @example spearman([1, 2, 3], [10, 30, 20]) // 0.5
 */
export function spearman(x: readonly number[], y: readonly number[]): number {
  return dot(standardRanks(x), standardRanks(y));
}

function slopeOf({ shares, figures }: SeedCurve): number {
  const [x, y] = [mean(shares), mean(figures)];
  const spread = shares.reduce((sum, share) => sum + (share - x) ** 2, 0);
  if (spread === 0) return 0;
  return shares.reduce((sum, share, i) => sum + (share - x) * (figures[i] - y), 0) / spread;
}

/** Ranks less their mean, scaled to length 1, so that a product of two is their correlation. */
function standardRanks(values: readonly number[]): number[] {
  const ranks = values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2 - (values.length - 1) / 2;
  });
  const length = Math.sqrt(dot(ranks, ranks));
  return length === 0 ? ranks : ranks.map((rank) => rank / length);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
