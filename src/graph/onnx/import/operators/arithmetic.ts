/** Elementwise arithmetic: floats with gradients, whole numbers without, and sizes by name where they are known. */
import { maximum, minimum } from '../../../ops/compare.ts';
import {
  abs,
  add,
  div,
  exp,
  log,
  mul,
  neg,
  pow,
  reciprocal,
  sign,
  sqrt,
  sub,
} from '../../../ops/elementwise.ts';
import { power } from '../../../ops/power.ts';
import { cos, sin } from '../../../ops/trigonometric.ts';
import { elementwise } from '../../../ops/whole.ts';
import type { Dim } from '../../../shape.ts';
import type { Tensor } from '../../../tensor.ts';
import { fusedProduct, fusedSum } from '../fuse.ts';
import type { Operation, OperatorRule, OperatorRules } from '../operation.ts';
import { addSizes, divideSizes, extremeSize, multiplySizes } from '../sizes.ts';
import { asValue, type Element, isFloat, numberOf, type Value, zipElements } from '../value.ts';

type Binary = (a: Tensor, b: Tensor) => Tensor;

function binary(float: Binary, sizes: (a: Dim, b: Dim, whole: boolean) => Element): OperatorRule {
  return (operation) => {
    const [a, b] = [operation.input(0), operation.input(1)];
    const whole = !isFloat(a.tensor);
    const tensor = whole ? elementwise(operation.op, [a.tensor, b.tensor]) : float(a.tensor, b.tensor);
    return asValue(
      tensor,
      zipElements(a, b, (x, y) => rounded(sizes(x, y, whole), whole)),
    );
  };
}

/** A float element as float32 holds it. */
function rounded(element: Element, whole: boolean): Element {
  return typeof element === 'number' && !whole ? Math.fround(element) : element;
}

function unary(
  float: (x: Tensor) => Tensor,
  number: (x: number) => number,
  size?: (x: Dim) => Element,
): OperatorRule {
  return (operation) => {
    const { tensor, elements } = operation.input(0);
    const whole = !isFloat(tensor);
    const result = whole ? elementwise(operation.op, [tensor]) : float(tensor);
    const each = (x: Element) =>
      typeof x === 'number' ? rounded(number(x), whole) : x === undefined ? undefined : size?.(x);
    return asValue(result, elements?.map(each));
  };
}

/** Operators without slope almost everywhere. */
function step(number: (x: number) => number): OperatorRule {
  return (operation) => {
    const { tensor, elements } = operation.input(0);
    return asValue(
      elementwise(operation.op, [tensor]),
      elements?.map((x) => (typeof x === 'number' ? number(x) : x)),
    );
  };
}

/** The whole number nearest to x, halves to the even one. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(x);
}

function extreme(float: Binary, sign: 1 | -1): OperatorRule {
  return (operation) => {
    const inputs = operation.inputs.map((_, i) => operation.input(i));
    return inputs.reduce((a, b) =>
      asValue(
        isFloat(a.tensor) ? float(a.tensor, b.tensor) : elementwise(operation.op, [a.tensor, b.tensor]),
        zipElements(a, b, (x, y) => extremeSize(x, y, sign)),
      ),
    );
  };
}

function raise(operation: Operation): Value {
  const [base, exponent] = [operation.input(0), operation.input(1)];
  const fixed = numberOf(exponent);
  const elements = zipElements(base, exponent, (x, y) =>
    typeof x === 'number' && typeof y === 'number' ? x ** y : undefined,
  );
  if (!isFloat(base.tensor)) return asValue(elementwise('Pow', [base.tensor, exponent.tensor]), elements);
  const x = base.tensor;
  const scalarLike = exponent.tensor.shape.length <= x.shape.length;
  const tensor =
    fixed === undefined || !scalarLike
      ? power(x, exponent.tensor)
      : fixed === 2
        ? mul(x, x)
        : fixed === 0.5
          ? sqrt(x)
          : pow(x, fixed);
  return asValue(
    tensor,
    elements?.map((each) => rounded(each, false)),
  );
}

function remainder(operation: Operation): Value {
  const [a, b] = [operation.input(0), operation.input(1)];
  if (isFloat(a.tensor)) throw operation.fail('is supported for whole numbers only');
  const truncated = operation.attributes.int('fmod', 0) === 1;
  const tensor = elementwise('Mod', [a.tensor, b.tensor], a.tensor.dtype, {
    fmod: { int: truncated ? 1 : 0 },
  });
  return asValue(
    tensor,
    zipElements(a, b, (x, y) =>
      typeof x !== 'number' || typeof y !== 'number' ? undefined : truncated ? x % y : ((x % y) + y) % y,
    ),
  );
}

/** The sum of any number of tensors, and their mean. */
function total(operation: Operation): Value {
  const tensors = operation.inputs.map((_, i) => operation.input(i).tensor);
  const sum = tensors.reduce((a, b) => add(a, b));
  return asValue(operation.op === 'Mean' ? div(sum, tensors.length) : sum);
}

export const ARITHMETIC: OperatorRules = {
  Add: binary(fusedSum, (a, b) => addSizes(a, b)),
  Sub: binary(sub, (a, b) => addSizes(a, b, -1)),
  Mul: binary(fusedProduct, multiplySizes),
  Div: binary(div, (a, b, whole) =>
    whole || typeof a === 'string' ? divideSizes(a, b) : typeof b === 'number' ? a / b : undefined,
  ),
  Pow: raise,
  Mod: remainder,
  Sum: total,
  Mean: total,
  Max: extreme(maximum, 1),
  Min: extreme(minimum, -1),
  Neg: unary(
    neg,
    (x) => -x,
    (x) => addSizes(0, x, -1),
  ),
  Abs: unary(abs, Math.abs, (x) => (String(x).includes('(') ? undefined : x)),
  Sqrt: unary(sqrt, Math.sqrt),
  Reciprocal: unary(reciprocal, (x) => 1 / x),
  Exp: unary(exp, Math.exp),
  Log: unary(log, Math.log),
  Sin: unary(sin, Math.sin),
  Cos: unary(cos, Math.cos),
  Sign: unary(sign, Math.sign),
  Floor: step(Math.floor),
  Ceil: step(Math.ceil),
  Round: step(roundHalfEven),
};
