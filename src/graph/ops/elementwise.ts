/** Elementwise arithmetic with broadcasting. A gradient is summed down to its input's shape. */
import { broadcast } from '../shape.ts';
import { type DataType, type GradientRule, makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { sumTo } from './broadcast.ts';

/** A tensor, or a number that stands for a scalar tensor. */
export type Operand = Tensor | number;

function tensor(x: Operand): Tensor {
  return typeof x === 'number' ? scalar(x) : x;
}

function binary(op: string, a: Tensor, b: Tensor, gradient: GradientRule): Tensor {
  requireFloat(op, a, b);
  return makeNode(op, [a, b], a.dtype, broadcast(op.toLowerCase(), a.shape, b.shape), { gradient });
}

function unary(op: string, x: Tensor, gradient: (g: Tensor, y: Tensor) => Tensor): Tensor {
  requireFloat(op, x);
  return makeNode(op, [x], x.dtype, x.shape, {
    gradient: ([g], node) => [g && gradient(g, node.outputs[0])],
  });
}

/** a + b. */
export function add(a: Operand, b: Operand): Tensor {
  const [x, y] = [tensor(a), tensor(b)];
  return binary('Add', x, y, ([g]) => [g && sumTo(g, x.shape), g && sumTo(g, y.shape)]);
}

/** a - b. */
export function sub(a: Operand, b: Operand): Tensor {
  const [x, y] = [tensor(a), tensor(b)];
  return binary('Sub', x, y, ([g]) => [g && sumTo(g, x.shape), g && sumTo(neg(g), y.shape)]);
}

/** a b. */
export function mul(a: Operand, b: Operand): Tensor {
  const [x, y] = [tensor(a), tensor(b)];
  return binary('Mul', x, y, ([g]) => [g && sumTo(mul(g, y), x.shape), g && sumTo(mul(g, x), y.shape)]);
}

/** a / b. */
export function div(a: Operand, b: Operand): Tensor {
  const [x, y] = [tensor(a), tensor(b)];
  return binary('Div', x, y, ([g], node) => [
    g && sumTo(div(g, y), x.shape),
    g && sumTo(neg(mul(g, div(node.outputs[0], y))), y.shape),
  ]);
}

/** -x. */
export function neg(x: Tensor): Tensor {
  return unary('Neg', x, (g) => neg(g));
}

/** e^x. */
export function exp(x: Tensor): Tensor {
  return unary('Exp', x, (g, y) => mul(g, y));
}

/** The natural logarithm. */
export function log(x: Tensor): Tensor {
  return unary('Log', x, (g) => div(g, x));
}

/** The square root. */
export function sqrt(x: Tensor): Tensor {
  return unary('Sqrt', x, (g, y) => div(mul(g, 0.5), y));
}

/** 1 / x. */
export function reciprocal(x: Tensor): Tensor {
  return unary('Reciprocal', x, (g, y) => neg(mul(g, mul(y, y))));
}

/** |x|; its gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return unary('Abs', x, (g) => mul(g, sign(x)));
}

/** The sign of x: -1, 0 or 1. Its gradient is zero everywhere it exists. */
export function sign(x: Tensor): Tensor {
  requireFloat('Sign', x);
  return makeNode('Sign', [x], x.dtype, x.shape);
}

/** x to a fixed power. */
export function pow(x: Tensor, exponent: number): Tensor {
  requireFloat('Pow', x);
  return makeNode('Pow', [x, scalar(exponent)], x.dtype, x.shape, {
    gradient: ([g]) => [g && mul(g, mul(pow(x, exponent - 1), exponent)), undefined],
  });
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return unary('Tanh', x, (g, y) => mul(g, sub(1, mul(y, y))));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: Tensor): Tensor {
  return unary('Sigmoid', x, (g, y) => mul(g, mul(y, sub(1, y))));
}

/** The error function. */
export function erf(x: Tensor): Tensor {
  return unary('Erf', x, (g) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))));
}

/** Another element type. Only float to float carries a gradient. */
export function cast(x: Tensor, dtype: DataType): Tensor {
  if (x.dtype === dtype) return x;
  const code = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 }[dtype];
  const real = (type: DataType) => type === 'float32' || type === 'float16';
  const gradient: GradientRule | undefined =
    real(x.dtype) && real(dtype) ? ([g]) => [g && cast(g, x.dtype)] : undefined;
  return makeNode('Cast', [x], dtype, x.shape, { attributes: { to: { int: code } }, gradient });
}

/**
 * The same values as a tensor of their own. `gradients` with respect to it counts what flows through this
 * use of x alone, such as a word table's use as the decoder beside its look-ups.
 */
export function identity(x: Tensor): Tensor {
  requireFloat('Identity', x);
  return makeNode('Identity', [x], x.dtype, x.shape, { gradient: ([g]) => [g] });
}

/** The same values, through which no gradient flows. */
export function detach(x: Tensor): Tensor {
  return makeNode('Identity', [x], x.dtype, x.shape);
}
