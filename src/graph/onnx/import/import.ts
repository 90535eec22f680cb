/**
 * An ONNX graph as symbolic tensors of `src/graph`, which can be differentiated. Each node becomes the node of
 * ours with the same meaning; shapes that the file computes from its inputs are followed by name (`value.ts`), so
 * that every tensor's shape is known as far as it can be said, and the rest is computed when the graph runs.
 * Floats of every width are computed in float32.
 */
import { RefractError } from '../../../errors.ts';
import { constant, type Tensor } from '../../tensor.ts';
import type { GraphProto, NodeProto } from '../schema/onnx_pb.ts';
import { Attributes } from './attributes.ts';
import { decodeTensor } from './decode-tensor.ts';
import { unreadable } from './model-error.ts';
import { type ImportScope, Operation, type TableLookup } from './operation.ts';
import { OPERATORS } from './operators.ts';
import type { OnnxModel } from './read-model.ts';
import { asValue, type Value } from './value.ts';

/** What stands for the names of an ONNX model from outside. */
export interface Bindings {
  /** Tensors for the model's inputs, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Tensors to use in place of stored values, by name: weights that are trained. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** The input that holds ids; look-ups of a parameter by it are returned. */
  readonly ids?: Tensor;
}

/** An imported graph. */
export interface ImportedGraph {
  /** The model's outputs by name. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Look-ups of tables by the ids. */
  readonly lookups: readonly TableLookup[];
}

/**
 * Imports a model's graph.
 * @throws RefractError `CHECKPOINT_FORMAT` naming the node: an operator or a form of it that is not supported, a
 *   branch that depends on the data, sizes that were fixed when the model was exported
 * @example
 * const model = readOnnxModel('model.onnx');
 * const x = input('x', 'float32', ['B', 8]);
 * const { outputs } = importOnnx(model, { inputs: new Map([['x', x]]), parameters: new Map() });
 */
export function importOnnx(model: OnnxModel, bindings: Bindings): ImportedGraph {
  let fresh = 0;
  const scope: ImportScope = {
    opset: model.opset,
    path: model.path,
    ids: bindings.ids,
    lookups: [],
    freshSize: () => `?${++fresh}`,
  };
  const names = new Map<string, Value>();
  for (const [name, { data, shape }] of model.initialisers) names.set(name, asValue(constant(data, shape)));
  for (const [name, tensor] of [...bindings.parameters, ...bindings.inputs]) names.set(name, { tensor });
  runGraph(model.graph, names, scope);
  const outputs = new Map<string, Tensor>();
  for (const { name } of model.graph.output) {
    const value = names.get(name);
    if (!value) throw unreadable(model.path, `output ${name} is made by no node`);
    outputs.set(name, value.tensor);
  }
  return { outputs, lookups: scope.lookups };
}

function runGraph(graph: GraphProto, names: Map<string, Value>, scope: ImportScope): void {
  for (const node of graph.node) {
    const made = runNode(node, names, scope);
    node.output.forEach((name, i) => {
      if (name === '') return;
      if (names.has(name)) throw unreadable(place(node, scope), `two values are called ${name}`);
      // Optional outputs that no rule makes are refused where they are used.
      if (made[i]) names.set(name, made[i]);
    });
  }
}

function place({ opType, domain, name, output }: NodeProto, { path }: ImportScope): string {
  return `${path}: ${domain === '' ? '' : `${domain}.`}${opType} ${name || output[0] || '(unnamed)'}`;
}

function runNode(node: NodeProto, names: Map<string, Value>, scope: ImportScope): readonly Value[] {
  const at = place(node, scope);
  const rule = Object.hasOwn(OPERATORS, node.opType) ? OPERATORS[node.opType] : undefined;
  if (node.domain !== '' && node.domain !== 'ai.onnx')
    throw unreadable(
      at,
      `operators of the domain ${node.domain} are not supported`,
      'Export the model without optimisation for a runtime, so that it has the operators of ONNX alone.',
    );
  if (!rule)
    throw unreadable(
      at,
      `operator ${node.opType} is not supported`,
      `Operators that are: ${Object.keys(OPERATORS).sort().join(', ')}.`,
    );
  const inputs = node.input.map((name) => {
    if (name === '') return undefined;
    const value = names.get(name);
    if (!value) throw unreadable(at, `its input ${name} is made by no earlier node`);
    return value;
  });
  const operation = new Operation({
    op: node.opType,
    at,
    inputs,
    attributes: new Attributes(node.attribute, at),
    outputs: node.output.filter((name) => name !== '').length,
    scope,
    subgraph: (graph) => {
      const inner = new Map(names);
      for (const stored of graph.initializer) {
        const { data, shape } = decodeTensor(stored, scope.path);
        inner.set(stored.name, asValue(constant(data, shape)));
      }
      runGraph(graph, inner, scope);
      return graph.output.map(({ name }) => {
        const value = inner.get(name);
        if (!value) throw unreadable(at, `output ${name} of its branch is made by no node`);
        return value;
      });
    },
  });
  try {
    const made = rule(operation);
    return Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
  } catch (error) {
    // What an operator of ours says of shapes, with the node of the file it is about.
    if (error instanceof RefractError && error.code.startsWith('GRAPH_'))
      throw unreadable(
        at,
        error.what,
        'The model is of a form that cannot be imported: export it with dynamic batch and length.',
        error,
      );
    // Sizes that no array can have, or branches within branches without end.
    if (error instanceof RangeError)
      throw unreadable(at, `it cannot be held: ${error.message}`, undefined, error);
    throw error;
  }
}
