/** Holm's adjustment for testing many hypotheses at once. */

/**
 * Holm's (1979) step-down adjusted p-values: with p sorted ascending, p~_(i) = max_{j <= i} min(1, (m - j + 1) p_(j)).
 * Rejecting where p~ < alpha keeps the chance of any false rejection in the whole table below alpha.
 *
 * @param p the p-values of ALL comparisons of a table, in any order; NaN (a test that could not be made)
 *   stays NaN and is not counted
 * @returns adjusted values in the order given
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 */
export function holm(p: readonly number[]): number[] {
  const order = p.flatMap((value, i) => (Number.isNaN(value) ? [] : [i])).sort((i, j) => p[i] - p[j]);
  const adjusted = p.map(() => Number.NaN);
  let highest = 0;
  order.forEach((i, rank) => {
    highest = Math.max(highest, Math.min(1, (order.length - rank) * p[i]));
    adjusted[i] = highest;
  });
  return adjusted;
}
