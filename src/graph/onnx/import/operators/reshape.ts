/** Reshaping, axes of size 1, transposition and broadcasting to a shape that the graph computes. */
import { expand } from '../../../ops/broadcast.ts';
import { reshape, transpose } from '../../../ops/layout.ts';
import { swapLast } from '../../../ops/linear.ts';
import { expandAtRun, reshapeAtRun } from '../../../ops/run-time-shape.ts';
import { type Dim, product, quotient, type Shape, sameShape, showShape } from '../../../shape.ts';
import type { Tensor } from '../../../tensor.ts';
import { transposedElements } from '../elements.ts';
import type { Operation, OperatorRules } from '../operation.ts';
import { asValue, countOf, type Element, MOST_ELEMENTS, type Value } from '../value.ts';

/** What a model traced for one batch or length does with another: its sizes are numbers where names are needed. */
const FIXED_SIZES = 'Export the model with dynamic batch and length (dynamic_axes, or dynamic_shapes).';

/** The elements of a vector that says a shape, unknown ones included. */
export function shapeNamed(operation: Operation, target: Value): readonly Element[] {
  if (target.elements) return target.elements;
  const rank = countOf(target.tensor.shape);
  if (rank === undefined || rank > MOST_ELEMENTS || target.tensor.shape.length !== 1)
    throw operation.fail('a result whose number of axes depends on the input is not supported');
  return Array<Element>(rank).fill(undefined);
}

function reshapeRule(operation: Operation): Value {
  const { tensor: x, elements } = operation.input(0);
  const given = operation.input(1);
  const keepZero = operation.attributes.int('allowzero', 0) === 1;
  const target: Element[] = shapeNamed(operation, given).map((each, i) =>
    each === 0 && !keepZero ? x.shape[i] : each === -1 ? undefined : each,
  );
  return asValue(toShape(operation, x, target, given), elements);
}

/** `x` in a shape of which sizes may be unknown: one is inferred where the others allow it. */
function toShape(operation: Operation, x: Tensor, target: readonly Element[], given: Value): Tensor {
  const open = target.flatMap((each, i) => (each === undefined ? [i] : []));
  if (open.length === 0 || open.length === 1) {
    const known = target.filter((each) => each !== undefined);
    const rest = open.length === 0 ? 1 : quotient(product(x.shape), product(known));
    if (rest !== undefined) {
      const shape = target.map((each) => each ?? rest);
      if (product(shape) !== product(x.shape)) {
        throw operation.fail(`${showShape(x.shape)} does not fill ${showShape(shape)}`, FIXED_SIZES);
      }
      return reshape(x, shape);
    }
    // No name for the rest: a fixed batch or length, or a sum of sizes, which the graph has to work out.
    if (
      x.shape.every((dim) => !String(dim).includes('(') && !String(dim).startsWith('?')) &&
      fixed(known, x.shape)
    )
      throw operation.fail(
        `${showShape(x.shape)} does not fill ${showShape(target.map((d) => d ?? -1))}`,
        FIXED_SIZES,
      );
  }
  const shape = target.map((each) => each ?? operation.scope.freshSize());
  return reshapeAtRun(x, given.tensor, shape);
}

/** True where sizes that are numbers alone are to hold tensors with named sizes. */
function fixed(known: readonly Dim[], shape: Shape): boolean {
  return (
    known.every((dim) => typeof dim === 'number') && typeof product(shape) === 'string' && known.length > 2
  );
}

function flatten(operation: Operation): Value {
  const { tensor: x, elements } = operation.input(0);
  const axis = operation.attributes.int('axis', 1);
  const at = axis < 0 ? axis + x.shape.length : axis;
  return asValue(reshape(x, [product(x.shape.slice(0, at)), product(x.shape.slice(at))]), elements);
}

function unsqueeze(operation: Operation): Value {
  const { tensor: x, elements } = operation.input(0);
  const axes = operation.numbers(1, 'axes');
  if (!axes) throw operation.fail('axes are missing');
  const rank = x.shape.length + axes.length;
  const at = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (at.size < axes.length || [...at].some((axis) => axis < 0 || axis >= rank))
    throw operation.fail(`axes ${axes.join(', ')} are none of ${rank} different ones`);
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!));
  return asValue(reshape(x, shape), elements);
}

function squeeze(operation: Operation): Value {
  const { tensor: x, elements } = operation.input(0);
  const axes = operation.numbers(1, 'axes');
  const rank = x.shape.length;
  const at = axes
    ? axes.map((axis) => (axis < 0 ? axis + rank : axis))
    : x.shape.flatMap((d, i) => (d === 1 ? [i] : []));
  for (const axis of at) {
    if (x.shape[axis] !== 1)
      throw operation.fail(`axis ${axis} of ${showShape(x.shape)} is not of size 1`, FIXED_SIZES);
  }
  return asValue(
    reshape(
      x,
      x.shape.filter((_, i) => !at.includes(i)),
    ),
    elements,
  );
}

/**
 * A transposition, with one of the last two axes as a step of its own: it is then part of a matrix product
 * (`fuse` in onnx/encode.ts), and does not move anything.
 */
function transposeRule(operation: Operation): Value {
  const { tensor: x } = operation.input(0);
  const rank = x.shape.length;
  const order = operation.attributes.ints('perm') ?? x.shape.map((_, i) => rank - 1 - i);
  if (order.every((axis, i) => axis === i)) return operation.input(0);
  const elements = transposedElements(operation.input(0), order);
  if (elements || rank < 2 || order[rank - 2] < order[rank - 1])
    return asValue(transpose(x, order), elements);
  const before = [...order.slice(0, -2), order[rank - 1], order[rank - 2]];
  return asValue(swapLast(before.every((axis, i) => axis === i) ? x : transpose(x, before)));
}

/** `x` broadcast to a shape that a vector says (in both directions, as ONNX has it). */
export function expandTo(operation: Operation, x: Value, target: Value): Value {
  const wanted = shapeNamed(operation, target);
  const rank = Math.max(x.tensor.shape.length, wanted.length);
  let known = true;
  const shape = Array.from({ length: rank }, (_, i): Dim => {
    const own = x.tensor.shape[x.tensor.shape.length - rank + i] ?? 1;
    const other = i < rank - wanted.length ? 1 : wanted[wanted.length - rank + i];
    if (own !== 1 && (other === undefined || other === 1 || other === own)) return own;
    if (own !== 1) throw operation.fail(`size ${own} cannot be repeated to ${other}`, FIXED_SIZES);
    if (other !== undefined) return other;
    known = false;
    return operation.scope.freshSize();
  });
  if (sameShape(shape, x.tensor.shape)) return x;
  if (!known) return asValue(expandAtRun(x.tensor, target.tensor, shape));
  const count = countOf(shape);
  const same = x.elements?.length === 1 && count !== undefined && count <= MOST_ELEMENTS;
  return asValue(expand(x.tensor, shape), same ? Array<Element>(count).fill(x.elements![0]) : undefined);
}

/** Operators that leave their input as it is when a model is only run. */
function unchanged(operation: Operation): Value[] {
  const value = operation.input(0);
  if (operation.outputs === 1) return [value];
  throw operation.fail(
    'its mask is not available: the model was exported for training',
    'Export it after model.eval().',
  );
}

export const RESHAPE: OperatorRules = {
  Reshape: reshapeRule,
  Flatten: flatten,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Transpose: transposeRule,
  Expand: (operation) => expandTo(operation, operation.input(0), operation.input(1)),
  Identity: unchanged,
  Dropout: unchanged,
};
