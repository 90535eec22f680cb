/** Balanced entropic optimal transport (Sinkhorn's algorithm) in the log domain. */
import { expPlan, logarithms, logKernel, logScaling, logSumColumns, logSumRows } from './log-domain.ts';
import { checkPositive, checkProblem, type Masses, solved, type TransportPlan } from './plan.ts';

/** Settings of `sinkhorn`. */
export interface SinkhornSettings {
  /** Regularisation, in the units of the cost. Small values come near the exact plan but converge slowly. */
  readonly epsilon: number;
  /** Iterations (one row and one column update each): exactly this many, or at most with a tolerance. */
  readonly iterations: number;
  /** Stop when no row sum is further than this from its marginal (columns are exact after each iteration). */
  readonly tolerance?: number;
}

/**
 * min_T <T, C> + epsilon sum_ij T_ij (log T_ij - 1)   subject to   T 1 = a,  T' 1 = b.
 *
 * Alternates f_i <- eps log a_i - eps LSE_j((g_j - C_ij)/eps) and the same for g, from f = g = 0, and
 * returns T_ij = exp((f_i + g_j - C_ij)/eps). Cuturi 2013 (NIPS, https://arxiv.org/abs/1306.0895);
 * on logarithms as in Schmitzer 2019 (https://arxiv.org/abs/1610.06519).
 *
 * @param cost C, row-major `m x n`
 * @param a source masses (`m`); @param b target masses (`n`); equal totals
 * @throws RefractError `GRAPH_SHAPE`, `SETTING_INVALID`
 * @example
 * const { plan } = sinkhorn(cost, 2, 3, uniformMarginal(2), uniformMarginal(3), { epsilon: 0.05, iterations: 50 });
 */
export function sinkhorn(
  cost: Masses,
  m: number,
  n: number,
  a: Masses,
  b: Masses,
  { epsilon, iterations, tolerance }: SinkhornSettings,
): TransportPlan {
  checkProblem(cost, m, n, a, b, true);
  checkPositive('epsilon', epsilon, 'real');
  checkPositive('iterations', iterations, 'integer');
  const kernel = logKernel(cost, epsilon);
  const logA = logarithms(a);
  const logB = logarithms(b);
  // Potentials divided by epsilon.
  let f = new Float64Array(m);
  let next = new Float64Array(m);
  const g = new Float64Array(n);
  let done = 0;
  while (done < iterations) {
    logSumRows(kernel, m, n, g, next);
    logScaling(logA, next, next);
    // The row sums of the plan of (f, g) are a_i exp(f_i - next_i), so the check costs nothing.
    if (tolerance !== undefined && done > 0 && rowError(a, f, next) <= tolerance) break;
    [f, next] = [next, f];
    logSumColumns(kernel, m, n, f, g);
    logScaling(logB, g, g);
    done++;
  }
  const plan = expPlan(kernel, m, n, f, g);
  return solved(plan, cost, a, b, done);
}

function rowError(a: Masses, f: Float64Array, next: Float64Array): number {
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] > 0) worst = Math.max(worst, a[i] * Math.abs(Math.expm1(f[i] - next[i])));
  }
  return worst;
}
