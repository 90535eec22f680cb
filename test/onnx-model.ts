/** Small ONNX models written node by node, for tests of what reads them. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as ElementType,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProtoSchema,
} from '../src/graph/onnx/schema/onnx_pb.ts';

/** An attribute: whole numbers, text, a tensor or a graph; floats must be marked. */
export type ModelAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tensor: MessageInitShape<typeof TensorProtoSchema> }
  | { readonly graph: GraphProto };

/** One node: operator, inputs ('' for one left out), outputs, attributes. */
export type ModelNode = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, ModelAttribute>>,
];

/** An input or output: its name, element type and sizes; not even its rank is said without them. */
export type ModelValue = readonly [
  name: string,
  type: keyof typeof ElementType,
  shape: readonly (number | string)[] | undefined,
];

/** What a model is made of. */
export interface ModelParts {
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly nodes: readonly ModelNode[];
  readonly initialisers?: readonly MessageInitShape<typeof TensorProtoSchema>[];
  readonly opset?: number;
  /** Domain of the nodes. */
  readonly domain?: string;
}

/** A stored float32 tensor. */
export function floats(name: string, dims: readonly number[], values: readonly number[]) {
  return { name, dims: dims.map(BigInt), dataType: ElementType.FLOAT, floatData: [...values] };
}

/** A stored int64 tensor; a vector unless `dims` say otherwise. */
export function int64s(name: string, values: readonly number[], dims: readonly number[] = [values.length]) {
  return { name, dims: dims.map(BigInt), dataType: ElementType.INT64, int64Data: values.map(BigInt) };
}

function attribute(name: string, value: ModelAttribute) {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('tensor' in value) return { name, type: AttributeType.TENSOR, t: value.tensor };
  if ('graph' in value) return { name, type: AttributeType.GRAPH, g: value.graph };
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
}

function declared([name, type, shape]: ModelValue) {
  const dim = shape?.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  const value = {
    case: 'tensorType' as const,
    value: { elemType: ElementType[type], shape: dim && { dim } },
  };
  return { name, type: { value } };
}

/** A graph of its own, such as a branch. */
export function onnxGraph({
  inputs,
  outputs,
  nodes,
  initialisers = [],
  domain = '',
}: ModelParts): GraphProto {
  return create(GraphProtoSchema, {
    name: 'test',
    input: inputs.map(declared),
    output: outputs.map(declared),
    initializer: [...initialisers],
    node: nodes.map(([opType, input, output, attributes = {}], i) => ({
      opType,
      name: `node_${i}`,
      domain,
      input: [...input],
      output: [...output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    })),
  });
}

/** The bytes of a model. */
export function onnxModel(parts: ModelParts): Uint8Array {
  const domains = [
    { domain: '', version: BigInt(parts.opset ?? 17) },
    ...(parts.domain ? [{ domain: parts.domain, version: 1n }] : []),
  ];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, opsetImport: domains, graph: onnxGraph(parts) }),
  );
}
