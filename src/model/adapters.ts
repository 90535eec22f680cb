/**
 * Low-rank adapters (LoRA, Hu et al. 2022): a linear weight W [out, in] is used as W + (alpha / r) B A with B
 * [out, r] and A [r, in]. W stays as it is; A begins at random and B at zero, so that nothing changes before the first
 * step. Encoders know nothing of it: their graphs are given the sum in the place of W. Trained adapters are merged
 * into the weights, or kept as the difference from the teacher (difference.ts).
 */
import { add, input, matmul, mul, type Tensor } from '../graph/index.ts';
import { addLowRank, type LowRank } from './low-rank.ts';
import type { FloatTensor } from './safetensors.ts';

/** Size and weight of adapters. */
export interface AdapterSettings {
  /** r, of every adapter. */
  readonly rank: number;
  /** The product B A counts alpha / r times. */
  readonly alpha: number;
}

/** Whether a tensor is the weight of a linear layer, the projection among them; tables of embeddings are not. */
export function isLinear(name: string, shape: readonly unknown[]): boolean {
  return shape.length === 2 && name.endsWith('.weight') && !name.startsWith('embeddings.');
}

/** The names of the adapter of the weight `name`: `encoder.layer.0.output.dense.lora_B.weight`. */
export function adapterNames(name: string): { a: string; b: string } {
  const layer = name.slice(0, -'.weight'.length);
  return { a: `${layer}.lora_A.weight`, b: `${layer}.lora_B.weight` };
}

/** Shapes of the adapters of a model's linear weights. A rank above the smaller side of a weight is cut to it. */
export function adapterShapes(
  weights: Iterable<readonly [name: string, shape: readonly number[]]>,
  { rank }: AdapterSettings,
): [name: string, shape: number[]][] {
  return [...weights]
    .filter(([name, shape]) => isLinear(name, shape))
    .flatMap(([name, [out, into]]) => {
      const { a, b } = adapterNames(name);
      const r = Math.min(rank, out, into);
      return [
        [a, [r, into]],
        [b, [out, r]],
      ] satisfies [string, number[]][];
    });
}

/**
 * Graph inputs with adapters for a model's linear weights.
 *
 * @param inputs the model's weights, by name
 * @returns `inputs`: those, and the adapters'; `weights`: what the encoder's graph is given by its weights' names
 * @example const { weights } = withAdapters(colbertInputs(config, 64), { rank: 8, alpha: 16 })
 */
export function withAdapters(
  inputs: ReadonlyMap<string, Tensor>,
  settings: AdapterSettings,
): { inputs: Map<string, Tensor>; weights: Map<string, Tensor> } {
  const shapes = adapterShapes(
    [...inputs].map(([name, { shape }]) => [name, shape.map(Number)] as const),
    settings,
  );
  const adapters = new Map(shapes.map(([name, shape]) => [name, input(name, 'float32', shape)]));
  const weights = new Map(
    [...inputs].map(([name, weight]) => {
      const { a, b } = adapterNames(name);
      const [down, up] = [adapters.get(a), adapters.get(b)];
      if (down === undefined || up === undefined) return [name, weight];
      return [name, add(weight, mul(matmul(up, down), settings.alpha / settings.rank))];
    }),
  );
  return { inputs: new Map([...inputs, ...adapters]), weights };
}

/**
 * Takes the adapters out of trained `tensors`: the model's own, with the adapters merged, and the low-rank difference
 * (alpha / r) B, A of every adapted weight. Reading the difference again gives the same bits as merging it here.
 *
 * @example const { tensors, factors } = mergeAdapters(parameters, { rank: 8, alpha: 16 })
 */
export function mergeAdapters(
  trained: ReadonlyMap<string, FloatTensor>,
  settings: AdapterSettings,
): { tensors: Map<string, FloatTensor>; factors: Map<string, LowRank> } {
  const scale = settings.alpha / settings.rank;
  const tensors = new Map(trained);
  const factors = new Map<string, LowRank>();
  for (const [name, weight] of trained) {
    const names = adapterNames(name);
    const [a, b] = [trained.get(names.a), trained.get(names.b)];
    if (!isLinear(name, weight.shape) || a === undefined || b === undefined) continue;
    const scaled = { a, b: { ...b, data: b.data.map((value) => value * scale) } };
    factors.set(name, scaled);
    tensors.set(name, addLowRank(weight, scaled));
    tensors.delete(names.a);
    tensors.delete(names.b);
  }
  return { tensors, factors };
}
