/** Which transpositions ONNX Runtime's FusedMatMul takes over, so that no element is moved. */
import type { Node, Tensor } from '../tensor.ts';

/** Transpositions of the last two axes that only products read: they become part of these. */
export function fusedTransposes(order: readonly Node[], outputs: readonly Tensor[]): Set<Node> {
  const found = new Set(order.filter((node) => node.op === 'Transpose' && swapsLast(node)));
  const drop = (tensor: Tensor) => found.delete(tensor.node);
  outputs.forEach(drop);
  for (const node of order) if (node.op !== 'MatMul') node.inputs.forEach(drop);
  return found;
}

function swapsLast({ attributes: { perm }, inputs: [x] }: Node): boolean {
  if (!('ints' in perm) || x.dtype !== 'float32') return false;
  const n = perm.ints.length;
  return perm.ints.every((axis, i) => axis === (i < n - 2 ? i : 2 * n - 3 - i));
}
