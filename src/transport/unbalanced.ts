/** Unbalanced entropic optimal transport: marginals are encouraged by a penalty instead of imposed. */
import { expPlan, logarithms, logKernel, logSumColumns, logSumRows } from './log-domain.ts';
import { checkPositive, checkProblem, type Masses, solved, type TransportPlan } from './plan.ts';
import type { SinkhornSettings } from './sinkhorn.ts';

/** Settings of `unbalancedSinkhorn`; `tolerance` bounds the largest change of a potential (units of the cost). */
export interface UnbalancedSettings extends SinkhornSettings {
  /** Weight of the marginal penalty, in the units of the cost; `Infinity` gives the balanced problem. */
  readonly tau: number;
}

/**
 * min_T <T, C> + epsilon sum_ij T_ij (log T_ij - 1) + tau KL(T 1 | a) + tau KL(T' 1 | b).
 *
 * Sinkhorn's updates damped by tau / (tau + epsilon): a token without a counterpart may stay (partly)
 * unmatched. Chizat, Peyré, Schmitzer, Vialard 2018 (Math. Comp. 87, https://arxiv.org/abs/1607.05816).
 * The entropy is relative to the counting measure, as in the balanced solver; the total mass of the plan is
 * a result, and `marginalError` says how far it went from `a` and `b`.
 *
 * @param cost C, row-major `m x n`
 * @param a source masses (`m`); @param b target masses (`n`); totals may differ unless tau is Infinity
 * @throws RefractError `GRAPH_SHAPE`, `SETTING_INVALID`
 * @example
 * unbalancedSinkhorn(cost, 2, 3, a, b, { epsilon: 0.05, tau: 0.5, iterations: 100 }).plan;
 */
export function unbalancedSinkhorn(
  cost: Masses,
  m: number,
  n: number,
  a: Masses,
  b: Masses,
  { epsilon, tau, iterations, tolerance }: UnbalancedSettings,
): TransportPlan {
  checkProblem(cost, m, n, a, b, tau === Number.POSITIVE_INFINITY);
  checkPositive('epsilon', epsilon, 'real');
  checkPositive('tau', tau, 'extended');
  checkPositive('iterations', iterations, 'integer');
  const damping = tau === Number.POSITIVE_INFINITY ? 1 : tau / (tau + epsilon);
  const kernel = logKernel(cost, epsilon);
  const logA = logarithms(a);
  const logB = logarithms(b);
  const f = new Float64Array(m);
  const g = new Float64Array(n);
  const sumRows = new Float64Array(m);
  const sumColumns = new Float64Array(n);
  let done = 0;
  while (done < iterations) {
    logSumRows(kernel, m, n, g, sumRows);
    const moved = damp(f, logA, sumRows, damping);
    logSumColumns(kernel, m, n, f, sumColumns);
    const change = Math.max(moved, damp(g, logB, sumColumns, damping)) * epsilon;
    done++;
    if (tolerance !== undefined && change <= tolerance) break;
  }
  const plan = expPlan(kernel, m, n, f, g);
  return solved(plan, cost, a, b, done);
}

/** potential <- damping (logMass - logSum); returns the largest change among tokens that have mass. */
function damp(potential: Float64Array, logMass: Float64Array, logSum: Float64Array, damping: number): number {
  let change = 0;
  for (let i = 0; i < potential.length; i++) {
    const value = damping * (logMass[i] - logSum[i]);
    if (Number.isFinite(value)) change = Math.max(change, Math.abs(value - potential[i]));
    potential[i] = value;
  }
  return change;
}
