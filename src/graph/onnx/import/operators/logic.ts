/** Comparison, truth values, selection and clamping. */
import { clamp, maximum, minimum, where } from '../../../ops/compare.ts';
import { elementwise, not } from '../../../ops/whole.ts';
import { sameShape } from '../../../shape.ts';
import type { Tensor } from '../../../tensor.ts';
import type { Operation, OperatorRule, OperatorRules } from '../operation.ts';
import { compareSizes } from '../sizes.ts';
import { asValue, isFloat, numberOf, type Value, zipElements } from '../value.ts';

/** `holds` says whether the comparison is true of the order -1, 0 or 1 of its sides. */
function comparison(holds: (order: number) => boolean): OperatorRule {
  return (operation) => {
    const [a, b] = [operation.input(0), operation.input(1)];
    return asValue(
      elementwise(operation.op, [a.tensor, b.tensor], 'bool'),
      zipElements(a, b, (x, y) => {
        const order = compareSizes(x, y);
        return order === undefined ? undefined : Number(holds(order));
      }),
    );
  };
}

function truth(combine: (a: number, b: number) => boolean): OperatorRule {
  return (operation) => {
    const [a, b] = [operation.input(0), operation.input(1)];
    const op = { BitwiseAnd: 'And', BitwiseOr: 'Or', BitwiseXor: 'Xor' }[operation.op] ?? operation.op;
    if (a.tensor.dtype !== 'bool') throw operation.fail('is supported for truth values only');
    return asValue(
      elementwise(op, [a.tensor, b.tensor], 'bool'),
      zipElements(a, b, (x, y) => Number(combine(Number(x), Number(y)))),
    );
  };
}

function opposite(operation: Operation): Value {
  const { tensor, elements } = operation.input(0);
  if (tensor.dtype !== 'bool') throw operation.fail('is supported for truth values only');
  return asValue(
    not(tensor),
    elements?.map((x) => (x === undefined ? undefined : Number(x === 0))),
  );
}

function floatTest(operation: Operation): Value {
  const { tensor } = operation.input(0);
  return asValue(elementwise(operation.op, [tensor], 'bool'));
}

function select(operation: Operation): Value {
  const [condition, a, b] = [0, 1, 2].map((i) => operation.input(i));
  const tensor =
    a.tensor.dtype === 'bool'
      ? selectTruth(condition.tensor, a.tensor, b.tensor)
      : where(condition.tensor, a.tensor, b.tensor);
  const chosen = condition.elements;
  // Shapes of all three must be one here; a condition that is unknown leaves what both sides agree on.
  const even = [condition, a, b].every((each) => each.elements && sameShape(each.tensor.shape, tensor.shape));
  return asValue(
    tensor,
    even && chosen
      ? chosen.map((c, i) => {
          const [x, y] = [a.elements![i], b.elements![i]];
          return c === undefined ? (x === y ? x : undefined) : c === 0 ? y : x;
        })
      : undefined,
  );
}

/** ONNX Runtime's Where takes no truth values. */
function selectTruth(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const first = elementwise('And', [condition, a], 'bool');
  return elementwise('Or', [first, elementwise('And', [not(condition), b], 'bool')], 'bool');
}

function clip(operation: Operation): Value {
  const { tensor: x } = operation.input(0);
  const bound = (i: number, attribute: 'min' | 'max'): { number?: number; tensor?: Tensor } => {
    if (operation.attributes.has(attribute)) return { number: operation.attributes.float(attribute, 0) };
    const value = operation.inputs[i];
    return value ? { number: numberOf(value), tensor: value.tensor } : {};
  };
  const [low, high] = [bound(1, 'min'), bound(2, 'max')];
  if (!isFloat(x)) {
    const lower = low.tensor ? elementwise('Max', [x, low.tensor]) : x;
    return asValue(high.tensor ? elementwise('Min', [lower, high.tensor]) : lower);
  }
  const fixed = [low, high].every(({ number, tensor }) => number !== undefined || tensor === undefined);
  if (fixed) {
    return asValue(clamp(x, low.number ?? Number.NEGATIVE_INFINITY, high.number ?? Number.POSITIVE_INFINITY));
  }
  const lower = low.tensor ? maximum(x, low.tensor) : x;
  return asValue(high.tensor ? minimum(lower, high.tensor) : lower);
}

export const LOGIC: OperatorRules = {
  Equal: comparison((order) => order === 0),
  Greater: comparison((order) => order > 0),
  GreaterOrEqual: comparison((order) => order >= 0),
  Less: comparison((order) => order < 0),
  LessOrEqual: comparison((order) => order <= 0),
  And: truth((a, b) => a !== 0 && b !== 0),
  Or: truth((a, b) => a !== 0 || b !== 0),
  Xor: truth((a, b) => (a !== 0) !== (b !== 0)),
  BitwiseAnd: truth((a, b) => a !== 0 && b !== 0),
  BitwiseOr: truth((a, b) => a !== 0 || b !== 0),
  BitwiseXor: truth((a, b) => (a !== 0) !== (b !== 0)),
  Not: opposite,
  BitwiseNot: opposite,
  IsNaN: floatTest,
  IsInf: floatTest,
  Where: select,
  Clip: clip,
};
