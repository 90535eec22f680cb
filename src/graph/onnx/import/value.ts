/**
 * What a name of an ONNX graph stands for while it is imported: a symbolic tensor and, for small ones, its
 * elements as far as they are known. A shape computed from an input is a vector such as [B, L, 32], so that the
 * operators that take shapes can say what theirs is. Where elements are unknown the graph computes them.
 */
import { type Dim, type Shape, sameShape } from '../../shape.ts';
import { type ConstantData, constant, type DataType, type Tensor } from '../../tensor.ts';

/** An element: a number (truth values are 0 and 1), a named size, or undefined where it depends on the data. */
export type Element = Dim | undefined;

/** A tensor and its elements in row-major order, if it has few and their number is known. */
export interface Value {
  readonly tensor: Tensor;
  readonly elements?: readonly Element[];
}

/** The most elements that are followed; shapes, axes and scalars have a handful. */
export const MOST_ELEMENTS = 64;

/** The number of elements of a shape without named sizes. */
export function countOf(shape: Shape): number | undefined {
  return shape.reduce<number | undefined>(
    (total, dim) => (total === undefined || typeof dim === 'string' ? undefined : total * dim),
    1,
  );
}

/** A tensor with its elements; where all are numbers, it becomes a constant. */
export function asValue(tensor: Tensor, elements?: readonly Element[]): Value {
  if (tensor.node.op === 'Constant') return { tensor, elements: elements ?? constantElements(tensor) };
  if (!elements || elements.length !== countOf(tensor.shape) || elements.length > MOST_ELEMENTS)
    return { tensor };
  if (elements.every((each) => typeof each === 'number') && elements.length > 0)
    return { tensor: numbersAs(tensor.dtype, elements, tensor.shape as readonly number[]), elements };
  return { tensor, elements };
}

function constantElements(tensor: Tensor): number[] | undefined {
  const { data } = tensor.node;
  return data && data.length <= MOST_ELEMENTS ? Array.from(data as Float32Array, Number) : undefined;
}

/** Numbers as a constant of a type. */
export function numbersAs(dtype: DataType, values: readonly number[], shape: readonly number[]): Tensor {
  return constant(arrayOf(dtype, values), shape);
}

function arrayOf(dtype: DataType, values: readonly number[]): ConstantData {
  switch (dtype) {
    case 'int64':
      return BigInt64Array.from(values, (n) => BigInt(Math.trunc(n)));
    case 'int32':
      return Int32Array.from(values);
    case 'bool':
      return Uint8Array.from(values, (n) => (n === 0 ? 0 : 1));
    default:
      return Float32Array.from(values);
  }
}

/** The elements where all are known numbers. */
export function numbersOf(value: Value | undefined): number[] | undefined {
  const { elements } = value ?? {};
  return elements?.every((each) => typeof each === 'number') ? (elements as number[]) : undefined;
}

/** The number of a tensor of one element, if it is known. */
export function numberOf(value: Value | undefined): number | undefined {
  const numbers = numbersOf(value);
  return numbers?.length === 1 ? numbers[0] : undefined;
}

/** True for float32, the one floating-point type that imported graphs compute in. */
export function isFloat(tensor: Tensor): boolean {
  return tensor.dtype === 'float32';
}

/** Elements of two values, element by element, where the shapes are equal or one has a single element. */
export function zipElements(
  a: Value,
  b: Value,
  combine: (x: Dim, y: Dim) => Element,
): readonly Element[] | undefined {
  const [x, y] = [a.elements, b.elements];
  if (!x || !y || (x.length !== 1 && y.length !== 1 && !sameShape(a.tensor.shape, b.tensor.shape)))
    return undefined;
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => {
    const [p, q] = [x[x.length === 1 ? 0 : i], y[y.length === 1 ? 0 : i]];
    return p === undefined || q === undefined ? undefined : combine(p, q);
  });
}
