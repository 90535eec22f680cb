/** Powers whose exponent is a tensor; `pow` in `elementwise.ts` has a fixed one. */
import { broadcast } from '../shape.ts';
import { makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { sumTo } from './broadcast.ts';
import { log, mul, sub } from './elementwise.ts';

/** base^exponent with broadcasting: d/dbase = e b^(e-1), d/dexponent = b^e ln b (for b > 0). */
export function power(base: Tensor, exponent: Tensor): Tensor {
  requireFloat('Pow', base, exponent);
  return makeNode('Pow', [base, exponent], base.dtype, broadcast('pow', base.shape, exponent.shape), {
    gradient: ([g], node) => {
      if (!g) return [undefined, undefined];
      const slope = mul(exponent, power(base, sub(exponent, scalar(1))));
      const growth = mul(node.outputs[0], log(base));
      return [sumTo(mul(g, slope), base.shape), sumTo(mul(g, growth), exponent.shape)];
    },
  });
}
