/** Weights in the memory of the AdamW kernel, beside their gradients and moments, where an update copies nothing. */
import type { FloatTensor } from '../model/safetensors.ts';
import { allocateTensors, type KernelTensor } from './adamw-kernel.ts';

/** Placed weights that no optimiser has claimed yet. */
const placed = new WeakMap<Float32Array, KernelTensor>();

/**
 * Moves the tensors `names` of `parameters`: each entry is replaced by an equal one in a kernel's memory, before
 * encoders and sessions get them. Training gives the same bits without this, in more time.
 *
 * @example
 * placeWeights(parameters, trainable);
 * const encoder = await Encoder.create(config, parameters, maker, { live: true });
 * await train({ parameters, trainable, ...task }, settings, control);
 * freeWeights(parameters, trainable);
 */
export function placeWeights(parameters: Map<string, FloatTensor>, names: Iterable<string>): void {
  const moving = [...names];
  const tensors = allocateTensors(moving.map((name) => parameters.get(name)!.data.length));
  moving.forEach((name, i) => {
    const { x } = tensors[i];
    x.set(parameters.get(name)!.data);
    placed.set(x, tensors[i]);
    parameters.set(name, { ...parameters.get(name)!, data: x });
  });
}

/** Gives weights that were placed, and trained, memory of their own again, so that moments and gradients can go. */
export function freeWeights(parameters: Map<string, FloatTensor>, names: Iterable<string>): void {
  for (const name of names) {
    const tensor = parameters.get(name)!;
    parameters.set(name, { ...tensor, data: tensor.data.slice() });
  }
}

/**
 * Room for gradients and moments, all zero: beside weights that were placed, or in new memory. Placed weights have
 * room for one optimiser; a second one, for another round of training, gets new memory.
 */
export function claimTensors(weights: readonly Float32Array[]): KernelTensor[] {
  const found = weights.map((x) => placed.get(x));
  const missing = weights.filter((_, i) => found[i] === undefined);
  for (const x of weights) placed.delete(x);
  const fresh = allocateTensors(missing.map((x) => x.length));
  return found.map((tensor) => tensor ?? fresh.shift()!);
}
