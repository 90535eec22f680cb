/**
 * Sentence-level distillation (Reimers and Gurevych 2020, "Making monolingual sentence embeddings multilingual using
 * knowledge distillation"): with t the teacher's mean token vector of the English sentence e_j and s the student's of
 * a sentence, both sides of a pair are moved to the teacher's English one,
 *
 *     L = 1/N sum_j |t(e_j) - s(e_j)|^2 + |t(e_j) - s(x_j)|^2
 */
import {
  add,
  cast,
  div,
  input,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sub,
  type Tensor,
  unsqueeze,
} from '../graph/index.ts';
import { colbertInputs, tokenVectors } from '../model/colbert.ts';
import type { EncoderConfig } from '../model/config.ts';
import type { Objective } from './objective.ts';

/**
 * Mean squared distance of the mean token vectors of texts, `vectors` [N, n, dim] where `mask` [N, n] (int32) is 1,
 * from `means` [N, dim]: a scalar.
 *
 * @example sentenceDistance(student, mask, teacherMeans)
 */
export function sentenceDistance(vectors: Tensor, mask: Tensor, means: Tensor): Tensor {
  const counted = cast(mask, 'float32');
  const sum = reduceSum(mul(vectors, unsqueeze(counted, 2)), [1]);
  const away = sub(div(sum, reduceSum(counted, [1], true)), means);
  return reduceMean(reduceSum(mul(away, away), [1]), [0]);
}

/**
 * Builds the objective. Inputs: `target.ids`, `target.mask` [N, n] and `english.ids`, `english.mask` [N, k] of the
 * two sides; `teacher.means` [N, dim].
 *
 * @example sentenceMseObjective(teacher.config, 64).loss
 */
export function sentenceMseObjective(config: EncoderConfig, dim: number): Objective {
  const parameters = colbertInputs(config, dim);
  const means = input('teacher.means', 'float32', ['N', dim]);
  const side = (name: string, length: string) => {
    const ids = input(`${name}.ids`, 'int32', ['N', length]);
    const mask = input(`${name}.mask`, 'int32', ['N', length]);
    const { vectors, lookup } = tokenVectors(config, parameters, ids, mask);
    return { distance: sentenceDistance(reshape(vectors, ['N', length, dim]), mask, means), lookup };
  };
  const target = side('target', 'n');
  const english = side('english', 'k');
  return {
    loss: add(target.distance, english.distance),
    metrics: { target: target.distance, english: english.distance },
    parameters,
    lookups: [target.lookup, english.lookup],
  };
}
