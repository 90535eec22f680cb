/** Activations of transformer layers. */
import { makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { greater } from './compare.ts';
import { add, cast, div, erf, exp, mul, sigmoid, sub, tanh } from './elementwise.ts';

/**
 * x Phi(x), exact (BERT's `gelu`). The derivative is Phi(x) + x phi(x), with u = x / sqrt 2:
 * Phi = (1 + erf u) / 2 and x phi(x) = u / (sqrt pi exp(u^2)); written so because each pass over a wide layer counts.
 */
export function gelu(x: Tensor): Tensor {
  requireFloat('Gelu', x);
  return makeNode('Gelu', [x], x.dtype, x.shape, {
    gradient: ([g]) => {
      if (!g) return [undefined];
      const u = mul(x, Math.SQRT1_2);
      const slope = mul(div(u, exp(mul(u, u))), 1 / Math.sqrt(Math.PI));
      return [mul(g, add(halfUp(erf(u)), slope))];
    },
  });
}

/** (1 + x) / 2 for x in [-1, 1], in one pass. */
function halfUp(x: Tensor): Tensor {
  return makeNode('HardSigmoid', [x], x.dtype, x.shape, {
    attributes: { alpha: { float: 0.5 }, beta: { float: 0.5 } },
    gradient: ([g]) => [g && mul(g, 0.5)],
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

/** ln(1 + e^x), whose slope is the sigmoid. */
export function softplus(x: Tensor): Tensor {
  requireFloat('Softplus', x);
  return makeNode('Softplus', [x], x.dtype, x.shape, { gradient: ([g]) => [g && mul(g, sigmoid(x))] });
}

/** x for x > 0 and slope x below, as `LeakyReLU`. */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  requireFloat('LeakyRelu', x);
  return makeNode('LeakyRelu', [x], x.dtype, x.shape, {
    attributes: { alpha: { float: slope } },
    gradient: ([g]) => [g && mul(g, add(mul(cast(greater(x, scalar(0)), g.dtype), 1 - slope), slope))],
  });
}

/** x for x > 0 and alpha (e^x - 1) below; its slope there is y + alpha. */
export function elu(x: Tensor, alpha = 1): Tensor {
  requireFloat('Elu', x);
  return makeNode('Elu', [x], x.dtype, x.shape, {
    attributes: { alpha: { float: alpha } },
    gradient: ([g], node) => {
      if (!g) return [undefined];
      const above = cast(greater(x, scalar(0)), g.dtype);
      const below = add(node.outputs[0], alpha);
      return [mul(g, add(mul(above, sub(1, below)), below))];
    },
  });
}
