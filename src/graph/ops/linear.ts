/** Matrix products: `matmul` with broadcast batch axes and `linear` (a layer's weights in PyTorch's layout). */
import { broadcast, shapeError } from '../shape.ts';
import { makeNode, requireFloat, type Tensor } from '../tensor.ts';
import { reduceSum, sumTo } from './broadcast.ts';
import { reshape, transpose } from './layout.ts';

/** The last two axes swapped. */
export function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, i) => i);
  const n = axes.length;
  return transpose(x, [...axes.slice(0, n - 2), n - 1, n - 2]);
}

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
        ? [gemm(g, weight, false, false), gemm(g, x, true, false), bias && reduceSum(g, [0])]
        : [undefined, undefined, undefined],
  });
}

/** op(a) op(b) for matrices, op being a transposition where asked: Gemm without a third term. */
export function gemm(a: Tensor, b: Tensor, transA: boolean, transB: boolean): Tensor {
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw shapeError('gemm', [a.shape, b.shape], 'needs two matrices');
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  if (k !== k2) throw shapeError('gemm', [a.shape, b.shape], `inner sizes ${k} and ${k2} differ`);
  return makeNode('Gemm', [a, b], a.dtype, [m, n], {
    attributes: { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } },
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      return [
        transA ? gemm(b, g, transB, true) : gemm(g, b, false, !transB),
        transB ? gemm(g, a, true, transA) : gemm(a, g, !transA, false),
      ];
    },
  });
}

/** `linear` for x of any rank: the leading axes are flattened and restored. */
export function linearLast(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const last = x.shape.length - 1;
  const flat = reshape(x, [-1, x.shape[last]]);
  return reshape(linear(flat, weight, bias), [...x.shape.slice(0, last), weight.shape[0]]);
}
