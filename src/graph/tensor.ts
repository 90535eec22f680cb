/**
 * Symbolic tensors. A tensor is one output of a node; a node is one ONNX operator with the rule for its
 * gradient. There is no graph object: a graph is whatever is reachable from the tensors one asks for.
 *
 * This does not compute anything. `onnx/encode.ts` writes a graph as an ONNX model and `session.ts` runs it.
 */
import { RefractError } from '../errors.ts';
import { type Shape, showShape } from './shape.ts';

/** Element types used by Refract's graphs. */
export type DataType = 'float32' | 'float16' | 'int8' | 'uint8' | 'int32' | 'int64' | 'bool';

/** An attribute of an ONNX operator. Integers must be marked, since JavaScript has one number type. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string };

/** Values of a constant, in row-major order; those of float16 as bit patterns. */
export type ConstantData = Float32Array | Uint16Array | Int8Array | Int32Array | BigInt64Array | Uint8Array;

/** The element type of a constant, by its array; a Uint8Array is taken for booleans unless told otherwise. */
function dtypeOf(data: ConstantData): DataType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint16Array) return 'float16';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof BigInt64Array ? 'int64' : 'bool';
}

/**
 * The gradient of a node: from the gradients of its outputs (undefined where nothing flows back) to the
 * gradients of its inputs (undefined where an input has none). Each result has its input's shape.
 */
export type GradientRule = (
  outputGradients: readonly (Tensor | undefined)[],
  node: Node,
) => (Tensor | undefined)[];

/** One operator applied to tensors. */
export interface Node {
  /** ONNX operator type; `Input` and `Constant` are the leaves. */
  readonly op: string;
  /** ONNX domain; '' is the standard one. */
  readonly domain: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly gradient?: GradientRule;
  /** A name of an `Input`. */
  readonly name?: string;
  /** Values of a `Constant`. */
  readonly data?: ConstantData;
  /** For `Reshape` and `Expand`: the target shape, resolved when the graph is encoded. */
  readonly target?: Shape;
}

/** A symbolic tensor: an element type, a shape and the node that makes it. */
export class Tensor {
  readonly dtype: DataType;
  readonly shape: Shape;
  readonly node: Node;

  constructor(dtype: DataType, shape: Shape, node: Node) {
    this.dtype = dtype;
    this.shape = shape;
    this.node = node;
  }

  toString(): string {
    return `${this.node.name ?? this.node.op} ${this.dtype}${showShape(this.shape)}`;
  }
}

/** What `makeNode` needs beside the inputs and the outputs' types and shapes. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  readonly gradient?: GradientRule;
  readonly target?: Shape;
}

/** Makes a node with any number of outputs and returns them. */
export function makeNodes(
  op: string,
  inputs: readonly Tensor[],
  outputs: readonly { dtype: DataType; shape: Shape }[],
  options: NodeOptions = {},
): Tensor[] {
  const tensors: Tensor[] = [];
  const node: Node = {
    op,
    domain: options.domain ?? '',
    inputs,
    outputs: tensors,
    attributes: options.attributes ?? {},
    gradient: options.gradient,
    target: options.target,
  };
  for (const { dtype, shape } of outputs) tensors.push(new Tensor(dtype, shape, node));
  return tensors;
}

/** Makes a node with one output and returns it. */
export function makeNode(
  op: string,
  inputs: readonly Tensor[],
  dtype: DataType,
  shape: Shape,
  options: NodeOptions = {},
): Tensor {
  return makeNodes(op, inputs, [{ dtype, shape }], options)[0];
}

/**
 * A tensor that is fed at run time.
 * @example const ids = input('ids', 'int32', ['B', 'L'])
 */
export function input(name: string, dtype: DataType, shape: Shape): Tensor {
  const outputs: Tensor[] = [];
  outputs.push(
    new Tensor(dtype, shape, { op: 'Input', domain: '', inputs: [], outputs, attributes: {}, name }),
  );
  return outputs[0];
}

/** A tensor of fixed values; `shape` has numbers only and defaults to a vector of all values. */
export function constant(
  data: ConstantData,
  shape: readonly number[] = [data.length],
  dtype: DataType = dtypeOf(data),
): Tensor {
  const size = shape.reduce((total, dim) => total * dim, 1);
  if (size !== data.length) {
    throw new RefractError(
      'GRAPH_SHAPE',
      `constant of ${data.length} values given shape ${showShape(shape)}`,
      {
        hint: 'The product of the sizes must be the number of values.',
      },
    );
  }
  const outputs: Tensor[] = [];
  outputs.push(
    new Tensor(dtype, shape, { op: 'Constant', domain: '', inputs: [], outputs, attributes: {}, data }),
  );
  return outputs[0];
}

/** A float32 scalar. */
export function scalar(value: number): Tensor {
  return constant(new Float32Array([value]), []);
}

/** An int64 vector, as ONNX wants axes and shapes. */
export function int64s(values: readonly number[]): Tensor {
  return constant(BigInt64Array.from(values, (value) => BigInt(value)));
}

/** Fails unless `tensor` is floating point; `op` names the operator in the message. */
export function requireFloat(op: string, ...tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    if (tensor.dtype !== 'float32' && tensor.dtype !== 'float16') {
      throw new RefractError('GRAPH_INVALID', `${op} needs floating-point tensors, got ${tensor}`, {
        hint: 'Use cast(tensor, "float32") first.',
      });
    }
  }
}
