/**
 * The ColBERT head and its scoring (Khattab and Zaharia 2020): hidden states are projected to `dim` and
 * scaled to unit length; a query's score for a passage is the sum over query tokens of the best inner
 * product with a passage token: score(q, d) = sum_i max_j q_i . d_j.
 */
import {
  add,
  cast,
  gemm,
  input,
  linear,
  maxFirst,
  mul,
  reduceSum,
  reshape,
  sub,
  type Tensor,
  unitVectors,
} from '../graph/index.ts';
import { type AdapterSettings, withAdapters } from './adapters.ts';
import type { EncoderConfig } from './config.ts';
import { encoderGraph, type Lookup, type ParameterTensors, parameterInputs } from './families/index.ts';
import { PROJECTION } from './layouts/index.ts';

/**
 * Graph inputs for an encoder with its projection [dim, H], by the names of a checkpoint's tensors.
 *
 * @example const parameters = colbertInputs(configOfSize('tiny', { vocabSize: 6000 }), 64)
 */
export function colbertInputs(config: EncoderConfig, dim: number): Map<string, Tensor> {
  return parameterInputs(config).set(PROJECTION, input(PROJECTION, 'float32', [dim, config.hiddenSize]));
}

/**
 * The same inputs, and the weights that the encoder's graph is given: with adapters, sums of which these are inputs.
 *
 * @example const { inputs, weights } = colbertWeights(config, 64, { rank: 8, alpha: 16 })
 */
export function colbertWeights(
  config: EncoderConfig,
  dim: number,
  adapters?: AdapterSettings,
): { inputs: Map<string, Tensor>; weights: Map<string, Tensor> } {
  const inputs = colbertInputs(config, dim);
  return adapters === undefined ? { inputs, weights: inputs } : withAdapters(inputs, adapters);
}

/**
 * Token vectors [B*L, dim], each of length 1 (padding included), of ids and mask [B, L]; and the look-up of
 * the word table, which an `Objective` lists.
 *
 * @example
 * const ids = graph.input('ids', 'int32', ['B', 'L']);
 * const mask = graph.input('mask', 'int32', ['B', 'L']);
 * const { vectors, lookup } = tokenVectors(config, colbertInputs(config, 64), ids, mask);
 */
export function tokenVectors(
  config: EncoderConfig,
  parameters: ParameterTensors,
  ids: Tensor,
  mask: Tensor,
): { vectors: Tensor; lookup: Lookup } {
  const { hidden, lookup } = encoderGraph(config, parameters, ids, mask);
  return { vectors: unitVectors(linear(hidden, parameters.get(PROJECTION)!)), lookup };
}

/** What MaxSim is taken over: unit vectors [N*L, dim] of N texts of L tokens and which of them count [N, L]. */
export interface TokenSet {
  readonly vectors: Tensor;
  /** int32, 1 where a token counts. */
  readonly mask: Tensor;
}

/** MaxSim of every query with every passage: [Q, P]. */
export function maxSim(queries: TokenSet, passages: TokenSet): Tensor {
  const [q, queryLength] = queries.mask.shape;
  const [p, passageLength] = passages.mask.shape;
  const similarity = gemm(queries.vectors, passages.vectors, false, true);
  const excluded = mul(sub(cast(passages.mask, 'float32'), 1), 1e4);
  const rows = reshape(similarity, [-1, p, passageLength]);
  const best = maxFirst(add(rows, reshape(excluded, [1, p, passageLength])), 2);
  const counted = mul(best, cast(reshape(queries.mask, [-1, 1]), 'float32'));
  return reduceSum(reshape(counted, [q, queryLength, p]), [1]);
}
