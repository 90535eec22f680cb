/**
 * Masked-language modelling (Devlin et al. 2019): cross-entropy of the true token at the K positions of a
 * batch that were chosen, over the whole vocabulary,
 *
 *     L = -1/K sum_k log softmax(logits_k)[label_k].
 *
 * Logits are computed at those positions only. The decoder is tied to the word table, so the table's gradient
 * is dense (`Objective.wholeTable`).
 */
import { cast, equal, gather, input, logSoftmax, maxFirst, neg, pick, reduceMean } from '../graph/index.ts';
import type { EncoderConfig } from '../model/config.ts';
import { encoderGraph } from '../model/families/index.ts';
import { maskedLmInputs, maskedLmLogits } from '../model/masked-lm.ts';
import type { Objective } from './objective.ts';

/**
 * Builds the objective. Inputs, all int32: `ids` and `mask` [B, L]; `positions` [K], places in the flattened
 * batch, none twice; `labels` [K], the true ids there. Beside the loss it reports `accuracy`, the share of
 * positions whose true token has the highest logit.
 *
 * @example await train({ objective: mlmObjective(config), parameters, trainable, batches }, settings, control)
 */
export function mlmObjective(config: EncoderConfig): Objective {
  const parameters = maskedLmInputs(config);
  const ids = input('ids', 'int32', ['B', 'L']);
  const mask = input('mask', 'int32', ['B', 'L']);
  const labels = input('labels', 'int32', ['K']);
  const { hidden, lookup } = encoderGraph(config, parameters, ids, mask);
  const chosen = gather(hidden, input('positions', 'int32', ['K']));
  const { logits, decoder } = maskedLmLogits(config, parameters, chosen);
  const likelihoods = logSoftmax(logits);
  const ofTruth = pick(likelihoods, labels);
  const accuracy = reduceMean(cast(equal(ofTruth, maxFirst(likelihoods, 1)), 'float32'), [0]);
  return {
    loss: neg(reduceMean(ofTruth, [0])),
    metrics: { accuracy },
    parameters,
    lookups: [lookup],
    wholeTable: decoder,
  };
}
