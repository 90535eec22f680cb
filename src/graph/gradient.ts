/**
 * Reverse-mode differentiation of graphs. The gradient of a loss is more graph: every node contributes
 * the nodes of its rule, visited from the loss back to what one asks for. Since the result is made of
 * differentiable operators itself, second derivatives come for free.
 */
import { RefractError } from '../errors.ts';
import { add } from './ops/elementwise.ts';
import { sameShape, shapeError, showShape } from './shape.ts';
import { constant, type Node, scalar, type Tensor } from './tensor.ts';

/** Nodes that `outputs` depend on, each after the nodes it needs. */
export function topologicalOrder(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  const stack: Node[] = [...outputs].reverse().map((tensor) => tensor.node);
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (state.get(node) === 'done') {
      stack.pop();
    } else if (state.get(node) === 'open') {
      state.set(node, 'done');
      order.push(node);
      stack.pop();
    } else {
      state.set(node, 'open');
      for (let i = node.inputs.length - 1; i >= 0; i--) {
        if (!state.has(node.inputs[i].node)) stack.push(node.inputs[i].node);
      }
    }
  }
  return order;
}

/**
 * d loss / d x for each x in `wrt`, of x's shape; zeros where the loss does not depend on x through a
 * differentiable path. `loss` is a scalar. An x may be an intermediate tensor (rows of an embedding).
 * @example const [dw, db] = gradients(loss, [w, b])
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) throw shapeError('gradients', [loss.shape], 'the loss must be a scalar');
  const order = topologicalOrder([loss]);
  const wanted = new Set(wrt);
  // Only nodes on a path from something wanted need gradients.
  const live = new Set<Node>();
  for (const node of order) {
    if (node.outputs.some((output) => wanted.has(output)) || node.inputs.some((x) => live.has(x.node)))
      live.add(node);
  }
  const found = new Map<Tensor, Tensor>([[loss, scalar(1)]]);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    if (!live.has(node) || node.inputs.length === 0) continue;
    const outputs = node.outputs.map((output) => found.get(output));
    if (outputs.every((g) => g === undefined) || node.gradient === undefined) continue;
    const needed = node.inputs.some((x) => live.has(x.node) || wanted.has(x));
    if (!needed) continue;
    const inputs = node.gradient(outputs, node);
    node.inputs.forEach((x, k) => {
      const g = inputs[k];
      if (g === undefined || !live.has(x.node)) return;
      if (!sameShape(g.shape, x.shape)) {
        throw new RefractError(
          'GRAPH_INVALID',
          `gradient of ${node.op} has shape ${showShape(g.shape)}, not ${x}`,
          {
            hint: 'This is a fault in the rule of that operator; please report it.',
          },
        );
      }
      const before = found.get(x);
      found.set(x, before ? add(before, g) : g);
    });
  }
  return wrt.map((x) => found.get(x) ?? zeros(x));
}

function zeros(x: Tensor): Tensor {
  const numbers = x.shape.map((dim) => {
    if (typeof dim === 'number') return dim;
    throw new RefractError('GRAPH_INVALID', `the loss does not depend on ${x}`, {
      hint: 'Ask only for gradients of tensors that the loss is computed from.',
    });
  });
  return constant(new Float32Array(numbers.reduce((a, b) => a * b, 1)), numbers);
}
