/** An ONNX file, read and checked: its nodes, stored tensors, inputs and outputs. Nothing is interpreted yet. */

import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { RefractError } from '../../../errors.ts';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from '../schema/onnx_pb.ts';
import { decodeTensor, elementTypeName, type Stored } from './decode-tensor.ts';
import { unreadable } from './model-error.ts';

/** The ONNX operator sets whose operators are understood. */
export const OPSETS = { first: 9, last: 23 } as const;

/** An input or output as the file declares it. */
export interface Declared {
  readonly name: string;
  /** ONNX's number of the element type; 0 where the value is no tensor. */
  readonly elementType: number;
  /** Sizes: numbers, names, or '?' where unsaid; undefined where not even the rank is said. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** A model file's content. */
export interface OnnxModel {
  /** The file. */
  readonly path: string;
  readonly opset: number;
  /** The whole message, of which `graph` is a part. */
  readonly proto: ModelProto;
  readonly graph: GraphProto;
  /** Inputs that must be fed (those with a stored value need not). */
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  /** Stored tensors by name. */
  readonly initialisers: ReadonlyMap<string, Stored>;
}

/**
 * Reads an ONNX model.
 * @throws RefractError `FILE_MISSING`; `CHECKPOINT_FORMAT` (damaged, another operator set, local functions, quantised,
 *   external data outside the folder); `CHECKPOINT_INCOMPLETE` (external data is missing)
 * @example readOnnxModel('encoder/model.onnx').outputs.map(({ name }) => name) // ['last_hidden_state']
 */
export function readOnnxModel(path: string): OnnxModel {
  return parseOnnxModel(readBytes(path), path);
}

/** The same of a model that was read already; `path` is where it lies or came from. */
export function parseOnnxModel(bytes: Uint8Array, path: string): OnnxModel {
  const model = parse(bytes, path);
  const { graph } = model;
  if (!graph || graph.node.length === 0) throw unreadable(path, 'the file holds no ONNX graph');
  const opset = operatorSet(model, path);
  refuseForeign(model, graph, path);
  const initialisers = new Map<string, Stored>();
  for (const tensor of graph.initializer) {
    if (tensor.name === '' || initialisers.has(tensor.name))
      throw unreadable(
        path,
        tensor.name ? `two tensors are called ${tensor.name}` : 'a stored tensor has no name',
      );
    initialisers.set(tensor.name, decodeTensor(tensor, path));
  }
  if (graph.sparseInitializer.length > 0)
    throw unreadable(path, 'sparse tensors are not supported', 'Export the model with dense weights.');
  const inputs = graph.input.map(declared).filter(({ name }) => !initialisers.has(name));
  const outputs = graph.output.map(declared);
  return { path, opset, proto: model, graph, inputs, outputs, initialisers };
}

/** The message of an ONNX file. Throws `FILE_MISSING`, `CHECKPOINT_FORMAT`. */
export function parseModel(path: string): ModelProto {
  return parse(readBytes(path), path);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new RefractError('FILE_MISSING', `cannot be read: ${(cause as Error).message}`, {
      at: path,
      hint: 'Give the path of an .onnx file.',
      cause,
    });
  }
}

function parse(bytes: Uint8Array, path: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw unreadable(path, `the file is no ONNX model: ${(cause as Error).message}`, undefined, cause);
  }
}

function operatorSet(model: ModelProto, path: string): number {
  const found = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  if (!found) throw unreadable(path, 'the file names no operator set of ONNX');
  const opset = Number(found.version);
  if (opset < OPSETS.first || opset > OPSETS.last)
    throw unreadable(
      path,
      `operator set ${opset} is not supported`,
      `Export with an operator set from ${OPSETS.first} to ${OPSETS.last} (opset_version in torch.onnx.export).`,
    );
  return opset;
}

/** Operators that compute in 8-bit numbers, whose rounding has no gradient. */
const QUANTISED = /^(DynamicQuantizeLinear|QuantizeLinear|DequantizeLinear|(MatMul|Conv)Integer|QLinear\w+)$/;

function refuseForeign(model: ModelProto, graph: GraphProto, path: string): void {
  const quantised = graph.node.find(({ opType }) => QUANTISED.test(opType));
  if (quantised)
    throw unreadable(
      path,
      `the model is quantised (${quantised.opType}, node ${quantised.name || quantised.output[0]})`,
      'Rounded weights have no gradient: give the float32 or float16 model it was made from.',
    );
  if (model.functions.length > 0) {
    const [{ domain, name }] = model.functions;
    throw unreadable(
      path,
      `the model defines functions of its own (${domain}.${name})`,
      'Export with functions inlined: optimize=True in torch.onnx.export, or onnx.inliner.',
    );
  }
}

function declared({ name, type }: ValueInfoProto): Declared {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  return {
    name,
    elementType: tensor?.elemType ?? 0,
    shape: tensor?.shape?.dim.map(({ value }) =>
      value.case === 'dimValue'
        ? Number(value.value)
        : value.case === 'dimParam' && value.value
          ? value.value
          : '?',
    ),
  };
}

/** A declared input or output as people read it: `ids INT64[batch, 128]`. */
export function showDeclared({ name, elementType, shape }: Declared): string {
  return `${name} ${elementTypeName(elementType)}[${shape?.join(', ') ?? 'rank unsaid'}]`;
}
