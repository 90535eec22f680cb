/** The Kruskal-Wallis test: do several groups of values come from one distribution? */
import { RefractError } from '../../errors.ts';
import { logGamma } from './student-t.ts';

/** Outcome of {@link kruskalWallis}. */
export interface KruskalWallisResult {
  /** H, corrected for ties; 0 when all values are equal. */
  readonly h: number;
  /** Number of groups less one. */
  readonly freedom: number;
  /** By the chi-square approximation; 1 when all values are equal. */
  readonly p: number;
}

/**
 * Kruskal and Wallis 1952. With all N values ranked together (equal ones share their mean rank), R_g the sum of the
 * ranks of group g and n_g its size,
 *
 *     H = ( 12 / (N (N + 1)) sum_g R_g^2 / n_g - 3 (N + 1) ) / (1 - sum_ties (t^3 - t) / (N^3 - N))
 *
 * and p = P(chi-square > H) with one degree of freedom less than there are groups.
 *
 * @throws RefractError `SETTING_INVALID` with fewer than two groups, an empty one, or a value that is not finite
 * @example kruskalWallis([[1, 2, 3], [4, 5, 6]]).p // 0.0495
 */
export function kruskalWallis(groups: readonly (readonly number[])[]): KruskalWallisResult {
  if (groups.length < 2 || groups.some((group) => group.length === 0 || !group.every(Number.isFinite)))
    throw new RefractError('SETTING_INVALID', `a Kruskal-Wallis test of ${groups.length} groups`, {
      hint: 'Give at least two groups, each of at least one finite value.',
    });
  const values = groups
    .flatMap((group, g) => group.map((value) => ({ value, g })))
    .sort((a, b) => a.value - b.value);
  const n = values.length;
  const sums = groups.map(() => 0);
  let ties = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && values[to].value === values[from].value) to++;
    const shared = to - from;
    ties += shared ** 3 - shared;
    for (let i = from; i < to; i++) sums[values[i].g] += (from + 1 + to) / 2;
    from = to;
  }
  const freedom = groups.length - 1;
  if (ties === n ** 3 - n) return { h: 0, freedom, p: 1 };
  const spread = sums.reduce((sum, each, g) => sum + each ** 2 / groups[g].length, 0);
  const h = ((12 / (n * (n + 1))) * spread - 3 * (n + 1)) / (1 - ties / (n ** 3 - n));
  return { h, freedom, p: chiSquareUpperTail(h, freedom) };
}

/** P(X > x) for a chi-square distribution: Q(freedom / 2, x / 2), the regularised incomplete gamma function. */
export function chiSquareUpperTail(x: number, freedom: number): number {
  if (!(x > 0)) return 1;
  const a = freedom / 2;
  const half = x / 2;
  const front = Math.exp(a * Math.log(half) - half - logGamma(a));
  if (half < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; term > sum * 1e-17; k++) {
      term *= half / (a + k);
      sum += term;
    }
    return 1 - front * sum;
  }
  // Beyond the mean: the continued fraction, by the modified method of Lentz.
  let b = half + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k <= 10_000; k++) {
    const step = -k * (k - a);
    b += 2;
    d = 1 / (step * d + b);
    c = b + step / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * fraction;
}
