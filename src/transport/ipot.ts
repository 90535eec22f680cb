/** Optimal transport without a bias of regularisation, by inexact proximal point steps (IPOT). */
import { expPlan, logarithms, logKernel, logScaling, logSumColumns, logSumRows } from './log-domain.ts';
import { checkPositive, checkProblem, type Masses, solved, type TransportPlan } from './plan.ts';

/** Settings of `ipot`. */
export interface IpotSettings {
  /** Weight of the proximal term, in the units of the cost: the step is smaller when it is larger. */
  readonly beta: number;
  /** Proximal steps, with one inner scaling each (the paper's L = 1). */
  readonly iterations: number;
}

/**
 * T_(t+1) = argmin_T <T, C> + beta KL(T | T_t)   subject to   T 1 = a,  T' 1 = b, solved inexactly:
 *
 * Q = A o T with A = exp(-C/beta);  d = a/(Q s);  s = b/(Q' d);  T <- diag(d) Q diag(s), from T = 1 1'
 * and s = 1/n. Tends to the exact plan for any beta. Xie, Wang, Wang, Zha 2020 (UAI,
 * https://arxiv.org/abs/1802.04307, algorithm 1). Computed on logarithms, so that no entry is lost.
 *
 * @param cost C, row-major `m x n`
 * @param a source masses (`m`); @param b target masses (`n`); equal totals
 * @throws RefractError `GRAPH_SHAPE`, `SETTING_INVALID`
 * @example ipot(cost, 2, 3, a, b, { beta: 0.5, iterations: 50 }).cost;
 */
export function ipot(
  cost: Masses,
  m: number,
  n: number,
  a: Masses,
  b: Masses,
  { beta, iterations }: IpotSettings,
): TransportPlan {
  checkProblem(cost, m, n, a, b, true);
  checkPositive('beta', beta, 'real');
  checkPositive('iterations', iterations, 'integer');
  const step = logKernel(cost, beta);
  const logA = logarithms(a);
  const logB = logarithms(b);
  const logPlan = new Float64Array(m * n);
  const d = new Float64Array(m);
  const s = new Float64Array(n).fill(-Math.log(n));
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (let index = 0; index < logPlan.length; index++) logPlan[index] += step[index];
    logSumRows(logPlan, m, n, s, d);
    logScaling(logA, d, d);
    logSumColumns(logPlan, m, n, d, s);
    logScaling(logB, s, s);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) logPlan[i * n + j] += d[i] + s[j];
  }
  const plan = expPlan(logPlan, m, n, new Float64Array(m), new Float64Array(n));
  return solved(plan, cost, a, b, iterations);
}
