/**
 * Operators without gradient, on whole numbers and truth values (or floats whose slope is zero), by the name
 * that ONNX gives them: what positions, masks and shapes are computed with.
 */
import { broadcast, type Shape } from '../shape.ts';
import { type Attribute, type DataType, makeNode, type Tensor } from '../tensor.ts';

/** An elementwise operator of any number of tensors, with broadcasting; the result is of the first one's type. */
export function elementwise(
  op: string,
  inputs: readonly Tensor[],
  dtype: DataType = inputs[0].dtype,
  attributes: Readonly<Record<string, Attribute>> = {},
): Tensor {
  const shape = inputs.map((x) => x.shape).reduce<Shape>((a, b) => broadcast(op.toLowerCase(), a, b), []);
  return makeNode(op, inputs, dtype, shape, { attributes });
}

/** The opposite of a truth value. */
export function not(x: Tensor): Tensor {
  return elementwise('Not', [x]);
}

/** The numbers start, start + step, ... below `limit` (scalars of one type); `size` names how many there are. */
export function rangeOf(start: Tensor, limit: Tensor, step: Tensor, size: Shape[number]): Tensor {
  return makeNode('Range', [start, limit, step], start.dtype, [size]);
}
