/** Reductions over axes: mean, max, log-sum-exp. `reduceSum` is in `broadcast.ts`. */
import { axisOf } from '../shape.ts';
import { int64s, makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { expand, reduceSum } from './broadcast.ts';
import { equal } from './compare.ts';
import { add, cast, div, exp, log, mul, sub } from './elementwise.ts';
import { gatherElements } from './indexing.ts';
import { reshape } from './layout.ts';

/** The mean over `axes`; they stay with size 1 when `keep`. */
export function reduceMean(x: Tensor, axes: readonly number[], keep = false): Tensor {
  requireFloat('ReduceMean', x);
  const at = axes.map((axis) => axisOf('reduceMean', axis, x.shape));
  const kept = x.shape.map((dim, i) => (at.includes(i) ? 1 : dim));
  const shape = keep ? kept : x.shape.filter((_, i) => !at.includes(i));
  return makeNode('ReduceMean', [x, int64s(at)], x.dtype, shape, {
    attributes: { keepdims: { int: keep ? 1 : 0 } },
    gradient: ([g], node) => {
      if (!g) return [undefined, undefined];
      // 1/n as a graph value, so that named sizes work: mean(ones) = 1, sum(ones) = n.
      const numbers = at.map((axis) => x.shape[axis]);
      const n = numbers.every((dim) => typeof dim === 'number')
        ? scalar(numbers.reduce<number>((total, dim) => total * (dim as number), 1))
        : reduceSum(expand(scalar(1), x.shape), at, true);
      return [expand(div(reshape(g, kept), n), node.inputs[0].shape), undefined];
    },
  });
}

/** The maximum over one axis. Equal maxima share the gradient evenly, as PyTorch's `amax`. */
export function reduceMax(x: Tensor, axis: number, keep = false): Tensor {
  requireFloat('ReduceMax', x);
  const at = axisOf('reduceMax', axis, x.shape);
  const kept = x.shape.map((dim, i) => (i === at ? 1 : dim));
  const shape = keep ? kept : x.shape.filter((_, i) => i !== at);
  return makeNode('ReduceMax', [x, int64s([at])], x.dtype, shape, {
    attributes: { keepdims: { int: keep ? 1 : 0 } },
    gradient: ([g], node) => {
      if (!g) return [undefined, undefined];
      const winners = cast(equal(x, reshape(node.outputs[0], kept)), x.dtype);
      const share = div(reshape(g, kept), reduceSum(winners, [at], true));
      return [mul(winners, share), undefined];
    },
  });
}

/**
 * The maximum over one axis, whose gradient goes to the first maximum alone, as PyTorch's `max(dim)`. It
 * moves less memory than `reduceMax` does, which matters where the axis is wide (MaxSim).
 */
export function maxFirst(x: Tensor, axis: number): Tensor {
  requireFloat('ReduceMax', x);
  const at = axisOf('maxFirst', axis, x.shape);
  const kept = x.shape.map((dim, i) => (i === at ? 1 : dim));
  const value = makeNode('ReduceMax', [x, int64s([at])], x.dtype, kept, {
    attributes: { keepdims: { int: 1 } },
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      const winner = makeNode('ArgMax', [x], 'int64', kept, {
        attributes: { axis: { int: at }, keepdims: { int: 1 } },
      });
      return [
        makeNode('ScatterElements', [expand(scalar(0), x.shape), winner, g], g.dtype, x.shape, {
          attributes: { axis: { int: at } },
          gradient: ([h]) => [undefined, undefined, h && gatherElements(h, winner, at)],
        }),
        undefined,
      ];
    },
  });
  return reshape(
    value,
    x.shape.filter((_, i) => i !== at),
  );
}

/** log sum exp over one axis, stable: the maximum is taken out first. */
export function logSumExp(x: Tensor, axis: number, keep = false): Tensor {
  const at = axisOf('logSumExp', axis, x.shape);
  const peak = reduceMax(x, at, true);
  const fixed = makeNode('Identity', [peak], x.dtype, peak.shape);
  const total = add(log(reduceSum(exp(sub(x, fixed)), [at], true)), fixed);
  return keep
    ? total
    : reshape(
        total,
        x.shape.filter((_, i) => i !== at),
      );
}
