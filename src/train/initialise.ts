/**
 * Starting weights of a from-scratch encoder. Word vectors dominate the first layer's input: positions and
 * types start near zero, so that before any training equal words already have nearly equal token vectors,
 * and MaxSim starts as exact word matching instead of noise. It also leaves positions that training never
 * sees harmless.
 */
import { type AdapterSettings, adapterShapes } from '../model/adapters.ts';
import { PROJECTION } from '../model/checkpoint.ts';
import type { EncoderConfig } from '../model/config.ts';
import { parameterShapes } from '../model/families/index.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { RandomStream } from '../random.ts';

const POSITION_TABLE = 'embeddings.position_embeddings.weight';
/** BERT's standard deviation of weights. */
export const DEVIATION = 0.02;
/** Standard deviation of position and type vectors. */
const POSITION_DEVIATION = 0.002;

/** Starting weights that are those of a model, with numbers of their own. */
export function copiedTensors(tensors: ReadonlyMap<string, FloatTensor>): Map<string, FloatTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));
}

/** Weights of an encoder; with `dim`, of its projection too. Each tensor has a random stream of its own. */
export function initialWeights(config: EncoderConfig, seed: number, dim?: number): Map<string, FloatTensor> {
  const shapes: [string, number[]][] = parameterShapes(config);
  if (dim !== undefined) shapes.push([PROJECTION, [dim, config.hiddenSize]]);
  return new Map(shapes.map(([name, shape]) => [name, initialTensor(name, shape, seed)]));
}

/**
 * Weights of an encoder that is trained from scratch under `freeze` (parts of the names of tensors that are not
 * trained): those of `initialWeights`, but positions that stay frozen are zero
 * (docs/decisions/005-zero-positions.md).
 *
 * @example scratchWeights(config, { freeze: ['position_embeddings'], seed: 1, dim: 64 })
 */
export function scratchWeights(
  config: EncoderConfig,
  { freeze, seed, dim }: { readonly freeze: readonly string[]; readonly seed: number; readonly dim?: number },
): Map<string, FloatTensor> {
  const weights = initialWeights(config, seed, dim);
  if (freeze.some((part) => POSITION_TABLE.includes(part))) weights.get(POSITION_TABLE)!.data.fill(0);
  return weights;
}

/**
 * Starting weights of the adapters of a model's `tensors`: A from N(0, 1 / in), B zero, so that the model is as before.
 *
 * @example initialAdapters(teacher.tensors, { rank: 8, alpha: 16 }, 1)
 */
export function initialAdapters(
  tensors: ReadonlyMap<string, FloatTensor>,
  settings: AdapterSettings,
  seed: number,
): Map<string, FloatTensor> {
  const shapes = adapterShapes(
    [...tensors].map(([name, { shape }]) => [name, shape] as const),
    settings,
  );
  return new Map(
    shapes.map(([name, shape]) => {
      const data = new Float32Array(shape[0] * shape[1]);
      const stream = new RandomStream(seed, `adapters/${name}`);
      if (name.endsWith('.lora_A.weight'))
        for (let i = 0; i < data.length; i++) data[i] = stream.normal() / Math.sqrt(shape[1]);
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
}

/** One tensor of a model or of a head, drawn from the stream of its name. */
export function initialTensor(name: string, shape: readonly number[], seed: number): FloatTensor {
  return { dtype: 'F32', shape: [...shape], data: draw(name, shape, seed) };
}

function draw(name: string, shape: readonly number[], seed: number): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (name.endsWith('LayerNorm.weight')) return data.fill(1);
  if (name.endsWith('bias')) return data;
  const stream = new RandomStream(seed, `weights/${name}`);
  const small = name.includes('position_embeddings') || name.includes('token_type_embeddings');
  const deviation = small ? POSITION_DEVIATION : name === PROJECTION ? 1 / Math.sqrt(shape[1]) : DEVIATION;
  for (let i = 0; i < data.length; i++) data[i] = stream.normal() * deviation;
  return data;
}
