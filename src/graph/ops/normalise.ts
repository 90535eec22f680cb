/** Softmax, log-softmax, layer normalisation and unit vectors. */
import { axisOf, shapeError } from '../shape.ts';
import { makeNode, makeNodes, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { expand, reduceSum } from './broadcast.ts';
import { maximum } from './compare.ts';
import { add, div, exp, mul, neg, reciprocal, sqrt, sub } from './elementwise.ts';
import { unsqueeze } from './layout.ts';
import { sumRows } from './linear.ts';
import { reduceMean } from './reduce.ts';

/** softmax over `axis`; dx = y (g - sum g y). */
export function softmax(x: Tensor, axis = -1): Tensor {
  requireFloat('Softmax', x);
  const at = axisOf('softmax', axis, x.shape);
  return makeNode('Softmax', [x], x.dtype, x.shape, {
    attributes: { axis: { int: at } },
    gradient: ([g], node) => {
      const y = node.outputs[0];
      if (!g) return [undefined];
      return [mul(y, sub(g, reduceSum(mul(g, y), [at], true)))];
    },
  });
}

/** log softmax over `axis`; dx = g - softmax(x) sum g. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireFloat('LogSoftmax', x);
  const at = axisOf('logSoftmax', axis, x.shape);
  return makeNode('LogSoftmax', [x], x.dtype, x.shape, {
    attributes: { axis: { int: at } },
    gradient: ([g], node) => [g && sub(g, mul(exp(node.outputs[0]), reduceSum(g, [at], true)))],
  });
}

/**
 * Layer normalisation over the last axis: y = (x - mean) / sqrt(var + epsilon) * scale + bias.
 * With r = 1/sqrt(var + epsilon), z = (x - mean) r and h = g scale:
 * dx = r (h - mean(h) - z mean(h z)), dscale = sum g z, dbias = sum g. The node's other outputs, mean and r,
 * are used by the rule, so second derivatives flow through them: dmean/dx_i = 1/n, dr/dx_i = -r^2 z_i / n.
 */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-12): Tensor {
  requireFloat('LayerNormalization', x, scale, bias);
  const last = x.shape.length - 1;
  for (const parameter of [scale, bias]) {
    if (parameter.shape.length !== 1 || parameter.shape[0] !== x.shape[last]) {
      throw shapeError(
        'layerNorm',
        [x.shape, scale.shape, bias.shape],
        'scale and bias must be [last size of x]',
      );
    }
  }
  const row = x.shape.map((dim, i) => (i === last ? 1 : dim));
  const outputs = [x.shape, row, row].map((shape) => ({ dtype: x.dtype, shape }));
  return makeNodes('LayerNormalization', [x, scale, bias], outputs, {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
    gradient: ([g, ofMean, ofInverse], node) => {
      const [, mean, inverse] = node.outputs;
      const z = mul(sub(x, mean), inverse);
      const parts: Tensor[] = [];
      if (g) {
        const h = mul(g, scale);
        const centred = sub(sub(h, reduceMean(h, [last], true)), mul(z, reduceMean(mul(h, z), [last], true)));
        parts.push(mul(centred, inverse));
      }
      const share = reciprocal(reduceSum(expand(scalar(1), [x.shape[last]]), [0]));
      if (ofMean) parts.push(mul(expand(ofMean, x.shape), share));
      if (ofInverse) parts.push(neg(mul(mul(z, mul(inverse, inverse)), mul(ofInverse, share))));
      const dx = parts.length > 0 ? parts.reduce(add) : undefined;
      return [dx, g && sumRows(mul(g, z)), g && sumRows(g)];
    },
  })[0];
}

/** Rows scaled to unit length along the last axis: x / max(|x|, epsilon), as PyTorch's `normalize`. */
export function unitVectors(x: Tensor, epsilon = 1e-12): Tensor {
  const norm = sqrt(reduceSum(mul(x, x), [-1], true));
  return div(x, maximum(norm, scalar(epsilon)));
}

/** Rows scaled to sum to one along the last axis. */
export function sumToOne(x: Tensor): Tensor {
  return div(x, unsqueeze(reduceSum(x, [-1]), -1));
}
