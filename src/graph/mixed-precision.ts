/**
 * Mixed precision of training (Micikevicius et al. 2018): products of matrices in float16, everything that sums or divides in
 * float32. Weights stay float32 inputs; they are rounded where they are used.
 *
 * Products with a weight, or with something that is there in float16, take and give float16. Operators that move or
 * combine elements give float16 where all they read is, so that an activation between two products is rounded once.
 * All others, among them softmax, layer normalisation, reductions and losses, read float32, and so do products of what
 * they give: similarities of unit vectors.
 */
import { FloatCasts, isFloat } from './float-casts.ts';
import { rewrite, withInputs } from './rewrite.ts';
import type { Node, Tensor } from './tensor.ts';

const PRODUCTS = new Set(['MatMul', 'Gemm']);
const FOLLOWERS = new Set([
  ...['Reshape', 'Transpose', 'Slice', 'Split', 'Concat', 'Pad', 'Expand', 'Gather', 'Identity'],
  ...['Add', 'Sub', 'Mul', 'Neg', 'Gelu', 'Relu', 'Tanh'],
]);
/** Magnitudes that float16 holds with its full precision. */
const [LEAST, MOST] = [2 ** -14, 65504];

/**
 * The graph of `outputs` in mixed precision; it takes and gives the types it did. Rewrite it after its gradients
 * were taken, and multiply the loss before, so that small gradients do not vanish in float16.
 *
 * @example
 * const scaled = mul(loss, input('lossScale', 'float32', []));
 * const { gradient } = toMixedPrecision({ gradient: gradients(scaled, [weights])[0] });
 */
export function toMixedPrecision(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const casts = new FloatCasts();
  const found = rewrite(outputs, (node, inputs) => {
    if (node.inputs.length === 0) return undefined;
    const rounded = (x: Tensor) => x.dtype === 'float16' || casts.of(x)?.dtype === 'float16' || isWeight(x);
    if (isHalf(node, inputs, rounded)) {
      return withInputs(
        node,
        inputs.map((x) => casts.as(x, 'float16')),
        'float16',
      );
    }
    const full = inputs.map((x) => casts.as(x, 'float32'));
    return full.every((x, i) => x === node.inputs[i]) ? undefined : withInputs(node, full);
  });
  return Object.fromEntries(
    Object.entries(found).map(([name, x]) => [name, casts.as(x, outputs[name].dtype)]),
  );
}

function isHalf({ op, outputs }: Node, inputs: readonly Tensor[], rounded: (x: Tensor) => boolean): boolean {
  // A product with ones is a sum.
  if (PRODUCTS.has(op))
    return inputs.slice(0, 2).some(rounded) && !inputs.some(({ node }) => node.op === 'Expand');
  if (!FOLLOWERS.has(op) || !isFloat(outputs[0])) return false;
  const values = inputs.filter(isFloat);
  return (
    values.some(({ dtype }) => dtype === 'float16') && values.every((x) => x.dtype === 'float16' || fits(x))
  );
}

/** An input of fixed sizes, or another view of one: what is fed with a batch has a named size. */
function isWeight({ node, dtype, shape }: Tensor): boolean {
  if (node.op === 'Transpose' || node.op === 'Identity') return isWeight(node.inputs[0]);
  return node.op === 'Input' && dtype === 'float32' && shape.every((dim) => typeof dim === 'number');
}

/** A constant number that float16 holds. */
function fits({ node }: Tensor): boolean {
  if (node.op !== 'Constant' || node.data?.length !== 1) return false;
  const size = Math.abs(Number(node.data[0]));
  return size === 0 || (size >= LEAST && size <= MOST);
}
