/**
 * The loss of a reader (Devlin et al. 2019): cross-entropy of the true first and last token of the answer over the
 * tokens of a window that may be one (for a window without the answer: [CLS], twice),
 *
 *     L = -1/2B sum_b (log softmax(s_b)[start_b] + log softmax(e_b)[end_b]).
 */
import { add, cast, equal, input, logSoftmax, maxFirst, mul, neg, pick, reduceMean } from '../graph/index.ts';
import type { EncoderConfig } from '../model/config.ts';
import { readerInputs, readerTensors, spanLogits } from '../model/reader.ts';
import type { Objective } from './objective.ts';

/**
 * Builds the objective. Inputs, all int32: those of `readerTensors` [B, L]; `starts` and `ends` [B], positions in the
 * window. Beside the loss it reports `exact`, the share of windows in which both positions have the highest logit.
 *
 * @example await train({ objective: readObjective(config), parameters, trainable, batches }, settings, control)
 */
export function readObjective(config: EncoderConfig): Objective {
  const parameters = readerInputs(config);
  const { start, end, lookup } = spanLogits(config, parameters, readerTensors());
  const [first, last] = [
    { logits: start, labels: 'starts' },
    { logits: end, labels: 'ends' },
  ].map(({ logits, labels }) => {
    const likelihoods = logSoftmax(logits);
    const ofTruth = pick(likelihoods, input(labels, 'int32', ['B']));
    return {
      loss: neg(reduceMean(ofTruth, [0])),
      right: cast(equal(ofTruth, maxFirst(likelihoods, 1)), 'float32'),
    };
  });
  return {
    loss: mul(add(first.loss, last.loss), 0.5),
    metrics: { exact: reduceMean(mul(first.right, last.right), [0]) },
    parameters,
    lookups: [lookup],
  };
}
