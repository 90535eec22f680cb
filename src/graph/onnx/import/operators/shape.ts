/** Shapes as values, constants, ranges and types: what an exported model computes its sizes and masks with. */
import { cumulativeSum, triangle } from '../../../ops/cumulative.ts';
import { cast } from '../../../ops/elementwise.ts';
import { rangeOf } from '../../../ops/whole.ts';
import { type Dim, product } from '../../../shape.ts';
import { constant, makeNode } from '../../../tensor.ts';
import { decodeTensor, elementType, elementTypeName } from '../decode-tensor.ts';
import type { Operation, OperatorRules } from '../operation.ts';
import { addSizes } from '../sizes.ts';
import {
  asValue,
  type Element,
  MOST_ELEMENTS,
  numberOf,
  numbersAs,
  numbersOf,
  type Value,
} from '../value.ts';
import { expandTo } from './reshape.ts';

function shape(operation: Operation): Value {
  const { tensor } = operation.input(0);
  const rank = tensor.shape.length;
  const bound = (name: string, fallback: number) => {
    const n = operation.attributes.int(name, fallback);
    return Math.min(Math.max(n < 0 ? n + rank : n, 0), rank);
  };
  const [start, end] = [bound('start', 0), Math.max(bound('start', 0), bound('end', rank))];
  const sizes = makeNode('Shape', [tensor], 'int64', [end - start], {
    attributes: { start: { int: start }, end: { int: end } },
  });
  return asValue(sizes, tensor.shape.slice(start, end));
}

function size(operation: Operation): Value {
  const { tensor } = operation.input(0);
  return asValue(makeNode('Size', [tensor], 'int64', []), [product(tensor.shape)]);
}

function constantValue(operation: Operation): Value {
  const { attributes } = operation;
  const stored = attributes.tensor('value');
  if (stored) {
    const { data, shape: sizes } = decodeTensor(stored, operation.scope.path);
    return asValue(constant(data, sizes));
  }
  const [ints, floats] = [attributes.ints('value_ints'), attributes.floats('value_floats')];
  if (ints) return asValue(numbersAs('int64', ints, [ints.length]));
  if (floats) return asValue(numbersAs('float32', floats, [floats.length]));
  if (attributes.has('value_int')) return asValue(numbersAs('int64', [attributes.int('value_int', 0)], []));
  if (attributes.has('value_float'))
    return asValue(numbersAs('float32', [attributes.float('value_float', 0)], []));
  throw operation.fail('a constant that is neither a tensor, numbers nor a number');
}

function filled(operation: Operation): Value {
  const target = operation.input(0);
  const stored = operation.attributes.tensor('value');
  const one = stored ? decodeTensor(stored, operation.scope.path) : undefined;
  const value = one ? constant(one.data, []) : constant(Float32Array.of(0), []);
  const result = expandTo(operation, asValue(value), target);
  const number = numberOf(asValue(value))!;
  const count = numbersOf(target)?.reduce((a, b) => a * b, 1);
  return asValue(
    result.tensor,
    count !== undefined && count <= MOST_ELEMENTS ? Array<Element>(count).fill(number) : undefined,
  );
}

function range(operation: Operation): Value {
  const [start, limit, step] = [0, 1, 2].map((i) => operation.input(i));
  const [from, by] = [numberOf(start), numberOf(step)];
  const to = limit.elements?.[0];
  let count: Dim | undefined;
  if (from !== undefined && typeof to === 'number' && by) count = Math.max(0, Math.ceil((to - from) / by));
  else if (by === 1 && start.elements?.[0] !== undefined && to !== undefined)
    count = addSizes(to, start.elements[0], -1);
  const tensor = rangeOf(start.tensor, limit.tensor, step.tensor, count ?? operation.scope.freshSize());
  const known = typeof count === 'number' && count <= MOST_ELEMENTS && from !== undefined && by !== undefined;
  return asValue(
    tensor,
    known ? Array.from({ length: count as number }, (_, i) => from + i * by) : undefined,
  );
}

function convert(operation: Operation): Value {
  const { tensor, elements } = operation.input(0);
  const code = operation.attributes.int('to', 0);
  const dtype = operation.op === 'CastLike' ? operation.input(1).tensor.dtype : elementType(code);
  if (!dtype) throw operation.fail(`a cast to ${elementTypeName(code)} is not supported`);
  const whole = dtype === 'int32' || dtype === 'int64';
  return asValue(
    cast(tensor, dtype),
    elements?.map((x) =>
      typeof x !== 'number'
        ? dtype === 'bool' && x !== undefined
          ? 1
          : x
        : dtype === 'bool'
          ? Number(x !== 0)
          : whole
            ? Math.trunc(x)
            : x,
    ),
  );
}

function running(operation: Operation): Value {
  const axis = numberOf(operation.inputs[1]);
  if (axis === undefined) throw operation.fail('an axis that depends on the input is not supported');
  const flag = (name: string) => operation.attributes.int(name, 0) === 1;
  return asValue(
    cumulativeSum(operation.input(0).tensor, axis, {
      exclusive: flag('exclusive'),
      reverse: flag('reverse'),
    }),
  );
}

function triangular(operation: Operation): Value {
  const diagonal = operation.inputs[1] ? numberOf(operation.inputs[1]) : 0;
  if (diagonal === undefined) throw operation.fail('a diagonal that depends on the input is not supported');
  const part = operation.attributes.int('upper', 1) === 1 ? 'upper' : 'lower';
  return asValue(triangle(operation.input(0).tensor, part, diagonal));
}

/** Ones on a diagonal of a matrix as large as the input. */
function eye(operation: Operation): Value {
  const { tensor: x } = operation.input(0);
  const dtype = operation.attributes.has('dtype')
    ? elementType(operation.attributes.int('dtype', 0))
    : x.dtype;
  if (!dtype) throw operation.fail('its element type is not supported');
  const ones = makeNode('EyeLike', [x], 'float32', x.shape, {
    attributes: { k: { int: operation.attributes.int('k', 0) }, dtype: { int: 1 } },
  });
  return asValue(cast(ones, dtype));
}

export const SHAPE: OperatorRules = {
  Shape: shape,
  Size: size,
  Constant: constantValue,
  ConstantOfShape: filled,
  Range: range,
  EyeLike: eye,
  Cast: convert,
  CastLike: convert,
  CumSum: running,
  Trilu: triangular,
};
