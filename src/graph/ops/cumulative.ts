/** Sums along an axis up to each place, and the triangles of a matrix. */
import { axisOf, shapeError } from '../shape.ts';
import { constant, makeNode, type Tensor } from '../tensor.ts';

/** Which elements a cumulative sum counts. */
export interface CumulativeOptions {
  /** Leaves out the element itself. */
  readonly exclusive?: boolean;
  /** Sums from the end. */
  readonly reverse?: boolean;
}

/** y_i = sum of x_j for j <= i along `axis`; its adjoint sums the other way. Whole numbers carry no gradient. */
export function cumulativeSum(x: Tensor, axis: number, options: CumulativeOptions = {}): Tensor {
  const at = axisOf('cumulativeSum', axis, x.shape);
  const { exclusive = false, reverse = false } = options;
  return makeNode('CumSum', [x, constant(Int32Array.of(at), [])], x.dtype, x.shape, {
    attributes: { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } },
    gradient: ([g]) => [g && cumulativeSum(g, at, { exclusive, reverse: !reverse }), undefined],
  });
}

/** The upper or lower triangle of the last two axes, zeros elsewhere; `diagonal` shifts its edge to the right. */
export function triangle(x: Tensor, part: 'upper' | 'lower', diagonal = 0): Tensor {
  if (x.shape.length < 2) throw shapeError('triangle', [x.shape], 'needs rank 2 or more');
  const edge = constant(BigInt64Array.of(BigInt(diagonal)), []);
  return makeNode('Trilu', [x, edge], x.dtype, x.shape, {
    attributes: { upper: { int: part === 'upper' ? 1 : 0 } },
    gradient: ([g]) => [g && triangle(g, part, diagonal), undefined],
  });
}
