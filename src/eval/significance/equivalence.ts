/** Equivalence of two systems: what a claim of "no harm" needs, since a large p proves nothing. */
import { RefractError } from '../../errors.ts';
import { differences, moments } from './paired.ts';
import { studentUpperTail } from './student-t.ts';

/** Outcome of {@link equivalenceTest}. */
export interface EquivalenceResult {
  /** mean(a) - mean(b) */
  readonly difference: number;
  /** p of "a is not worse than b by the margin or more": small means no harm. */
  readonly pNotWorse: number;
  /** p of "a is not better than b by the margin or more". */
  readonly pNotBetter: number;
  /** The larger of the two: small means that the systems are equivalent within the margin. */
  readonly p: number;
}

/**
 * Two one-sided paired t tests (TOST, Schuirmann 1987). With d = a - b and a margin m fixed BEFORE looking:
 *
 *     t_low = (mean(d) + m) / se,  p = P(T > t_low)      t_high = (m - mean(d)) / se,  p = P(T > t_high)
 *
 * Both small: |true difference| < m. The first alone: a is no worse than b by m (non-inferiority).
 *
 * @param a @param b values per query, paired by position
 * @param margin in units of the measure, e.g. 0.02; positive
 * @throws RefractError `SETTING_INVALID` when the margin is not positive or the values cannot be paired
 * @example equivalenceTest(english.student, english.teacher, 0.02).pNotWorse < 0.05 // no harm
 */
export function equivalenceTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  margin: number,
): EquivalenceResult {
  if (!(margin > 0 && Number.isFinite(margin))) {
    throw new RefractError('SETTING_INVALID', `an equivalence margin of ${margin}`, {
      hint: 'Fix a positive margin before looking at the results, e.g. 0.02.',
    });
  }
  const { mean, standardError } = moments(differences(a, b));
  const freedom = a.length - 1;
  // Equal differences leave no doubt on which side of the margin they lie; one pair leaves nothing but doubt.
  const tail = (distance: number) =>
    standardError === 0 ? (distance > 0 ? 0 : 1) : studentUpperTail(distance / standardError, freedom);
  const pNotWorse = tail(mean + margin);
  const pNotBetter = tail(margin - mean);
  return { difference: mean, pNotWorse, pNotBetter, p: Math.max(pNotWorse, pNotBetter) };
}
