/** Comparison, selection and clamping. Comparisons give booleans and carry no gradient. */
import { broadcast } from '../shape.ts';
import { makeNode, requireFloat, scalar, type Tensor } from '../tensor.ts';
import { sumTo } from './broadcast.ts';
import { cast, mul, sub } from './elementwise.ts';

function comparison(op: string, a: Tensor, b: Tensor): Tensor {
  return makeNode(op, [a, b], 'bool', broadcast(op.toLowerCase(), a.shape, b.shape));
}

/** a = b. */
export function equal(a: Tensor, b: Tensor): Tensor {
  return comparison('Equal', a, b);
}

/** a > b. */
export function greater(a: Tensor, b: Tensor): Tensor {
  return comparison('Greater', a, b);
}

/** a < b. */
export function less(a: Tensor, b: Tensor): Tensor {
  return comparison('Less', a, b);
}

/** `a` where `condition` is true, `b` elsewhere. */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcast('where', broadcast('where', condition.shape, a.shape), b.shape);
  return makeNode('Where', [condition, a, b], a.dtype, shape, {
    gradient: ([g]) => {
      if (!g) return [undefined, undefined, undefined];
      const mask = cast(condition, g.dtype);
      return [undefined, sumTo(mul(g, mask), a.shape), sumTo(mul(g, sub(1, mask)), b.shape)];
    },
  });
}

/** The larger of each pair; where they are equal the gradient is halved, as PyTorch does. */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return extremum('Max', a, b, greater);
}

/** The smaller of each pair; where they are equal the gradient is halved, as PyTorch does. */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return extremum('Min', a, b, less);
}

function extremum(op: string, a: Tensor, b: Tensor, wins: (x: Tensor, y: Tensor) => Tensor): Tensor {
  requireFloat(op, a, b);
  return makeNode(op, [a, b], a.dtype, broadcast(op.toLowerCase(), a.shape, b.shape), {
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      const tie = mul(cast(equal(a, b), g.dtype), 0.5);
      const first = sub(1, sub(cast(wins(b, a), g.dtype), mul(tie, -1)));
      return [sumTo(mul(g, first), a.shape), sumTo(mul(g, sub(1, first)), b.shape)];
    },
  });
}

/** The values held between `low` and `high`; no gradient flows outside. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  requireFloat('Clip', x);
  return makeNode('Clip', [x, scalar(low), scalar(high)], x.dtype, x.shape, {
    gradient: ([g]) => {
      if (!g) return [undefined, undefined, undefined];
      const inside = mul(
        sub(1, cast(less(x, scalar(low)), g.dtype)),
        sub(1, cast(greater(x, scalar(high)), g.dtype)),
      );
      return [mul(g, inside), undefined, undefined];
    },
  });
}
