/** How much memory a graph takes while it runs, told from its shapes. */
import { topologicalOrder } from './gradient.ts';
import { bind, type Shape, type Sizes } from './shape.ts';
import type { DataType, Tensor } from './tensor.ts';

const BYTES: Record<DataType, number> = {
  float32: 4,
  float16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  int8: 1,
  uint8: 1,
};
/** Operators whose result is their first input under another shape. */
const ALIASES = new Set(['Reshape', 'Identity']);

/**
 * The most bytes of intermediate results and outputs at any time, inputs apart, when each is freed after its last
 * use. Sizes of dimensions are those that `sizes` gives. What a runtime takes differs by its order of operators,
 * by what it fuses and by the rounding of its allocator.
 *
 * @example peakBytes({ loss, ...gradients }, { B: 32, L: 64 })
 */
export function peakBytes(outputs: Readonly<Record<string, Tensor>>, sizes: Sizes): number {
  const order = topologicalOrder(Object.values(outputs));
  const stored = new Map<Tensor, Tensor>();
  const store = (x: Tensor): Tensor => stored.get(x) ?? x;
  const uses = new Map<Tensor, number>();
  const use = (x: Tensor) => uses.set(store(x), (uses.get(store(x)) ?? 0) + 1);
  for (const node of order) {
    if (ALIASES.has(node.op)) stored.set(node.outputs[0], store(node.inputs[0]));
    node.inputs.forEach(use);
  }
  for (const x of Object.values(outputs)) use(x);
  let [now, peak] = [0, 0];
  const isMade = ({ node }: Tensor) => node.op !== 'Input' && node.op !== 'Constant';
  for (const node of order) {
    for (const x of node.outputs) {
      if (isMade(x) && store(x) === x && uses.has(x)) now += bytesOf(x, sizes);
    }
    peak = Math.max(peak, now);
    for (const x of node.inputs.map(store)) {
      const left = uses.get(x)! - 1;
      uses.set(x, left);
      if (left === 0 && isMade(x)) now -= bytesOf(x, sizes);
    }
  }
  return peak;
}

/** Named sizes as the shapes of what is fed for the inputs of `outputs` give them. */
export function sizesOf(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const { op, name, outputs: made } of topologicalOrder(Object.values(outputs))) {
    const given = op === 'Input' ? feeds[name!]?.shape : undefined;
    given?.forEach((size, axis) => {
      const dim = made[0].shape[axis];
      if (typeof dim === 'string' && !dim.includes('*')) sizes[dim] = size;
    });
  }
  return sizes;
}

function bytesOf({ shape, dtype }: Tensor, sizes: Sizes): number {
  return (shape as Shape).reduce<number>((total, dim) => {
    const size = bind(dim, sizes);
    return total * (typeof size === 'number' ? size : 1);
  }, BYTES[dtype]);
}
