/** Slices. Where an end is a named size, elements are looked up by number, which can be differentiated. */
import { count } from '../../../ops/indexing.ts';
import { slice } from '../../../ops/layout.ts';
import { take } from '../../../ops/take.ts';
import { axisOf, type Dim } from '../../../shape.ts';
import { int64s, makeNode, type Tensor } from '../../../tensor.ts';
import { takenElements } from '../elements.ts';
import type { Operation } from '../operation.ts';
import { addSizes, compareSizes } from '../sizes.ts';
import { asValue, type Element, MOST_ELEMENTS, type Value } from '../value.ts';

/** The longest axis whose elements are looked up by number. */
const LONGEST = 2 ** 24;

interface Cut {
  readonly axis: number;
  readonly start: Element;
  readonly end: Element;
  readonly step: number;
  /** The bounds as the file computes them, int64 [1]. */
  readonly bounds: () => readonly [Tensor, Tensor];
}

/** `Slice`: starts, ends, axes and steps as inputs, or as attributes before operator set 10. */
export function sliceRule(operation: Operation): Value {
  let value = operation.input(0);
  for (const cut of cuts(operation)) value = sliced(operation, value, cut);
  return value;
}

function cuts(operation: Operation): Cut[] {
  const { tensor: x } = operation.input(0);
  const fixed = { starts: operation.attributes.ints('starts'), ends: operation.attributes.ints('ends') };
  const starts = fixed.starts ?? operation.input(1).elements;
  const ends = fixed.ends ?? operation.input(2).elements;
  const n = starts?.length ?? ends?.length ?? (operation.inputs[1]?.tensor.shape[0] as number);
  if (!(n <= MOST_ELEMENTS))
    throw operation.fail('a number of axes that depends on the input is not supported');
  const axes = operation.numbers(3, 'axes') ?? Array.from({ length: n }, (_, i) => i);
  const steps = operation.numbers(4, 'steps') ?? Array<number>(n).fill(1);
  return axes.map((axis, i) => ({
    axis: axisOf('Slice', axis, x.shape),
    start: starts?.[i],
    end: ends?.[i],
    step: steps[i],
    bounds: () => [boundAt(operation, fixed.starts, 1, i), boundAt(operation, fixed.ends, 2, i)],
  }));
}

function boundAt(
  operation: Operation,
  fixed: readonly number[] | undefined,
  input: number,
  i: number,
): Tensor {
  if (fixed) return int64s([fixed[i]]);
  const { tensor } = operation.input(input);
  return makeNode('Gather', [tensor, int64s([i])], tensor.dtype, [1], { attributes: { axis: { int: 0 } } });
}

function sliced(operation: Operation, value: Value, cut: Cut): Value {
  const { tensor: x } = value;
  const { axis, step } = cut;
  const size = x.shape[axis];
  const [start, end] = [resolve(cut.start, size, step > 0 ? 0 : undefined), resolve(cut.end, size, size)];
  if (step === 1 && start === 0 && end === size) return value;
  if (step === 1 && typeof size === 'number' && typeof start === 'number' && typeof end === 'number') {
    if (end <= start) throw operation.fail(`nothing is left of axis ${axis} (${start} to ${end})`);
    return asValue(slice(x, axis, start, end), elementsOf(value, cut));
  }
  if (typeof size === 'number' && size > LONGEST)
    throw operation.fail(`axis ${axis} of ${size} elements is too long`);
  const length = lengthOf(cut, start, end, size) ?? operation.scope.freshSize();
  const places = makeNode('Slice', [count(size), ...cut.bounds(), int64s([0]), int64s([step])], 'int32', [
    length,
  ]);
  return asValue(take(x, places, axis), elementsOf(value, cut));
}

/** The elements that a slice with fixed bounds takes. */
function elementsOf(value: Value, cut: Cut): Element[] | undefined {
  const size = value.tensor.shape[cut.axis];
  const length = lengthOf(cut, undefined, undefined, size);
  if (typeof size !== 'number' || typeof length !== 'number' || typeof cut.start !== 'number')
    return undefined;
  const first = held(cut.start, size, cut.step);
  return takenElements(
    value,
    cut.axis,
    Array.from({ length }, (_, i) => first + i * cut.step),
  );
}

/** A bound within the axis: negative ones count from its end, and those beyond are held to it. */
function resolve(bound: Element, size: Dim, atLeast: Dim | undefined): Element {
  if (bound === undefined || atLeast === undefined) return undefined;
  const from = typeof bound === 'number' && bound < 0 ? addSizes(size, bound) : bound;
  if (from === undefined) return typeof bound === 'number' && bound < -(2 ** 40) ? 0 : undefined;
  if (typeof from === 'number' && from < 0) return 0;
  if (typeof from === 'number' && from > 2 ** 40) return size;
  if (typeof from === 'string' && typeof bound === 'number' && bound < -(2 ** 30)) return 0;
  const order = compareSizes(from, size);
  if (order !== undefined && order > 0) return size;
  // A named size of a table's axis is within it: what is longer than the table cannot be encoded.
  if (order === undefined && typeof from === 'number' && from > 1) return undefined;
  return from;
}

/** How many elements a slice has, where it can be said. */
function lengthOf({ step, ...cut }: Cut, start: Element, end: Element, size: Dim): Dim | undefined {
  if (step === 1 && start !== undefined && end !== undefined) return addSizes(end, start, -1);
  if (typeof size !== 'number' || typeof cut.start !== 'number' || typeof cut.end !== 'number')
    return undefined;
  return Math.max(0, Math.ceil((held(cut.end, size, step) - held(cut.start, size, step)) / step));
}

/** A bound as ONNX holds it to an axis, for the direction of the step. */
function held(bound: number, size: number, step: number): number {
  const from = bound < 0 ? bound + size : bound;
  return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
}
