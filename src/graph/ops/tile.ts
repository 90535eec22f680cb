/** Repetition of a tensor along its axes. */
import { product, shapeError } from '../shape.ts';
import { int64s, makeNode, type Tensor } from '../tensor.ts';
import { reduceSum } from './broadcast.ts';
import { reshape } from './layout.ts';

/** `x` repeated `repeats[i]` times along axis i; the gradient adds the copies up. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length !== x.shape.length || !repeats.every((n) => Number.isInteger(n) && n > 0)) {
    throw shapeError('tile', [x.shape], `repeats [${repeats}] are not one positive number an axis`);
  }
  if (repeats.every((n) => n === 1)) return x;
  const shape = x.shape.map((dim, i) => product([dim, repeats[i]]));
  return makeNode('Tile', [x, int64s(repeats)], x.dtype, shape, {
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      const copies = reshape(
        g,
        x.shape.flatMap((dim, i) => [repeats[i], dim]),
      );
      const axes = x.shape.map((_, i) => 2 * i);
      return [reduceSum(copies, axes), undefined];
    },
  });
}
