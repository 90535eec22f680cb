/**
 * Rewriting graphs that are complete, gradients included: nodes are replaced, and what depends on them is made anew.
 * Passes over a graph (mixed-precision.ts of training; half-precision.ts and int8.ts of what runs alone) are written as rules.
 */
import { topologicalOrder } from './gradient.ts';
import { makeNodes, type Node, type Tensor } from './tensor.ts';

/**
 * What stands for a node's outputs, given what stands for its inputs; undefined for the node as it is, with
 * these inputs.
 */
export type Rule = (node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;

/**
 * The graph of `outputs` with nodes replaced. Nodes that nothing changes are kept; new ones have no rule for their
 * gradient, which was taken before.
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
  const found = new Map<Tensor, Tensor>();
  for (const node of topologicalOrder(named.map(([, tensor]) => tensor))) {
    const inputs = node.inputs.map((x) => found.get(x)!);
    const fresh = rule(node, inputs) ?? (changed(node, inputs) ? withInputs(node, inputs) : node.outputs);
    node.outputs.forEach((output, i) => {
      found.set(output, fresh[i]);
    });
  }
  return Object.fromEntries(named.map(([name, x]) => [name, found.get(x)!])) as Record<Name, Tensor>;
}

/** The graph of `outputs` with one tensor in place of another, of the same shape and type. */
export function substitute(
  outputs: Readonly<Record<string, Tensor>>,
  replacements: ReadonlyMap<Tensor, Tensor>,
): Record<string, Tensor> {
  return rewrite(outputs, ({ op, outputs: [first] }) => {
    const other = op === 'Input' ? replacements.get(first) : undefined;
    return other && [other];
  });
}

function changed(node: Node, inputs: readonly Tensor[]): boolean {
  return inputs.some((x, i) => x !== node.inputs[i]);
}

/** The node on other inputs; its results are of the same shapes and, unless `dtype` says otherwise, types. */
export function withInputs(node: Node, inputs: readonly Tensor[], dtype?: Tensor['dtype']): Tensor[] {
  const { op, outputs, attributes, domain, target } = node;
  const results = outputs.map((output) => ({ dtype: dtype ?? output.dtype, shape: output.shape }));
  return makeNodes(op, inputs, results, { attributes, domain, target });
}

/** Values of a graph's weights, by the names of the inputs that stand for them. */
export type Weights = ReadonlyMap<string, { readonly data: Float32Array; readonly shape: readonly number[] }>;

/** The float32 values of a weight's input; undefined for other tensors. */
export function weightOf(tensor: Tensor, weights: Weights): Float32Array | undefined {
  const { op, name } = tensor.node;
  return op === 'Input' && name !== undefined ? weights.get(name)?.data : undefined;
}
