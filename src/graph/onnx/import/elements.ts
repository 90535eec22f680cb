/** Known elements of small tensors while these are moved: the ones a slice takes, the order after a transposition. */
import { countOf, type Element, type Value } from './value.ts';

/** The elements of a result of `shape`, of which `from` says where element i [by axis] is taken from. */
function moved(
  { tensor, elements }: Value,
  shape: readonly number[],
  from: (place: readonly number[]) => readonly number[],
): Element[] | undefined {
  if (!elements || countOf(tensor.shape) !== elements.length) return undefined;
  const sizes = tensor.shape as readonly number[];
  const size = shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => {
    let rest = i;
    const place = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return elements[from(place).reduce((at, k, axis) => at * sizes[axis] + k, 0)];
  });
}

/** Elements after taking `places` along an axis. */
export function takenElements(value: Value, axis: number, places: readonly number[]): Element[] | undefined {
  const shape = value.tensor.shape.map((dim, i) => (i === axis ? places.length : (dim as number)));
  return moved(value, shape, (place) => place.map((k, i) => (i === axis ? places[k] : k)));
}

/** Elements after a transposition: result axis i is axis `order[i]`. */
export function transposedElements(value: Value, order: readonly number[]): Element[] | undefined {
  const shape = order.map((axis) => value.tensor.shape[axis] as number);
  return moved(value, shape, (place) => order.map((_, axis) => place[order.indexOf(axis)]));
}
