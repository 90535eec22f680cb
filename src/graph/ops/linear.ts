/** Matrix products: `matmul` with broadcast batch axes and `linear` (a layer's weights in PyTorch's layout). */
import { broadcast, shapeError } from '../shape.ts';
import { makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { expand, sumTo } from './broadcast.ts';
import { reshape } from './layout.ts';

/** The last two axes swapped. Done twice it is the tensor itself; its gradient moves no product's elements. */
export function swapLast(x: Tensor): Tensor {
  const n = x.shape.length;
  if (n < 2) throw shapeError('swapLast', [x.shape], 'needs rank 2 or more');
  if (swapped.has(x)) return swapped.get(x)!;
  const axes = x.shape.map((_, i) => (i < n - 2 ? i : 2 * n - 3 - i));
  const y = makeNode(
    'Transpose',
    [x],
    x.dtype,
    axes.map((axis) => x.shape[axis]),
    {
      attributes: { perm: { ints: axes } },
      // (a b)' = b' a': the transpositions of factors are part of a product (onnx/encode.ts).
      gradient: ([g]) => [
        g &&
          (g.node.op === 'MatMul'
            ? matmul(swapLast(g.node.inputs[1]), swapLast(g.node.inputs[0]))
            : swapLast(g)),
      ],
    },
  );
  swapped.set(y, x);
  return y;
}

/** What `swapLast` was given, by what it returned. */
const swapped = new WeakMap<Tensor, Tensor>();

/** a b over the last two axes: [..., m, k] x [..., k, n] -> [..., m, n]; leading axes broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  requireFloat('MatMul', a, b);
  if (a.shape.length < 2 || b.shape.length < 2)
    throw shapeError('matmul', [a.shape, b.shape], 'needs rank 2 or more');
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  if (k !== k2) throw shapeError('matmul', [a.shape, b.shape], `inner sizes ${k} and ${k2} differ`);
  const batch = broadcast('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  return makeNode('MatMul', [a, b], a.dtype, [...batch, m, n], {
    gradient: ([g]) => [
      g && sumTo(matmul(g, swapLast(b)), a.shape),
      g && sumTo(matmul(swapLast(a), g), b.shape),
    ],
  });
}

/** x W' (+ bias) for x [n, in], W [out, in], bias [out]; the layout of PyTorch's Linear. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  requireFloat('Gemm', x, weight);
  if (x.shape.length !== 2 || weight.shape.length !== 2 || x.shape[1] !== weight.shape[1]) {
    throw shapeError('linear', [x.shape, weight.shape], 'needs x [n, in] and weight [out, in]');
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== weight.shape[0])) {
    throw shapeError('linear', [weight.shape, bias.shape], 'bias must be [out]');
  }
  return makeNode('Gemm', bias ? [x, weight, bias] : [x, weight], x.dtype, [x.shape[0], weight.shape[0]], {
    attributes: { transB: { int: 1 } },
    gradient: ([g]) =>
      g
        ? [gemm(g, weight, false, false), gemm(g, x, true, false), bias && sumRows(g)]
        : [undefined, undefined, undefined],
  });
}

/** op(a) op(b) (+ bias [n]) for matrices, op being a transposition where asked. */
export function gemm(a: Tensor, b: Tensor, transA: boolean, transB: boolean, bias?: Tensor): Tensor {
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw shapeError('gemm', [a.shape, b.shape], 'needs two matrices');
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  if (k !== k2) throw shapeError('gemm', [a.shape, b.shape], `inner sizes ${k} and ${k2} differ`);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n))
    throw shapeError('gemm', [a.shape, b.shape, bias.shape], `the bias must be [${n}]`);
  return makeNode('Gemm', bias ? [a, b, bias] : [a, b], a.dtype, [m, n], {
    attributes: { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } },
    gradient: ([g]) => {
      if (!g) return [undefined, undefined, undefined];
      return [
        transA ? gemm(b, g, transB, true) : gemm(g, b, false, !transB),
        transB ? gemm(g, a, true, transA) : gemm(a, g, !transA, false),
        bias && sumRows(g),
      ];
    },
  });
}

/**
 * The sum over all axes but the last, as a product with ones: [..., n] -> [n]. Several times as fast as
 * ReduceSum, which walks down the columns.
 */
export function sumRows(x: Tensor): Tensor {
  const width = x.shape[x.shape.length - 1];
  const flat = x.shape.length === 2 ? x : reshape(x, [-1, width]);
  const ones = expand(scalar(1), [flat.shape[0], 1]);
  return reshape(gemm(ones, flat, true, false), [width]);
}

/** `linear` for x of any rank: the leading axes are flattened and restored. */
export function linearLast(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const last = x.shape.length - 1;
  const flat = reshape(x, [-1, x.shape[last]]);
  return reshape(linear(flat, weight, bias), [...x.shape.slice(0, last), weight.shape[0]]);
}
