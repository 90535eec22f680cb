/** A model's graph without its weights: they become inputs, and what does not lead to one output is left out. */
import { create, toBinary } from '@bufbuild/protobuf';
import { inlined } from './import/decode-tensor.ts';
import type { OnnxModel } from './import/read-model.ts';
import {
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './schema/onnx_pb.ts';

/** What is left of a model, and what it is called. */
export interface WithoutWeights {
  /** The one output to keep. */
  readonly output: string;
  /** The names that stored tensors get as inputs; two that get the same name are one input. */
  readonly weights: ReadonlyMap<string, string>;
  /** Weights, by their new names, whose first size is left open, under this name. */
  readonly open?: ReadonlyMap<string, string>;
}

/**
 * The bytes of an ONNX model that takes the tensors `weights` as inputs, after its other ones. Equal graphs give equal
 * bytes, whatever the weights are. Notes in the file, such as where it was made, are left out.
 *
 * @example
 * withoutWeights(readOnnxModel('model.onnx'), { output: 'last_hidden_state', weights: new Map([['onnx::MatMul_7', 'out.weight']]) })
 */
export function withoutWeights(model: OnnxModel, kept: WithoutWeights): Uint8Array {
  const { graph } = model;
  const renamed = (name: string) => kept.weights.get(name) ?? name;
  const { nodes, used } = leadingTo(graph, kept.output);
  const inputs = graph.input
    .filter(({ name }) => !kept.weights.has(name) && !model.initialisers.has(name))
    .map((value) => create(ValueInfoProtoSchema, { name: value.name, type: value.type }));
  const weights = new Map<string, ValueInfoProto>();
  const stored: TensorProto[] = [];
  for (const tensor of graph.initializer) {
    if (!used.has(tensor.name)) continue;
    const name = kept.weights.get(tensor.name);
    if (name === undefined) stored.push(inlined(tensor, model.path));
    else if (!weights.has(name)) weights.set(name, asInput(name, tensor, kept.open?.get(name)));
  }
  const output = graph.output
    .filter(({ name }) => name === kept.output)
    .map((value) => create(ValueInfoProtoSchema, { name: value.name, type: value.type }));
  const { irVersion, opsetImport, producerName, producerVersion } = model.proto;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      ...{ irVersion, opsetImport, producerName, producerVersion },
      graph: create(GraphProtoSchema, {
        name: 'encoder',
        node: nodes.map((node) => rename(node, renamed)),
        initializer: stored,
        input: [...inputs, ...weights.values()],
        output,
      }),
    }),
  );
}

/** The nodes that `output` depends on, in their order, and all names that they read. */
function leadingTo({ node: all }: GraphProto, output: string): { nodes: NodeProto[]; used: Set<string> } {
  const used = new Set([output]);
  const nodes = all.toReversed().filter((node) => {
    if (!node.output.some((name) => used.has(name))) return false;
    for (const name of namesIn(node)) used.add(name);
    return true;
  });
  return { nodes: nodes.reverse(), used };
}

/** The names that a node reads, those within its branches included. */
function namesIn({ input, attribute }: NodeProto): string[] {
  const inner = branchesOf(attribute).flatMap((graph) => [
    ...graph.node.flatMap(namesIn),
    ...graph.output.map(({ name }) => name),
  ]);
  return [...input, ...inner];
}

function branchesOf(attributes: readonly AttributeProto[]): GraphProto[] {
  return attributes.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...graphs]);
}

function asInput(name: string, { dataType, dims }: TensorProto, open: string | undefined): ValueInfoProto {
  const dim = dims.map((size, axis) => ({
    value:
      axis === 0 && open !== undefined
        ? { case: 'dimParam' as const, value: open }
        : { case: 'dimValue' as const, value: size },
  }));
  const value = { elemType: dataType, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
}

/** The node with other names for what it reads; what it makes keeps its name. */
function rename(node: NodeProto, renamed: (name: string) => string): NodeProto {
  const graphOf = (graph: GraphProto): GraphProto => ({
    ...graph,
    docString: '',
    metadataProps: [],
    valueInfo: [],
    node: graph.node.map((each) => rename(each, renamed)),
    output: graph.output.map((value) => ({ ...value, name: renamed(value.name) })),
  });
  return {
    ...node,
    docString: '',
    metadataProps: [],
    input: node.input.map(renamed),
    attribute: node.attribute.map((each) => ({
      ...each,
      docString: '',
      ...(each.g && { g: graphOf(each.g) }),
      graphs: each.graphs.map(graphOf),
    })),
  };
}
