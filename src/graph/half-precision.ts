/**
 * A graph that runs alone in half precision: weights, products, activations and what is added to them are float16. What sums many
 * terms or spans more than a half can hold stays in float32: softmax with the masks added before it, sums, square
 * roots, and layers whose weights are in `keep`. Layer normalisation takes halves and sums in float32, as ONNX's
 * own default (`stash_type`) has it. Inputs and outputs of the graph keep their types.
 */
import { encodeFloat16, tensorToFloat16 } from '../data/half.ts';
import { FloatCasts, isFloat } from './float-casts.ts';
import type { Values } from './int8.ts';
import { cast } from './ops/elementwise.ts';
import { type Rule, rewrite, type Weights, weightOf } from './rewrite.ts';
import { constant, type DataType, input, makeNodes, type Node, type Tensor } from './tensor.ts';

/** Operators of float32 whatever comes in. */
const FULL = new Set([
  'Softmax',
  'LogSoftmax',
  'ReduceSum',
  'ReduceMean',
  'Sqrt',
  'Reciprocal',
  'Exp',
  'Log',
  'Pow',
]);
/** Operators of float16 whatever comes in. */
const HALF = new Set(['Gemm', 'MatMul', 'LayerNormalization', 'Gelu']);

/**
 * The graph in half precision; weights in `keep`, and the linear layers they belong to, stay in float32.
 *
 * @returns the graph, and the values of all weights that it has
 * @throws RefractError `SETTING_INVALID` when a weight is too large for a half
 * @example const { outputs, values } = halfPrecision({ vectors }, weights, new Set(['linear.weight']))
 */
export function halfPrecision<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  weights: Weights,
  keep: ReadonlySet<string> = new Set(),
): { outputs: Record<Name, Tensor>; values: Values } {
  const values: Values = new Map(weights);
  const casts = new FloatCasts(inType);
  const rule: Rule = (node, inputs) => {
    if (node.op === 'Input') {
      const data = weightOf(node.outputs[0], weights);
      const name = node.name ?? '';
      if (data === undefined || keep.has(name)) return undefined;
      const { shape } = weights.get(name)!;
      values.set(name, { data: tensorToFloat16(name, data), shape });
      return [input(name, 'float16', shape)];
    }
    if (node.op === 'Constant' || node.op === 'Cast') return undefined;
    const kept = node.inputs.some((tensor) => keep.has(tensor.node.name ?? ''));
    const dtype = kept ? 'float32' : typeOf(node, inputs);
    if (dtype === undefined) return undefined;
    return makeNodes(
      node.op,
      inputs.map((x) => casts.as(x, dtype)),
      node.outputs.map((tensor) => ({ dtype: isFloat(tensor) ? dtype : tensor.dtype, shape: tensor.shape })),
      { attributes: node.attributes, domain: node.domain, target: node.target },
    );
  };
  const halved = rewrite(outputs, rule);
  for (const name of Object.keys(outputs) as Name[])
    halved[name] = casts.as(halved[name], outputs[name].dtype);
  return { outputs: halved, values };
}

/** The type that a node computes in; undefined where it has nothing to do with floats. */
function typeOf(node: Node, inputs: readonly Tensor[]): DataType | undefined {
  const floats = inputs.filter(isFloat);
  if (floats.length === 0) return undefined;
  if (FULL.has(node.op)) return 'float32';
  if (HALF.has(node.op)) return 'float16';
  // The rest follows what comes in, to which constants adapt.
  const computed = floats.filter((x) => x.node.op !== 'Constant');
  return (computed.length > 0 ? computed : floats).some((x) => x.dtype === 'float32') ? 'float32' : 'float16';
}

function inType(x: Tensor, dtype: DataType): Tensor {
  const { op, data } = x.node;
  if (op === 'Constant' && dtype === 'float16' && data instanceof Float32Array)
    return constant(encodeFloat16(data), x.shape.map(Number));
  return cast(x, dtype);
}
