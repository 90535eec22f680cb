/** Attention over whole texts, as the encoder families share it. */
import {
  add,
  cast,
  type Dim,
  greater,
  matmul,
  mul,
  reduceMax,
  reshape,
  scalar,
  softmax,
  sub,
  swapLast,
  type Tensor,
  transpose,
} from '../graph/index.ts';

/** Added to the scores of what may not be attended to; its exponential is 0 in float32. */
export const MASKED = -1e9;

/** What is added to attention scores for padding: [B, 1, 1, L] of a mask [B, L] (1 for tokens, 0 for padding). */
export function paddingBias(mask: Tensor): Tensor {
  const [batch, length] = mask.shape;
  return reshape(mul(sub(1, cast(mask, 'float32')), MASKED), [batch, 1, 1, length]);
}

/** A projection [B*L, H] by heads: [B, heads, L, H/heads]. */
export function splitHeads(x: Tensor, batch: Dim, length: Dim, heads: number): Tensor {
  const width = Number(x.shape[1]) / heads;
  return transpose(reshape(x, [batch, length, heads, width]), [0, 2, 1, 3]);
}

/**
 * 1 where a token may attend to any of those that `bias` [B, 1, L, L] speaks of, else 0: [B, 1, L, 1]. Between texts
 * and far from them there are tokens that may not, such as [MASK] at the end of a query.
 */
export function reachingAny(bias: Tensor): Tensor {
  return cast(greater(reduceMax(bias, 3, true), scalar(MASKED / 2)), 'float32');
}

/**
 * softmax(Q K' / sqrt(d) + bias) V per head: query, key and value [B, heads, L, d] to [B*L, heads*d]. `bias` is
 * broadcast to [B, heads, L, L]. A token whose `reaching` [B, 1, L, 1] is 0 takes nothing, where this is given.
 */
export function attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor, reaching?: Tensor): Tensor {
  const [, heads, , width] = query.shape.map(Number);
  const scores = add(mul(matmul(query, swapLast(key)), 1 / Math.sqrt(width)), bias);
  const weighted = matmul(softmax(scores), value);
  const mixed = reaching === undefined ? weighted : mul(weighted, reaching);
  return reshape(transpose(mixed, [0, 2, 1, 3]), [-1, heads * width]);
}
