/**
 * The loss of a query encoder on a frozen index: ColBERT's cross-entropy over the passages of the batch, as in
 * `colbert-objective.ts`, but passages are the teacher's token vectors, which nothing changes:
 *
 *     L = -1/Q sum_q log ( exp s(q, d_q) / sum_p exp s(q, p) ),  s = MaxSim
 */
import { add, input, logSoftmax, mul, neg, pick, reduceMean, reshape, type Tensor } from '../graph/index.ts';
import { colbertInputs, maxSim, type TokenSet, tokenVectors } from '../model/colbert.ts';
import type { EncoderConfig } from '../model/config.ts';
import type { Objective } from './objective.ts';

/**
 * The loss above, a scalar, with scores divided by `temperature`; `target` [Q] and `bias` [Q, P] as
 * `colbertObjective` has them.
 *
 * @example passageLoss({ vectors, mask }, passages, target, bias, 0.3)
 */
export function passageLoss(
  queries: TokenSet,
  passages: TokenSet,
  target: Tensor,
  bias: Tensor,
  temperature: number,
): Tensor {
  const scores = add(mul(maxSim(queries, passages), 1 / temperature), bias);
  return neg(reduceMean(pick(logSoftmax(scores), target), [0]));
}

/**
 * Builds the objective. Inputs: `query.ids`, `query.mask`, `query.scored` [Q, M]; `passage.vectors` [P, N, dim]
 * and `passage.scored` [P, N]; `target` and `bias`.
 *
 * @example frozenPassageObjective(teacher.config, 64, 0.3).loss
 */
export function frozenPassageObjective(config: EncoderConfig, dim: number, temperature: number): Objective {
  const parameters = colbertInputs(config, dim);
  const [ids, mask, scored] = ['ids', 'mask', 'scored'].map((part) =>
    input(`query.${part}`, 'int32', ['Q', 'M']),
  );
  const { vectors, lookup } = tokenVectors(config, parameters, ids, mask);
  const passages = {
    vectors: reshape(input('passage.vectors', 'float32', ['P', 'N', dim]), [-1, dim]),
    mask: input('passage.scored', 'int32', ['P', 'N']),
  };
  const target = input('target', 'int32', ['Q']);
  const bias = input('bias', 'float32', ['Q', 'P']);
  const loss = passageLoss({ vectors, mask: scored }, passages, target, bias, temperature);
  return { loss, metrics: {}, parameters, lookups: [lookup] };
}
