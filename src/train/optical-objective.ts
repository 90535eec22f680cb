/**
 * OPTICAL's loss (arXiv 2301.12566): the student's token vectors of a sentence are moved to the teacher's
 * token vectors of its translation along an optimal transport plan,
 *
 *     C_ij = 1 - t_i . s_j,   L = mean_pairs <T*, C>_F,
 *
 * with the plan T* held fixed while differentiating (or not, `throughPlan`). Beside it, an anchor that the
 * paper does not have: texts in the teacher's language must keep the teacher's vectors, token by token,
 *
 *     L_anchor = mean_texts 1/|x| sum_i (1 - t_i . s_i).
 */
import {
  add,
  cast,
  detach,
  div,
  input,
  less,
  log,
  matmul,
  maximum,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  scalar,
  sub,
  swapLast,
  type Tensor,
} from '../graph/index.ts';
import type { AdapterSettings } from '../model/adapters.ts';
import { colbertWeights, tokenVectors } from '../model/colbert.ts';
import type { EncoderConfig } from '../model/config.ts';
import { ipotPlans, NO_MASS, sinkhornPlans, unbalancedPlans } from '../transport/graph-plans.ts';
import type { Objective } from './objective.ts';

/** How plans are found; see `transport/graph-plans.ts`. */
export type SolverSettings =
  | { readonly solver: 'sinkhorn'; readonly epsilon: number; readonly iterations: number }
  | {
      readonly solver: 'unbalanced';
      readonly epsilon: number;
      readonly tau: number;
      readonly iterations: number;
    }
  | { readonly solver: 'ipot'; readonly beta: number; readonly iterations: number };

/** Settings of the loss. */
export interface OpticalSettings {
  readonly transport: SolverSettings;
  /** Let gradients flow through the plan as well. */
  readonly throughPlan: boolean;
  /** Weight of the anchor's loss. */
  readonly anchorWeight: number;
  /** Train adapters of the linear weights in their place. */
  readonly adapters?: AdapterSettings;
}

/**
 * Plans [N, m, n] by the solver that `settings` names, from costs [N, m, n] and log-masses [N, m] and [N, n].
 *
 * @example transportPlans(cost, logA, logB, { solver: 'ipot', beta: 0.1, iterations: 20 })
 */
export function transportPlans(cost: Tensor, logA: Tensor, logB: Tensor, settings: SolverSettings): Tensor {
  switch (settings.solver) {
    case 'sinkhorn':
      return sinkhornPlans(cost, logA, logB, settings);
    case 'unbalanced':
      return unbalancedPlans(cost, logA, logB, settings);
    case 'ipot':
      return ipotPlans(cost, logA, logB, settings);
  }
}

/**
 * <T*, C> averaged over pairs, and the mean entropy of the plans over log(m n) of their real tokens.
 * `teacher` [N, m, dim] and `student` [N, n, dim] are unit vectors; padding has log-mass `NO_MASS`.
 *
 * @example
 * const transport = { solver: 'sinkhorn', epsilon: 0.05, iterations: 20 } as const;
 * const { loss } = opticalLoss(teacher, student, logA, logB, { transport, throughPlan: false });
 */
export function opticalLoss(
  teacher: Tensor,
  student: Tensor,
  logA: Tensor,
  logB: Tensor,
  settings: Pick<OpticalSettings, 'transport' | 'throughPlan'>,
): { loss: Tensor; entropy: Tensor; plan: Tensor } {
  const cost = sub(1, matmul(teacher, swapLast(student)));
  const free = transportPlans(settings.throughPlan ? cost : detach(cost), logA, logB, settings.transport);
  const plan = settings.throughPlan ? free : detach(free);
  const loss = reduceMean(reduceSum(mul(plan, cost), [1, 2]), [0]);
  return { loss, entropy: planEntropy(plan, logA, logB), plan };
}

function planEntropy(plan: Tensor, logA: Tensor, logB: Tensor): Tensor {
  const share = div(plan, maximum(reduceSum(plan, [1, 2], true), scalar(1e-30)));
  const entropy = neg(reduceSum(mul(share, log(maximum(share, scalar(1e-30)))), [1, 2]));
  return reduceMean(div(entropy, maximum(add(log(tokens(logA)), log(tokens(logB))), scalar(1e-6))), [0]);
}

/** How many tokens of each text have mass: [N]. */
function tokens(logMarginal: Tensor): Tensor {
  const massless = cast(less(logMarginal, scalar(NO_MASS / 2)), 'float32');
  return reduceSum(sub(1, massless), [1]);
}

/**
 * Builds the objective. Inputs: `pair.ids`, `pair.mask` [N, n]; `pair.teacher` [N, m, dim]; `pair.logA`
 * [N, m]; `pair.logB` [N, n]; with an anchor, `anchor.ids`, `anchor.mask` [A, k] and `anchor.teacher`
 * [A*k, dim] (zero where padded), `anchor.weight` [A*k] (1 / (A |x|) for real tokens, else 0).
 *
 * @example await train({ objective: opticalObjective(config, 64, settings), parameters, trainable, batches }, loop, control)
 */
export function opticalObjective(config: EncoderConfig, dim: number, settings: OpticalSettings): Objective {
  const { inputs: parameters, weights } = colbertWeights(config, dim, settings.adapters);
  const ids = input('pair.ids', 'int32', ['N', 'n']);
  const mask = input('pair.mask', 'int32', ['N', 'n']);
  const pair = tokenVectors(config, weights, ids, mask);
  const { loss: optical, entropy } = opticalLoss(
    input('pair.teacher', 'float32', ['N', 'm', dim]),
    reshape(pair.vectors, ['N', 'n', dim]),
    input('pair.logA', 'float32', ['N', 'm']),
    input('pair.logB', 'float32', ['N', 'n']),
    settings,
  );
  if (settings.anchorWeight === 0) {
    return { loss: optical, metrics: { optical, entropy }, parameters, lookups: [pair.lookup] };
  }
  const anchorIds = input('anchor.ids', 'int32', ['A', 'k']);
  const anchorMask = input('anchor.mask', 'int32', ['A', 'k']);
  const kept = tokenVectors(config, weights, anchorIds, anchorMask);
  const cosine = reduceSum(mul(kept.vectors, input('anchor.teacher', 'float32', ['A*k', dim])), [1]);
  const anchor = reduceSum(mul(sub(1, cosine), input('anchor.weight', 'float32', ['A*k'])), [0]);
  const loss = add(optical, mul(anchor, settings.anchorWeight));
  return { loss, metrics: { optical, anchor, entropy }, parameters, lookups: [pair.lookup, kept.lookup] };
}
