/** Which stored tensors of a model are weights: those that a gradient reaches. */
import type { Node, Tensor } from '../../tensor.ts';
import type { Stored } from './decode-tensor.ts';

/** Numbers larger than this stand for minus infinity in masks. */
const MASK = 1e30;

/** True where a stored tensor may be a weight: floats, more than one, all finite and none as large as a mask's. */
export function mayBeWeight({ dtype, data, shape }: Stored): boolean {
  if (dtype !== 'float32' || data.length < 2 || shape.length === 0) return false;
  for (const value of data as Float32Array) if (!(Math.abs(value) < MASK)) return false;
  return true;
}

/**
 * The inputs among `candidates` that `output` depends on through differentiable operators. Angles of sines and
 * cosines are no way to a weight: they are the frequencies of rotary or sinusoidal positions.
 */
export function reachedByGradient(output: Tensor, candidates: ReadonlySet<Tensor>): Set<Tensor> {
  const reached = new Set<Tensor>();
  const seen = new Set<Node>();
  const open: Tensor[] = [output];
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    if (candidates.has(tensor)) reached.add(tensor);
    const { node } = tensor;
    if (seen.has(node) || node.gradient === undefined || node.op === 'Sin' || node.op === 'Cos') continue;
    seen.add(node);
    open.push(...node.inputs);
  }
  return reached;
}
