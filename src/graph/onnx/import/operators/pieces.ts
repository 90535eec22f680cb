/** Joining, cutting, repeating and padding. */
import { expand } from '../../../ops/broadcast.ts';
import { concat, pad, reshape, split } from '../../../ops/layout.ts';
import { concatNamed, splitNamed } from '../../../ops/run-time-shape.ts';
import { tile } from '../../../ops/tile.ts';
import { axisOf, type Dim, sameShape, showShape } from '../../../shape.ts';
import { int64s, scalar, type Tensor } from '../../../tensor.ts';
import type { Operation, OperatorRules } from '../operation.ts';
import { addSizes, multiplySizes } from '../sizes.ts';
import { asValue, isFloat, numberOf, numbersOf, type Value } from '../value.ts';
import { sliceRule } from './slice.ts';

function join(operation: Operation): Value {
  const values = operation.inputs.map((_, i) => operation.input(i));
  const tensors = values.map(({ tensor }) => tensor);
  const [first] = tensors;
  const axis = axisOf('Concat', operation.attributes.int('axis', 0), first.shape);
  const rest = (x: (typeof tensors)[number]) => x.shape.filter((_, i) => i !== axis);
  const other = tensors.find((x) => !sameShape(rest(x), rest(first)));
  if (other) throw operation.fail(`${showShape(first.shape)} and ${showShape(other.shape)} do not join`);
  if (tensors.length === 1) return values[0];
  const elements =
    first.shape.length === 1 && values.every((each) => each.elements)
      ? values.flatMap((each) => each.elements!)
      : undefined;
  if (tensors.every((x) => typeof x.shape[axis] === 'number'))
    return asValue(concat(tensors, axis), elements);
  const sum = tensors
    .map((x) => x.shape[axis])
    .reduce<Dim | undefined>((a, b) => (a === undefined ? undefined : addSizes(a, b)), 0);
  return asValue(concatNamed(tensors, axis, sum ?? operation.scope.freshSize()));
}

function cut(operation: Operation): Value[] {
  const { tensor: x, elements } = operation.input(0);
  const axis = axisOf('Split', operation.attributes.int('axis', 0), x.shape);
  const whole = x.shape[axis];
  const listed = operation.attributes.ints('split') ?? operation.inputs[1]?.elements;
  const named = operation.inputs[1]?.tensor;
  if (!listed && named) throw operation.fail('parts whose sizes depend on the input are not supported');
  const sizes = listed ?? evenSizes(operation, whole);
  const parts = sizes.map((each) => each ?? operation.scope.freshSize());
  const numbers = parts.every((each) => typeof each === 'number') ? (parts as number[]) : undefined;
  if (numbers && typeof whole === 'number') {
    let start = 0;
    return split(x, numbers, axis).map((part, i) => {
      const from = start;
      start += numbers[i];
      return asValue(part, x.shape.length === 1 ? elements?.slice(from, start) : undefined);
    });
  }
  const tensor = named ?? int64s(numbers ?? []);
  return splitNamed(x, tensor, parts, axis).map((part) => asValue(part));
}

function evenSizes(operation: Operation, whole: Dim): number[] {
  if (typeof whole !== 'number') throw operation.fail(`equal parts of the size ${whole} are not supported`);
  const count = operation.outputs;
  const each = Math.ceil(whole / count);
  return Array.from({ length: count }, (_, i) => Math.min(each, whole - i * each));
}

function repeat(operation: Operation): Value {
  const { tensor: x } = operation.input(0);
  const repeats = operation.input(1);
  const numbers = numbersOf(repeats);
  if (numbers) return asValue(tile(x, numbers));
  const named = repeats.elements?.map((each) => each ?? -1) ?? [];
  const whole = x.shape.map((dim, i) => multiplySizes(dim, named[i] ?? -1));
  if (named.includes(-1) || named.length !== x.shape.length || whole.includes(undefined))
    throw operation.fail('a number of repeats that depends on the data is not supported');
  // As many copies as a named size: an axis of 1 before each, repeated and merged.
  const apart = reshape(
    x,
    x.shape.flatMap((dim) => [1, dim]),
  );
  const copies = x.shape.flatMap((dim, i) => [named[i], dim]);
  return asValue(reshape(expand(apart, copies), whole as Dim[]));
}

function padRule(operation: Operation): Value {
  const { tensor: x } = operation.input(0);
  const widths = operation.numbers(1, 'pads');
  const fill = operation.inputs[2] ? numberOf(operation.inputs[2]) : operation.attributes.float('value', 0);
  if (!isFloat(x) || operation.attributes.text('mode', 'constant') !== 'constant' || fill !== 0 || !widths)
    throw operation.fail('only padding of floats with zeros, by a fixed width, is supported');
  const axes = operation.inputs[3] ? numbersOf(operation.inputs[3]) : x.shape.map((_, i) => i);
  if (!axes || widths.some((width) => width < 0))
    throw operation.fail('padding of this kind is not supported');
  const padded = axes.reduce((tensor, axis, i) => {
    const [before, after] = [widths[i], widths[i + axes.length]];
    if (before === 0 && after === 0) return tensor;
    return typeof tensor.shape[axis] === 'number'
      ? pad(tensor, axis, before, after)
      : padNamed(operation, tensor, axisOf('Pad', axis, tensor.shape), before, after);
  }, x);
  return asValue(padded);
}

/** Zeros before and after an axis with a named size, joined to it. */
function padNamed(operation: Operation, x: Tensor, axis: number, before: number, after: number): Tensor {
  const zeros = (width: number) => {
    const shape = x.shape.map((dim, i) => (i === axis ? width : dim));
    return width === 0 ? [] : [expand(scalar(0), shape)];
  };
  const size = addSizes(x.shape[axis], before + after) ?? operation.scope.freshSize();
  return concatNamed([...zeros(before), x, ...zeros(after)], axis, size);
}

export const PIECES: OperatorRules = {
  Concat: join,
  Split: cut,
  Slice: sliceRule,
  Tile: repeat,
  Pad: padRule,
};
