/**
 * Building a graph anew with other nodes in the place of some: for running alone, since what comes out has no
 * gradients. Passes over a graph (int8.ts, half.ts, fuse.ts) are written as rules.
 */
import { topologicalOrder } from './gradient.ts';
import { makeNodes, type Node, type Tensor } from './tensor.ts';

/**
 * What takes the place of a node, given its inputs as they are in the new graph: one tensor for each of the node's
 * outputs, or undefined to keep the node. Nodes are visited after those that they need.
 */
export type Rule = (node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;

/**
 * The graph of `outputs` with each node replaced as `rule` says.
 *
 * @example
 * // Without activations:
 * const { y } = rewrite({ y: gelu(x) }, (node, [x]) => (node.op === 'Gelu' ? [x] : undefined));
 */
export function rewrite<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  rule: Rule,
): Record<Name, Tensor> {
  const named = Object.entries<Tensor>(outputs);
  const made = new Map<Tensor, Tensor>();
  for (const node of topologicalOrder(named.map(([, tensor]) => tensor))) {
    const inputs = node.inputs.map((tensor) => made.get(tensor)!);
    const replaced = rule(node, inputs) ?? copy(node, inputs);
    node.outputs.forEach((tensor, i) => {
      made.set(tensor, replaced[i]);
    });
  }
  return Object.fromEntries(named.map(([name, tensor]) => [name, made.get(tensor)!])) as Record<Name, Tensor>;
}

/** The node itself where its inputs are as they were. */
function copy(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  if (inputs.every((tensor, i) => tensor === node.inputs[i])) return node.outputs;
  const { op, outputs, attributes, domain, target } = node;
  return makeNodes(
    op,
    inputs,
    outputs.map(({ dtype, shape }) => ({ dtype, shape })),
    { attributes, domain, target },
  );
}

/** Values of a graph's weights, by the names of the inputs that stand for them. */
export type Weights = ReadonlyMap<string, { readonly data: Float32Array; readonly shape: readonly number[] }>;

/** The float32 values of a weight's input; undefined for other tensors. */
export function weightOf(tensor: Tensor, weights: Weights): Float32Array | undefined {
  const { op, name } = tensor.node;
  return op === 'Input' && name !== undefined ? weights.get(name)?.data : undefined;
}
