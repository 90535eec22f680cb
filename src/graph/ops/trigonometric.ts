/** Sine and cosine, of which rotary and sinusoidal positions are made. */
import { makeNode, requireFloat, type Tensor } from '../tensor.ts';
import { mul, neg } from './elementwise.ts';

/** sin x, x in radians. */
export function sin(x: Tensor): Tensor {
  requireFloat('Sin', x);
  return makeNode('Sin', [x], x.dtype, x.shape, { gradient: ([g]) => [g && mul(g, cos(x))] });
}

/** cos x, x in radians. */
export function cos(x: Tensor): Tensor {
  requireFloat('Cos', x);
  return makeNode('Cos', [x], x.dtype, x.shape, { gradient: ([g]) => [g && neg(mul(g, sin(x)))] });
}
