/** Broadcasting and its adjoint, summation: `expand`, `reduceSum`, `sumTo`. */
import { axisOf, broadcast, type Shape, sameShape, shapeError } from '../shape.ts';
import { int64s, makeNode, type Tensor } from '../tensor.ts';
import { reshape } from './layout.ts';

/** Repeats axes of size 1 (and leading axes) so that the result has `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcast('expand', x.shape, shape), shape)) {
    throw shapeError('expand', [x.shape, shape], 'does not broadcast to the second shape');
  }
  return makeNode('Expand', [x], x.dtype, shape, {
    target: shape,
    gradient: ([g]) => [g && sumTo(g, x.shape)],
  });
}

/** The sum over `axes`; they stay with size 1 when `keep`. */
export function reduceSum(x: Tensor, axes: readonly number[], keep = false): Tensor {
  const at = axes.map((axis) => axisOf('reduceSum', axis, x.shape)).sort((a, b) => a - b);
  if (at.length === 0) return x;
  const kept = x.shape.map((dim, i) => (at.includes(i) ? 1 : dim));
  const shape = keep ? kept : x.shape.filter((_, i) => !at.includes(i));
  return makeNode('ReduceSum', [x, int64s(at)], x.dtype, shape, {
    attributes: { keepdims: { int: keep ? 1 : 0 } },
    gradient: ([g]) => [g && expand(reshape(g, kept), x.shape), undefined],
  });
}

/** Sums `x` down to `shape`, the adjoint of broadcasting `shape` up to `x`'s. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  return reshape(reduceSum(x, axes, true), shape);
}
