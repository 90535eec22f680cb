/** Matrix products. A product with a matrix of weights is one Gemm over all tokens, whatever the rank. */

import { einsum } from '../../../ops/einsum.ts';
import { add, mul } from '../../../ops/elementwise.ts';
import { reshape } from '../../../ops/layout.ts';
import { gemm, matmul } from '../../../ops/linear.ts';
import type { Tensor } from '../../../tensor.ts';
import type { Operation, OperatorRules } from '../operation.ts';
import { asValue, isFloat, type Value } from '../value.ts';

function matrixProduct(operation: Operation): Value {
  const [a, b] = [operation.input(0).tensor, operation.input(1).tensor];
  if (!isFloat(a) || !isFloat(b)) throw operation.fail('products of whole numbers are not supported');
  if (a.shape.length === 1) {
    const row = multiplied(
      reshape(a, [1, ...a.shape]),
      b.shape.length === 1 ? reshape(b, [...b.shape, 1]) : b,
    );
    const shape = row.shape.filter((_, i) => i !== row.shape.length - 2);
    return asValue(reshape(row, b.shape.length === 1 ? [] : shape));
  }
  if (b.shape.length === 1) {
    const column = multiplied(a, reshape(b, [...b.shape, 1]));
    return asValue(reshape(column, column.shape.slice(0, -1)));
  }
  return asValue(multiplied(a, b));
}

function multiplied(a: Tensor, b: Tensor): Tensor {
  if (b.shape.length !== 2) return matmul(a, b);
  const width = a.shape[a.shape.length - 1];
  const flat = a.shape.length === 2 ? a : flattened(a);
  const [weights, transposed] = isSwapped(b) ? [b.node.inputs[0], true] : [b, false];
  // Sizes that differ are refused by the general product, which prints them as the file has them.
  if (width !== b.shape[0]) return matmul(a, b);
  return reshape(gemm(flat, weights, false, transposed), [...a.shape.slice(0, -1), b.shape[1]]);
}

/** [..., n] -> [N, n]; a matrix that was only given its axes back is taken as it was. */
function flattened(x: Tensor): Tensor {
  const width = x.shape[x.shape.length - 1];
  const [inner] = x.node.inputs;
  if (x.node.op === 'Reshape' && inner.shape.length === 2 && inner.shape[1] === width) return inner;
  return reshape(x, [-1, width]);
}

function isSwapped(x: Tensor): boolean {
  return x.node.op === 'Transpose' && x.shape.length === 2;
}

function general(operation: Operation): Value {
  const { attributes } = operation;
  const [a, b, c] = [operation.input(0).tensor, operation.input(1).tensor, operation.inputs[2]?.tensor];
  const flag = (name: string) => attributes.int(name, 0) === 1;
  const [alpha, beta] = [attributes.float('alpha', 1), attributes.float('beta', 1)];
  const plain = c && alpha === 1 && beta === 1 && c.shape.length === 1 && c.shape[0] !== 1;
  const product = gemm(a, b, flag('transA'), flag('transB'), plain ? c : undefined);
  if (plain) return asValue(product);
  const scaled = alpha === 1 ? product : mul(product, alpha);
  return asValue(c ? add(scaled, beta === 1 ? c : mul(c, beta)) : scaled);
}

function einsteinSum(operation: Operation): Value {
  const tensors = operation.inputs.map((_, i) => operation.input(i).tensor);
  return asValue(einsum(operation.attributes.text('equation', ''), ...tensors));
}

export const PRODUCT: OperatorRules = {
  MatMul: matrixProduct,
  Gemm: general,
  Einsum: einsteinSum,
};
