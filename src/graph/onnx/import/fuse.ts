/**
 * What exporters take apart and one operator computes faster: a layer's bias, layer normalisation and the exact
 * GELU. Each is recognised where the last step of it is imported.
 */
import { gelu } from '../../ops/activation.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/layout.ts';
import { gemm } from '../../ops/linear.ts';
import { layerNorm } from '../../ops/normalise.ts';
import type { Tensor } from '../../tensor.ts';

/** `a + b`; with the bias within the product, or as the end of a layer normalisation, where it is one. */
export function fusedSum(a: Tensor, b: Tensor): Tensor {
  return biased(a, b) ?? biased(b, a) ?? normalised(a, b) ?? normalised(b, a) ?? add(a, b);
}

/** `a * b`, or the exact GELU where its last step is this product. */
export function fusedProduct(a: Tensor, b: Tensor): Tensor {
  return exactGelu(a, b) ?? mul(a, b);
}

/** x W + bias, as one Gemm: bias [n] added to a product given its axes back. */
function biased(product: Tensor, bias: Tensor): Tensor | undefined {
  const inner = product.node.op === 'Reshape' ? product.node.inputs[0] : product;
  const width = product.shape[product.shape.length - 1];
  if (inner.node.op !== 'Gemm' || inner.node.inputs.length !== 2 || inner.shape[1] !== width)
    return undefined;
  if (bias.shape.length !== 1 || bias.shape[0] !== width) return undefined;
  const [x, weights] = inner.node.inputs;
  const flag = (name: 'transA' | 'transB') => (inner.node.attributes[name] as { int: number }).int === 1;
  return reshape(gemm(x, weights, flag('transA'), flag('transB'), bias), product.shape);
}

/** The value of a constant of one element. */
function fixed(x: Tensor): number | undefined {
  return x.node.data?.length === 1 && x.dtype === 'float32' ? Number(x.node.data[0]) : undefined;
}

/** (x - mean) / sqrt(mean (x - mean)^2 + epsilon) * scale + bias, all over the last axis. */
function normalised(scaled: Tensor, bias: Tensor): Tensor | undefined {
  if (scaled.node.op !== 'Mul') return undefined;
  for (const [quotient, scale] of bothWays(scaled)) {
    const found = standardised(quotient);
    if (!found || !isRow(scale, found.x) || !isRow(bias, found.x)) continue;
    return layerNorm(found.x, scale, bias, found.epsilon);
  }
  return undefined;
}

function isRow(parameter: Tensor, x: Tensor): boolean {
  return parameter.shape.length === 1 && parameter.shape[0] === x.shape[x.shape.length - 1];
}

function standardised(quotient: Tensor): { x: Tensor; epsilon: number } | undefined {
  if (quotient.node.op !== 'Div') return undefined;
  const [centred, deviation] = quotient.node.inputs;
  if (centred.node.op !== 'Sub' || deviation.node.op !== 'Sqrt') return undefined;
  const [x, mean] = centred.node.inputs;
  const [variance] = deviation.node.inputs;
  if (meanOfLast(mean) !== x || variance.node.op !== 'Add') return undefined;
  for (const [squares, epsilon] of bothWays(variance)) {
    const square = meanOfLast(squares);
    if (square?.node.op !== 'Mul' || fixed(epsilon) === undefined) continue;
    if (square.node.inputs.every((each) => isSameDifference(each, centred)))
      return { x, epsilon: fixed(epsilon)! };
  }
  return undefined;
}

/** Exporters may write x - mean twice. */
function isSameDifference(a: Tensor, b: Tensor): boolean {
  return a === b || (a.node.op === 'Sub' && a.node.inputs.every((x, i) => x === b.node.inputs[i]));
}

/** What `x` is the mean over the last axis of, with that axis kept. */
function meanOfLast(x: Tensor): Tensor | undefined {
  if (x.node.op !== 'ReduceMean') return undefined;
  const [inner, axes] = x.node.inputs;
  const last = inner.shape.length - 1;
  const over = axes.node.data?.length === 1 ? Number(axes.node.data[0]) : undefined;
  return (over === last || over === -1) && x.shape.length === inner.shape.length ? inner : undefined;
}

function bothWays({ node }: Tensor): [Tensor, Tensor][] {
  const [a, b] = node.inputs;
  return [
    [a, b],
    [b, a],
  ];
}

/** x (1 + erf(x / sqrt 2)) / 2, whatever the order of its factors. */
function exactGelu(a: Tensor, b: Tensor): Tensor | undefined {
  const factors = [...factorsOf(a), ...factorsOf(b)];
  const constants = factors.map(fixed);
  const scale = constants.reduce<number>((total, each) => total * (each ?? 1), 1);
  const rest = factors.filter((_, i) => constants[i] === undefined);
  if (rest.length !== 2 || Math.abs(scale - 0.5) > 1e-6) return undefined;
  for (const [x, gate] of [rest, [rest[1], rest[0]]]) {
    const inner = errorOf(gate);
    if (inner && inner.x === x && Math.abs(inner.scale - Math.SQRT1_2) < 1e-6) return gelu(x);
  }
  return undefined;
}

/** The factors of a product of products, three deep. */
function factorsOf(x: Tensor, depth = 2): Tensor[] {
  if (x.node.op !== 'Mul' || depth === 0) return [x];
  return x.node.inputs.flatMap((each) => factorsOf(each, depth - 1));
}

/** x and c of 1 + erf(c x). */
function errorOf(gate: Tensor): { x: Tensor; scale: number } | undefined {
  if (gate.node.op !== 'Add') return undefined;
  for (const [error, one] of bothWays(gate)) {
    if (error.node.op !== 'Erf' || fixed(one) !== 1) continue;
    const [inner] = error.node.inputs;
    for (const [x, factor] of inner.node.inputs.length === 2 ? bothWays(inner) : []) {
      const c = fixed(factor);
      if (c === undefined) continue;
      if (inner.node.op === 'Mul') return { x, scale: c };
      if (inner.node.op === 'Div' && x === inner.node.inputs[0]) return { x, scale: 1 / c };
    }
  }
  return undefined;
}
