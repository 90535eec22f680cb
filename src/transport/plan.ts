/** What every solver of this folder returns, and the two figures that can be read off any plan. */
import { RefractError } from '../errors.ts';

/** A row-major matrix or a vector of masses; solvers compute in float64 whatever comes in. */
export type Masses = Float64Array | Float32Array;

/** A transport plan between `m` source and `n` target tokens. */
export interface TransportPlan {
  /** T, row-major `m x n`: the mass that goes from source token i to target token j. */
  readonly plan: Float64Array;
  /** <T, C>_F = sum_ij T_ij C_ij, without any regularisation term. */
  readonly cost: number;
  /** Iterations that were run (augmenting paths for the exact solver). */
  readonly iterations: number;
  /** Largest absolute difference between a row or column sum of T and the marginal asked for. */
  readonly marginalError: number;
}

/** <T, C>_F for two row-major matrices of one size. */
export function planCost(plan: Masses, cost: Masses): number {
  let total = 0;
  for (let index = 0; index < plan.length; index++) total += plan[index] * cost[index];
  return total;
}

/** max(|T 1 - a|_inf, |T' 1 - b|_inf) of a row-major `m x n` plan. */
export function marginalError(plan: Masses, m: number, n: number, a: Masses, b: Masses): number {
  const columns = new Float64Array(n);
  let worst = 0;
  for (let i = 0; i < m; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) {
      row += plan[i * n + j];
      columns[j] += plan[i * n + j];
    }
    worst = Math.max(worst, Math.abs(row - a[i]));
  }
  for (let j = 0; j < n; j++) worst = Math.max(worst, Math.abs(columns[j] - b[j]));
  return worst;
}

/** What a solver returns: its plan for costs `cost` and marginals `a`, `b`, after `iterations`, with its two figures. */
export function solved(
  plan: Float64Array,
  cost: Masses,
  a: Masses,
  b: Masses,
  iterations: number,
): TransportPlan {
  return {
    plan,
    cost: planCost(plan, cost),
    iterations,
    marginalError: marginalError(plan, a.length, b.length, a, b),
  };
}

/**
 * Refuses a transport problem that has no solution.
 *
 * @param cost row-major `m x n`, finite
 * @param a source masses (`m`), non-negative, not all zero
 * @param b target masses (`n`), likewise
 * @param balanced whether the two totals must agree (to 1e-6 of the larger)
 * @throws RefractError `GRAPH_SHAPE` for sizes that do not fit, `SETTING_INVALID` for impossible masses or costs
 */
export function checkProblem(
  cost: Masses,
  m: number,
  n: number,
  a: Masses,
  b: Masses,
  balanced: boolean,
): void {
  if (m < 1 || n < 1 || cost.length !== m * n || a.length !== m || b.length !== n) {
    throw new RefractError(
      'GRAPH_SHAPE',
      `a transport problem of ${m} x ${n} has ${cost.length} costs and marginals of ${a.length} and ${b.length}`,
      { hint: 'Give m*n costs (row-major), m source masses and n target masses, with m and n at least 1.' },
    );
  }
  for (const value of cost) if (!Number.isFinite(value)) throw invalid(`a transport cost is ${value}`);
  const source = total(a, 'source');
  const target = total(b, 'target');
  if (balanced && Math.abs(source - target) > 1e-6 * Math.max(source, target)) {
    throw invalid(`the source mass ${source} and the target mass ${target} differ`);
  }
}

function total(masses: Masses, side: string): number {
  let sum = 0;
  for (const mass of masses) {
    if (!(mass >= 0) || mass === Number.POSITIVE_INFINITY) throw invalid(`a ${side} mass is ${mass}`);
    sum += mass;
  }
  if (sum === 0) throw invalid(`every ${side} mass is zero`);
  return sum;
}

function invalid(what: string): RefractError {
  return new RefractError('SETTING_INVALID', what, {
    hint: 'Costs must be finite, masses finite and non-negative; balanced transport needs equal totals.',
  });
}

/** Refuses a setting that is not a positive (and, with `integer`, whole) number; `Infinity` only if allowed. */
export function checkPositive(name: string, value: number, kind: 'real' | 'integer' | 'extended'): void {
  const fits =
    value > 0 &&
    (kind === 'extended' || Number.isFinite(value)) &&
    (kind !== 'integer' || Number.isInteger(value));
  if (!fits) {
    throw new RefractError('SETTING_INVALID', `${name} is ${value}`, {
      hint: `Give a positive ${kind === 'integer' ? 'whole number' : 'number'}.`,
    });
  }
}
