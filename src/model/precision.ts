/** The numbers that an encoder's layers compute in when it runs alone. */
import { halfPrecision, int8Layers, type Tensor, type Values, type Weights } from '../graph/index.ts';
import { PROJECTION } from './checkpoint.ts';

/**
 * `float32`, as trained; `float16`, for graphics cards (a CPU computes it in float32, slower than float32 itself);
 * `int8`, for CPUs: linear layers and the word table in 8-bit integers (graph/int8.ts).
 */
export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Small tensors that decide much: the projection, whose output is only scaled after it, and positions. */
const KEPT: Readonly<Record<Exclude<Precision, 'float32'>, ReadonlySet<string>>> = {
  float16: new Set([PROJECTION]),
  int8: new Set([PROJECTION, 'embeddings.position_embeddings.weight']),
};

/**
 * An encoder's graph in a precision, with the values of its weights in it. `weights` are those of a checkpoint, by
 * the names of the graph's inputs.
 *
 * @example inPrecision({ vectors }, checkpoint.tensors, 'int8').outputs.vectors
 */
export function inPrecision<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  weights: Weights,
  precision: Precision,
): { outputs: Readonly<Record<Name, Tensor>>; values: Values } {
  if (precision === 'float32') return { outputs, values: new Map(weights) };
  const change = precision === 'float16' ? halfPrecision : int8Layers;
  return change(outputs, weights, KEPT[precision]);
}
