/** Looking up along any axis, and by several coordinates at once. Indices are whole numbers without gradient. */
import { axisOf, type Shape, shapeError } from '../shape.ts';
import { makeNode, scalar, type Tensor } from '../tensor.ts';
import { expand } from './broadcast.ts';
import { cast } from './elementwise.ts';
import { gather, gatherElements, scatterAdd } from './indexing.ts';
import { reshape, transpose } from './layout.ts';

/** Slices of `x` along `axis` chosen by `ids` of any shape: x [a, n, b], ids [...] -> [a, ...ids, b]. */
export function take(x: Tensor, ids: Tensor, axis: number): Tensor {
  const at = axisOf('take', axis, x.shape);
  if (at === 0) return gather(x, ids);
  const [before, after] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  return makeNode('Gather', [x, ids], x.dtype, [...before, ...ids.shape, ...after], {
    attributes: { axis: { int: at } },
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      const flat = reshape(g, [...before, -1, ...after]);
      const first = front(flat, at);
      const whole = [x.shape[at], ...before, ...after];
      const sums = scatterAdd(whole, reshape(ids, [-1]), first);
      return [transpose(sums, inverse(frontOrder(x.shape, at))), undefined];
    },
  });
}

function frontOrder(shape: Shape, axis: number): number[] {
  return [axis, ...shape.map((_, i) => i).filter((i) => i !== axis)];
}

function front(x: Tensor, axis: number): Tensor {
  return transpose(x, frontOrder(x.shape, axis));
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, i) => order.indexOf(i));
}

/** Parts of `x` by coordinates: places [..., k] index the first k axes -> [..., rest of x]. */
export function takePlaces(x: Tensor, places: Tensor): Tensor {
  const depth = places.shape[places.shape.length - 1];
  if (typeof depth !== 'number' || depth > x.shape.length) {
    throw shapeError('takePlaces', [x.shape, places.shape], 'needs places [..., k] with k of the axes of x');
  }
  const shape = [...places.shape.slice(0, -1), ...x.shape.slice(depth)];
  return makeNode('GatherND', [x, cast(places, 'int64')], x.dtype, shape, {
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      return [addAtPlaces(expand(scalar(0), x.shape), places, g), undefined];
    },
  });
}

/** `x` with `updates` [..., rest] added at places [..., k]. */
export function addAtPlaces(x: Tensor, places: Tensor, updates: Tensor): Tensor {
  return makeNode('ScatterND', [x, cast(places, 'int64'), updates], x.dtype, x.shape, {
    attributes: { reduction: { text: 'add' } },
    gradient: ([g]) => [g, undefined, g && takePlaces(g, places)],
  });
}

/**
 * `x` with `updates` [..., rest] in place of what is at places [..., k], each place once. What is replaced has no
 * gradient.
 */
export function writePlaces(x: Tensor, places: Tensor, updates: Tensor): Tensor {
  const at = cast(places, 'int64');
  return makeNode('ScatterND', [x, at, updates], x.dtype, x.shape, {
    gradient: ([g]) => [
      g && writePlaces(g, places, expand(scalar(0), updates.shape)),
      undefined,
      g && takePlaces(g, places),
    ],
  });
}

/** `x` with `updates` in place of the elements along `axis` that `ids`, of the same shape, choose, each once. */
export function writeElements(x: Tensor, ids: Tensor, updates: Tensor, axis: number): Tensor {
  const at = axisOf('writeElements', axis, x.shape);
  return makeNode('ScatterElements', [x, ids, updates], x.dtype, x.shape, {
    attributes: { axis: { int: at } },
    gradient: ([g]) => [
      g && writeElements(g, ids, expand(scalar(0), updates.shape), at),
      undefined,
      g && gatherElements(g, ids, at),
    ],
  });
}
