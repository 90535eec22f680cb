/**
 * Transport solvers as graph operators, batched, for training. Costs are [N, m, n]; marginals come as
 * logarithms [N, m] and [N, n] with `NO_MASS` for padding. Each agrees with its plain form in this folder.
 *
 * Balanced Sinkhorn scales rows and columns in turn; in the log domain that is a log-softmax:
 *
 *     M <- log softmax_rows(M) + log a,   M <- log softmax_columns(M) + log b,   from M = -C / eps
 *
 * which is f_i <- eps log a_i - eps LSE_j((g_j - C_ij) / eps) with both potentials kept inside
 * M = (f + g - C) / eps: one fused operator where the potentials take five.
 */
import {
  add,
  cast,
  exp,
  less,
  logSoftmax,
  logSumExp,
  mul,
  scalar,
  sub,
  type Tensor,
  unsqueeze,
} from '../graph/index.ts';
import { checkPositive } from './plan.ts';

/** Log-mass of a token that has none, such as padding: its exponential is 0 in float32. */
export const NO_MASS = -1e4;

/**
 * Balanced plans [N, m, n] (Cuturi 2013). The last half-iteration is over columns: their sums are exact,
 * those of rows near `exp(logA)`. Plain form: `sinkhorn`.
 *
 * @param cost [N, m, n]; @param logA [N, m]; @param logB [N, n]
 * @throws RefractError `SETTING_INVALID`, `GRAPH_SHAPE`
 * @example
 * const cost = graph.input('cost', 'float32', ['N', 'm', 'n']);
 * const logA = graph.input('logA', 'float32', ['N', 'm']);
 * const logB = graph.input('logB', 'float32', ['N', 'n']);
 * const plan = sinkhornPlans(cost, logA, logB, { epsilon: 0.05, iterations: 20 });
 * const session = await graph.GraphSession.create({ plan });
 */
export function sinkhornPlans(
  cost: Tensor,
  logA: Tensor,
  logB: Tensor,
  settings: { readonly epsilon: number; readonly iterations: number },
): Tensor {
  checkPositive('epsilon', settings.epsilon, 'real');
  checkPositive('iterations', settings.iterations, 'integer');
  const [rows, columns] = [unsqueeze(logA, 2), unsqueeze(logB, 1)];
  // Padding must not take part in the first row update, before any column update has emptied it.
  let m = add(mul(cost, -1 / settings.epsilon), emptied(columns));
  for (let k = 0; k < settings.iterations; k++) {
    m = add(logSoftmax(m, 2), rows);
    m = add(logSoftmax(m, 1), columns);
  }
  return exp(m);
}

/**
 * Unbalanced plans: marginals are kept by a KL penalty `tau` (Chizat et al. 2018), updates damped by
 * tau / (tau + eps). With potentials in units of eps: f_i <- damping (log a_i - LSE_j(g_j - C_ij / eps)).
 * `tau` Infinity is the balanced problem. Plain form: `unbalancedSinkhorn`.
 *
 * @param cost [N, m, n]; @param logA [N, m]; @param logB [N, n]
 * @throws RefractError `SETTING_INVALID`, `GRAPH_SHAPE`
 * @example unbalancedPlans(cost, logA, logB, { epsilon: 0.05, tau: 0.5, iterations: 20 })
 */
export function unbalancedPlans(
  cost: Tensor,
  logA: Tensor,
  logB: Tensor,
  settings: { readonly epsilon: number; readonly tau: number; readonly iterations: number },
): Tensor {
  checkPositive('epsilon', settings.epsilon, 'real');
  checkPositive('tau', settings.tau, 'extended');
  checkPositive('iterations', settings.iterations, 'integer');
  const damping = settings.tau === Infinity ? 1 : settings.tau / (settings.tau + settings.epsilon);
  const kernel = mul(cost, -1 / settings.epsilon);
  const [a, b] = [unsqueeze(logA, 2), unsqueeze(logB, 1)];
  let f: Tensor = emptied(a);
  let g: Tensor = emptied(b);
  for (let k = 0; k < settings.iterations; k++) {
    f = mul(sub(a, logSumExp(add(kernel, g), 2, true)), damping);
    g = mul(sub(b, logSumExp(add(kernel, f), 1, true)), damping);
  }
  return exp(add(add(kernel, f), g));
}

/**
 * Plans by inexact proximal point steps (IPOT, Xie et al. 2020): Q = T o exp(-C / beta), d = a / (Q s),
 * s = b / (Q' d), T <- diag(d) Q diag(s), on logarithms. Tends to the exact plan for any beta. Plain form:
 * `ipot`.
 *
 * @param cost [N, m, n]; @param logA [N, m]; @param logB [N, n]
 * @throws RefractError `SETTING_INVALID`, `GRAPH_SHAPE`
 * @example ipotPlans(cost, logA, logB, { beta: 0.1, iterations: 20 })
 */
export function ipotPlans(
  cost: Tensor,
  logA: Tensor,
  logB: Tensor,
  settings: { readonly beta: number; readonly iterations: number },
): Tensor {
  checkPositive('beta', settings.beta, 'real');
  checkPositive('iterations', settings.iterations, 'integer');
  const step = mul(cost, -1 / settings.beta);
  const [a, b] = [unsqueeze(logA, 2), unsqueeze(logB, 1)];
  let plan: Tensor | undefined;
  let s: Tensor = emptied(b);
  for (let k = 0; k < settings.iterations; k++) {
    const q = plan ? add(plan, step) : step;
    const d = sub(a, logSumExp(add(q, s), 2, true));
    s = sub(b, logSumExp(add(q, d), 1, true));
    plan = add(add(q, d), s);
  }
  return exp(plan ?? step);
}

/** 0 where a log-marginal has mass, `NO_MASS` where it is padding. */
function emptied(logMarginal: Tensor): Tensor {
  return mul(cast(less(logMarginal, scalar(NO_MASS / 2)), 'float32'), NO_MASS);
}
