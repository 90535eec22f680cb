/**
 * The two half-steps that Sinkhorn, unbalanced Sinkhorn and IPOT share, computed on logarithms so that
 * a small regularisation neither overflows nor underflows (Schmitzer 2019, SIAM J. Sci. Comput. 41(3),
 * https://arxiv.org/abs/1610.06519, section 3).
 *
 * All matrices are row-major `m x n` in float64. A mass of zero has the logarithm -Infinity and stays zero.
 */
import type { Masses } from './plan.ts';

/** Elementwise natural logarithm in float64 (log 0 = -Infinity). */
export function logarithms(masses: Masses): Float64Array {
  return Float64Array.from(masses, Math.log);
}

/** `out[i] = log sum_j exp(kernel[i,j] + column[j])`, for each of the `m` rows. */
export function logSumRows(
  kernel: Float64Array,
  m: number,
  n: number,
  column: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < m; i++) {
    const start = i * n;
    let max = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < n; j++) {
      const value = kernel[start + j] + column[j];
      if (value > max) max = value;
    }
    if (max === Number.NEGATIVE_INFINITY) {
      out[i] = max;
      continue;
    }
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.exp(kernel[start + j] + column[j] - max);
    out[i] = max + Math.log(sum);
  }
}

/** `out[j] = log sum_i exp(kernel[i,j] + row[i])`, for each of the `n` columns. */
export function logSumColumns(
  kernel: Float64Array,
  m: number,
  n: number,
  row: Float64Array,
  out: Float64Array,
): void {
  const max = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const value = kernel[i * n + j] + row[i];
      if (value > max[j]) max[j] = value;
    }
  }
  out.fill(0);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      if (max[j] > Number.NEGATIVE_INFINITY) out[j] += Math.exp(kernel[i * n + j] + row[i] - max[j]);
    }
  }
  for (let j = 0; j < n; j++)
    out[j] = max[j] === Number.NEGATIVE_INFINITY ? max[j] : max[j] + Math.log(out[j]);
}

/** `out[i] = logMass[i] - logSum[i]`: the scaling that gives token i its mass; -Infinity where the mass is 0. */
export function logScaling(logMass: Float64Array, logSum: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = logMass[i] === Number.NEGATIVE_INFINITY ? logMass[i] : logMass[i] - logSum[i];
  }
}

/** The matrix `kernel[i,j] + row[i] + column[j]` exponentiated: a plan from its potentials. */
export function expPlan(
  kernel: Float64Array,
  m: number,
  n: number,
  row: Float64Array,
  column: Float64Array,
): Float64Array {
  const plan = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) plan[i * n + j] = Math.exp(kernel[i * n + j] + row[i] + column[j]);
  }
  return plan;
}

/** The logarithm of the Gibbs kernel, `-C / strength`. */
export function logKernel(cost: Masses, strength: number): Float64Array {
  return Float64Array.from(cost, (value) => -value / strength);
}
