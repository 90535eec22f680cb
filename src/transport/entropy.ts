/** How spread out a transport plan is, and the warning sign of a collapse. */
import type { Masses } from './plan.ts';

/**
 * Entropy share above which a plan says hardly anything about which token belongs to which: every student
 * token is then pulled to the mean teacher vector.
 */
export const COLLAPSE_ENTROPY = 0.95;

/**
 * H(T) / log(size), H(T) = - sum_ij p_ij log p_ij with p = T / sum T: 0 for one entry, 1 for a plan spread
 * evenly. `size` defaults to m n; give the number of included pairs when the plan is padded.
 *
 * @example planEntropy(Float64Array.of(0.5, 0, 0, 0.5)); // log 2 / log 4 = 0.5
 */
export function planEntropy(plan: Masses, size = plan.length): number {
  let total = 0;
  for (const mass of plan) total += mass;
  if (total <= 0 || size <= 1) return 0;
  let entropy = 0;
  for (const mass of plan) if (mass > 0) entropy -= (mass / total) * Math.log(mass / total);
  return entropy / Math.log(size);
}

/**
 * The warning for a mean `planEntropy` above `COLLAPSE_ENTROPY`, or undefined.
 *
 * @example collapseWarning(0.97); // 'the transport plan is almost uniform (entropy 0.970 ...'
 */
export function collapseWarning(entropy: number): string | undefined {
  if (entropy <= COLLAPSE_ENTROPY) return undefined;
  return `the transport plan is almost uniform (entropy ${entropy.toFixed(3)} of its maximum, warning above ${COLLAPSE_ENTROPY}): student tokens are pulled to the mean teacher vector; lower epsilon`;
}
