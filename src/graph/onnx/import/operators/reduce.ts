/** Reductions over axes. */
import { reduceSum } from '../../../ops/broadcast.ts';
import { abs, exp, log, mul, neg, sqrt } from '../../../ops/elementwise.ts';
import { reshape } from '../../../ops/layout.ts';
import { logSumExp, reduceMax, reduceMean } from '../../../ops/reduce.ts';
import type { Dim } from '../../../shape.ts';
import { int64s, makeNode, type Tensor } from '../../../tensor.ts';
import type { Operation, OperatorRule, OperatorRules } from '../operation.ts';
import { addSizes, extremeSize, multiplySizes } from '../sizes.ts';
import { asValue, type Element, isFloat, type Value } from '../value.ts';

type Reduction = (x: Tensor, axes: readonly number[]) => Tensor;

/** `float` keeps the axes with size 1; `fold` combines the elements of a vector that holds sizes. */
function reduction(float: Reduction | undefined, fold?: (a: Dim, b: Dim) => Element): OperatorRule {
  return (operation) => {
    const value = operation.input(0);
    const { tensor: x } = value;
    const axes = axesOf(operation, x);
    if (axes.length === 0) return value;
    const keep = operation.attributes.int('keepdims', 1) === 1;
    const kept = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
    const shape = keep ? kept : x.shape.filter((_, i) => !axes.includes(i));
    if (isFloat(x)) {
      if (!float) throw operation.fail('is supported for whole numbers only');
      return asValue(reshape(float(x, axes), shape));
    }
    const tensor = makeNode(operation.op, [x, int64s(axes)], x.dtype, shape, {
      attributes: { keepdims: { int: keep ? 1 : 0 } },
    });
    return asValue(tensor, x.shape.length === 1 && fold ? folded(value, fold) : undefined);
  };
}

function folded({ elements }: Value, fold: (a: Dim, b: Dim) => Element): Element[] | undefined {
  if (!elements || elements.length === 0) return undefined;
  return [elements.reduce((a, b) => (a === undefined || b === undefined ? undefined : fold(a, b)))];
}

/** The axes reduced, all of them where none are named (unless the node says that then nothing happens). */
function axesOf(operation: Operation, x: Tensor): number[] {
  const named = operation.numbers(1, 'axes');
  const rank = x.shape.length;
  if (named && named.length > 0)
    return named.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  return operation.attributes.int('noop_with_empty_axes', 0) === 1 ? [] : x.shape.map((_, i) => i);
}

const sum: Reduction = (x, axes) => reduceSum(x, axes, true);
const largest: Reduction = (x, axes) => axes.reduce((y, axis) => reduceMax(y, axis, true), x);
const squares: Reduction = (x, axes) => sum(mul(x, x), axes);

export const REDUCE: OperatorRules = {
  ReduceSum: reduction(sum, addSizes),
  ReduceMean: reduction((x, axes) => reduceMean(x, axes, true)),
  ReduceMax: reduction(largest, (a, b) => extremeSize(a, b, 1)),
  ReduceMin: reduction(
    (x, axes) => neg(largest(neg(x), axes)),
    (a, b) => extremeSize(a, b, -1),
  ),
  ReduceProd: reduction(undefined, multiplySizes),
  ReduceL1: reduction((x, axes) => sum(abs(x), axes)),
  ReduceL2: reduction((x, axes) => sqrt(squares(x, axes))),
  ReduceSumSquare: reduction(squares),
  ReduceLogSum: reduction((x, axes) => log(sum(x, axes))),
  ReduceLogSumExp: reduction((x, axes) =>
    axes.length === 1 ? logSumExp(x, axes[0], true) : log(sum(exp(x), axes)),
  ),
};
