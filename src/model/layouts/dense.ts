/**
 * Dense layers after an encoder, as Sentence-Transformers and PyLate keep them (`1_Dense`, `2_Dense`, ...), folded
 * into one projection. Without an activation between them,
 *
 *     y = M_k ( ... (M_1 h + b_1) ... ) + b_k = W h + b,    M_i = A_i, or A_i + R_i where the layer has a residual,
 *
 * R_i being the identity where both widths are equal. Refract's projection has no b. Where the encoder ends in a layer
 * normalisation, its shift can carry it: W (h + d) = W h + b for the shortest d = W' (W W')^-1 b.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { parameterShapes } from '../families/index.ts';
import type { FloatTensor } from '../safetensors.ts';
import { readWeights } from '../weight-files.ts';
import { cannotSay, type ForeignEncoder, PROJECTION, readForeignJson } from './layout.ts';

const IDENTITY = 'torch.nn.modules.linear.Identity';
const schema = z.object({
  in_features: z.int().positive(),
  out_features: z.int().positive(),
  bias: z.boolean().default(true),
  activation_function: z.string().nullish(),
  use_residual: z.boolean().default(false),
  module_input_name: z.string().default('token_embeddings'),
});

/** A map y = W x + b: weight [out, in], bias [out]. */
export interface LinearMap {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly shape: readonly [out: number, into: number];
}

/** Reads the dense layer in `folder`. Errors: `CHECKPOINT_FORMAT` (an activation), `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_SHAPE`. */
export function readDense(folder: string): LinearMap {
  const at = join(folder, 'config.json');
  const config = readForeignJson(at, schema);
  if (config === undefined || !existsSync(folder))
    throw new RefractError('CHECKPOINT_INCOMPLETE', 'the folder has no config.json', {
      at: folder,
      hint: 'modules.json says that it holds a dense layer: copy the whole model again.',
    });
  // Without a word, Sentence-Transformers takes Tanh.
  const activation = config.activation_function === undefined ? 'Tanh' : config.activation_function;
  if (activation !== null && activation !== IDENTITY)
    throw cannotSay(at, `the layer has the activation ${activation}; only linear layers become a projection`);
  if (config.module_input_name !== 'token_embeddings')
    throw cannotSay(at, `the layer reads ${config.module_input_name}, not the vectors of tokens`);
  const { in_features: into, out_features: out } = config;
  const { tensors, at: file } = readWeights(folder);
  const get = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor?.dtype === 'F32' && tensor.shape.join() === shape.join() && tensor.data.every(Number.isFinite))
      return tensor.data;
    throw new RefractError(
      tensor === undefined ? 'CHECKPOINT_INCOMPLETE' : 'CHECKPOINT_SHAPE',
      tensor === undefined
        ? `tensor ${name} is missing`
        : `tensor ${name} is ${tensor.dtype} [${tensor.shape.join(', ')}], config.json asks for finite F32 [${shape.join(', ')}]`,
      { at: file, hint: 'Take config.json and the weights from the same model.' },
    );
  };
  const weight = Float64Array.from(get('linear.weight', [out, into]));
  if (config.use_residual && into === out) for (let i = 0; i < out; i++) weight[i * into + i] += 1;
  else if (config.use_residual)
    get('residual.weight', [out, into]).forEach((value, i) => {
      weight[i] += value;
    });
  const bias = config.bias ? Float64Array.from(get('linear.bias', [out])) : new Float64Array(out);
  return { weight, bias, shape: [out, into] };
}

/**
 * One map of several, the first of which reads hidden states of width `hidden`. `at` is the model's folder.
 *
 * @throws RefractError `CHECKPOINT_SHAPE` when a layer is not as wide as the one before it
 * @example foldLayers([readDense('m/1_Dense'), readDense('m/2_Dense')], 768, 'm').shape // [128, 768]
 */
export function foldLayers(layers: readonly LinearMap[], hidden: number, at: string): LinearMap {
  let width = hidden;
  for (const { shape } of layers) {
    if (shape[1] !== width)
      throw new RefractError(
        'CHECKPOINT_SHAPE',
        `a dense layer reads ${shape[1]} numbers of a token, the layer before it gives ${width}`,
        { at, hint: 'Take modules.json and all layers from the same model.' },
      );
    width = shape[0];
  }
  return layers.slice(1).reduce((inner, outer) => compose(outer, inner), layers[0]);
}

function compose(outer: LinearMap, inner: LinearMap): LinearMap {
  const [out, middle] = outer.shape;
  const into = inner.shape[1];
  const weight = new Float64Array(out * into);
  const bias = outer.bias.slice();
  for (let i = 0; i < out; i++)
    for (let k = 0; k < middle; k++) {
      const factor = outer.weight[i * middle + k];
      bias[i] += factor * inner.bias[k];
      for (let j = 0; j < into; j++) weight[i * into + j] += factor * inner.weight[k * into + j];
    }
  return { weight, bias, shape: [out, into] };
}

/**
 * The tensors of an encoder with `map` as its projection; a bias goes into the shift of the last layer normalisation.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` when there is a bias and no such shift, or W W' has no inverse
 */
export function withProjection(
  { config, tensors }: Pick<ForeignEncoder, 'config' | 'tensors'>,
  map: LinearMap,
  at: string,
): Map<string, FloatTensor> {
  const [out, into] = map.shape;
  const weight = Float32Array.from(map.weight);
  const result = new Map(tensors).set(PROJECTION, { dtype: 'F32', shape: [out, into], data: weight });
  if (map.bias.every((value) => value === 0)) return result;
  const [last] = parameterShapes(config).at(-1)!;
  // The weights of an imported graph are in its file's order, of which the last need not be the last layer's.
  if (config.graph !== undefined || !/norm\.bias$/i.test(last))
    throw cannotSay(
      at,
      `the dense layer has a bias, which no layer normalisation of ${config.graph ? 'an imported graph' : `a ${config.modelType}`} can carry`,
    );
  const shift = shiftFor(weight, map.bias, out, into);
  if (shift === undefined)
    throw cannotSay(at, 'the dense layer has a bias that no shift of the hidden states gives');
  const before = tensors.get(last)!;
  return result.set(last, { ...before, data: before.data.map((value, i) => value + shift[i]) });
}

/** The shortest d with W d = b, or undefined when float32 numbers cannot give b to a millionth. */
function shiftFor(
  weight: Float32Array,
  bias: Float64Array,
  out: number,
  into: number,
): Float64Array | undefined {
  const row = (i: number) => weight.subarray(i * into, (i + 1) * into);
  const gram = Array.from({ length: out }, (_, i) =>
    Float64Array.from({ length: out + 1 }, (_, j) => (j === out ? bias[i] : dot(row(i), row(j)))),
  );
  const solution = solve(gram);
  if (solution === undefined) return undefined;
  const shift = new Float64Array(into);
  for (let i = 0; i < out; i++) for (let j = 0; j < into; j++) shift[j] += solution[i] * weight[i * into + j];
  const rounded = Float32Array.from(shift);
  const largest = bias.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const wrong = bias.some((value, i) => Math.abs(dot(row(i), rounded) - value) > 1e-6 * largest);
  return wrong ? undefined : shift;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Solves rows [A | b] by Gauss's elimination with row pivots; undefined when A is singular. */
function solve(rows: Float64Array[]): Float64Array | undefined {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    if (rows[k][k] === 0) return undefined;
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const x = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    let rest = rows[k][n];
    for (let j = k + 1; j < n; j++) rest -= rows[k][j] * x[j];
    x[k] = rest / rows[k][k];
  }
  return x.every(Number.isFinite) ? x : undefined;
}
