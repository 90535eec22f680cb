/**
 * Linear layers in 8-bit integers. A weight [out, in] is rounded to -127 ... 127 by the largest magnitude of each
 * output (per channel, symmetric); a table to the same by row. What a layer reads is rounded as it comes, each row
 * (token) by its own largest magnitude, so that a text's vectors do not depend on the texts beside it in a batch.
 * With x = s_r (a - 128), a in 1 ... 255, and w = s_c b: y_rc = s_r s_c sum_k (a_rk - 128) b_ck + bias_c, whose sum
 * ONNX Runtime takes in integers. Products of two activations (attention) stay in floats.
 */

import { topologicalOrder } from './gradient.ts';
import { expand } from './ops/broadcast.ts';
import { maximum } from './ops/compare.ts';
import { abs, add, cast, mul } from './ops/elementwise.ts';
import { gather } from './ops/indexing.ts';
import { reshape } from './ops/layout.ts';
import { reduceMax } from './ops/reduce.ts';
import { type Rule, rewrite, type Weights, weightOf } from './rewrite.ts';
import { type ConstantData, constant, input, makeNode, type Node, scalar, type Tensor } from './tensor.ts';

/** The largest magnitude of a rounded number. */
const MOST = 127;
/** The integer that stands for 0 in what a layer reads. */
const ZERO_POINT = 128;

/** Values for a model's inputs, by name. */
export type Values = Map<string, { data: ConstantData; shape: readonly number[] }>;

/** A matrix as integers with one scale a row. */
export interface Int8Rows {
  /** [rows, columns], row-major; -127 to 127. */
  readonly data: Int8Array;
  /** [rows]: value = scale x integer. */
  readonly scales: Float32Array;
}

/**
 * Rounds the rows of a matrix, each by its largest magnitude; ties go away from zero.
 *
 * @example quantiseRows(Float32Array.of(1, -2, 0, 0), 2) // data [64, -127, 0, 0], scales [2/127, 0]
 */
export function quantiseRows(matrix: Float32Array, columns: number): Int8Rows {
  const rows = matrix.length / columns;
  const data = new Int8Array(matrix.length);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = matrix.subarray(r * columns, (r + 1) * columns);
    let most = 0;
    for (const value of row) most = Math.max(most, Math.abs(value));
    if (most === 0) continue;
    scales[r] = most / MOST;
    for (let c = 0; c < columns; c++)
      data[r * columns + c] = Math.sign(row[c]) * Math.round((Math.abs(row[c]) / most) * MOST);
  }
  return { data, scales };
}

/**
 * The graph with its linear layers (`Gemm` with a weight [out, in] or, not transposed, [in, out] of `weights`) and its look-ups of tables in
 * `weights` in integers, but for weights in `keep`. The names of the new weights are the old ones with `_int8` and
 * `_scale` after them.
 *
 * @returns the graph, and the values of all weights that it has
 * @example const { outputs, values } = int8Layers({ vectors }, weights, new Set(['linear.weight']))
 */
export function int8Layers<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  weights: Weights,
  keep: ReadonlySet<string> = new Set(),
): { outputs: Record<Name, Tensor>; values: Values } {
  const values: Values = new Map(weights);
  const read = new Map<Tensor, Read>();
  const made = new Map<string, Tensor>();
  // Layers that share a weight share its integers.
  const add8 = (name: string, data: ConstantData, shape: readonly number[]) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    values.set(name, { data, shape });
    const tensor = input(name, data instanceof Int8Array ? 'int8' : 'float32', shape);
    made.set(name, tensor);
    return tensor;
  };
  const rule: Rule = (node, inputs) => {
    const at = node.op === 'Gather' ? 0 : 1;
    if (!isLinear(node) && !isRowLookup(node)) return undefined;
    const data = weightOf(node.inputs[at], weights);
    const name = node.inputs[at].node.name;
    if (data === undefined || name === undefined || keep.has(name)) return undefined;
    const [first, second] = node.inputs[at].shape.map(Number);
    // Imported layers may have their weight as [in, out].
    const turned = node.op !== 'Gather' && !flag(node, 'transB');
    const [rows, columns] = turned ? [second, first] : [first, second];
    const rounded = quantiseRows(turned ? transposed(data, first, second) : data, columns);
    const scales = add8(`${name}_scale`, rounded.scales, [rows]);
    if (node.op === 'Gather') {
      const table = add8(`${name}_int8`, rounded.data, [rows, columns]);
      const ids = inputs[1];
      const factor = reshape(gather(scales, ids), [...ids.shape, 1]);
      return [mul(cast(gather(table, ids), 'float32'), factor)];
    }
    const weight = add8(`${name}_int8`, transposed(rounded.data, rows, columns), [columns, rows]);
    const [x, , bias] = inputs;
    if (!read.has(x)) read.set(x, roundRows(x));
    const { integers, scale } = read.get(x)!;
    const product = makeNode(
      'MatMulIntegerToFloat',
      [integers, weight, scalar(1), scales, zeroPoint()],
      'float32',
      node.outputs[0].shape,
      { domain: 'com.microsoft' },
    );
    const scaled = mul(product, scale);
    return [bias === undefined ? scaled : add(scaled, bias)];
  };
  const rewritten = rewrite(outputs, rule);
  const used = new Set(topologicalOrder(Object.values<Tensor>(rewritten)).map(({ name }) => name));
  for (const name of weights.keys()) if (!used.has(name)) values.delete(name);
  return { outputs: rewritten, values };
}

/** What a layer reads: integers [n, in] and what they are multiples of [n, 1]. */
interface Read {
  readonly integers: Tensor;
  readonly scale: Tensor;
}

/** x [n, in] in integers, each row by its largest magnitude. */
function roundRows(x: Tensor): Read {
  // A row of zeros would be divided by 0.
  const scale = maximum(mul(reduceMax(abs(x), 1, true), 1 / MOST), scalar(1e-12));
  const rows = [x.shape[0]];
  const inputs = [x, reshape(scale, rows), expand(constant(Uint8Array.of(ZERO_POINT), [1], 'uint8'), rows)];
  const integers = makeNode('QuantizeLinear', inputs, 'uint8', x.shape, { attributes: { axis: { int: 0 } } });
  return { integers, scale };
}

function zeroPoint(): Tensor {
  return constant(Uint8Array.of(ZERO_POINT), [], 'uint8');
}

/** Whether a node takes rows of a matrix; imported graphs look up other tensors, and along other axes, too. */
function isRowLookup({ op, inputs, attributes }: Node): boolean {
  if (op !== 'Gather' || inputs[0].shape.length !== 2) return false;
  return 'int' in attributes.axis && attributes.axis.int === 0;
}

/** Whether a node is x W' + bias, or x W + bias. */
function isLinear(node: Node): boolean {
  return node.op === 'Gemm' && !flag(node, 'transA');
}

function flag({ attributes }: Node, name: string): boolean {
  return name in attributes && 'int' in attributes[name] && attributes[name].int === 1;
}

function transposed<Numbers extends Int8Array | Float32Array>(
  data: Numbers,
  rows: number,
  columns: number,
): Numbers {
  const out = data.slice() as Numbers;
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c];
  return out;
}
