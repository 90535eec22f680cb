/** Activations of transformer layers. */
import { makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { greater } from './compare.ts';
import { add, cast, erf, exp, mul, tanh } from './elementwise.ts';

/** x Phi(x), exact (BERT's `gelu`); the derivative is Phi(x) + x phi(x). */
export function gelu(x: Tensor): Tensor {
  requireFloat('Gelu', x);
  return makeNode('Gelu', [x], x.dtype, x.shape, {
    gradient: ([g]) => {
      if (!g) return [undefined];
      const cumulative = add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5);
      const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(g, add(cumulative, mul(x, density)))];
    },
  });
}

/** GELU by the tanh approximation (`gelu_new`): 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). */
export function geluTanh(x: Tensor): Tensor {
  const inner = mul(mul(x, add(mul(mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** max(x, 0); its gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  requireFloat('Relu', x);
  return makeNode('Relu', [x], x.dtype, x.shape, {
    gradient: ([g]) => [g && mul(g, cast(greater(x, scalar(0)), g.dtype))],
  });
}
