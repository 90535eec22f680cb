/** Student's t distribution, by the regularised incomplete beta function, and the paired t test. */
import { differences, moments } from './paired.ts';

/** Coefficients of Lanczos's approximation with g = 7 and nine terms; relative error below 1e-14. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x >= 0.5. */
export function logGamma(x: number): number {
  let sum = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * I_x(a, b), the regularised incomplete beta function, by its continued fraction (modified Lentz).
 *
 * @param x in [0, 1] @param a at least 0.5 @param b at least 0.5
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (front * fraction) / a;
}

/** P(T > t) for Student's t with `freedom` degrees of freedom. */
export function studentUpperTail(t: number, freedom: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  const half = incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
  return t >= 0 ? half : 1 - half;
}

/** Outcome of {@link pairedT}. */
export interface PairedTResult {
  /** mean(a) - mean(b) */
  readonly difference: number;
  /** Infinite when all differences are equal and not 0. */
  readonly t: number;
  /** n - 1 */
  readonly freedom: number;
  /** Two-sided; 1 when all differences are 0, NaN for a single pair. */
  readonly p: number;
}

/**
 * Student's paired t test, two-sided: t = mean(d) / (s_d / sqrt n), d = a - b, n - 1 degrees of freedom.
 *
 * @param a @param b values per query, paired by position
 * @throws RefractError `SETTING_INVALID` when lengths differ, nothing is given, or a value is not finite
 * @example pairedT([1, 2, 4], [0, 2, 2]).t // 1.732...
 */
export function pairedT(a: ArrayLike<number>, b: ArrayLike<number>): PairedTResult {
  const { mean, standardError } = moments(differences(a, b));
  const freedom = a.length - 1;
  if (mean === 0 && standardError === 0) return { difference: 0, t: 0, freedom, p: 1 };
  const t = mean / standardError;
  return { difference: mean, t, freedom, p: 2 * studentUpperTail(Math.abs(t), freedom) };
}
