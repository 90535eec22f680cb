/** What a training step takes of a device's memory, for the message when that does not suffice. */
import { RefractError } from '../errors.ts';
import { peakBytes, sizesOf, type Tensor } from '../graph/index.ts';

/** What is known of a training step on a device. */
export interface TrainingMemory {
  /** Forward and backward. */
  readonly graph: Readonly<Record<string, Tensor>>;
  /** The batch; without it only weights and moments are told. */
  readonly feeds: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  readonly parameters: readonly { readonly data: Float32Array }[];
  /** Floats of trained tensors that have dense gradients. */
  readonly trained: number;
  /** Floats of a word table that is trained by rows. */
  readonly table: number;
}

/** Bytes of a training step. */
export interface MemoryEstimate {
  readonly weights: number;
  /** Two for each trained weight. */
  readonly moments: number;
  /** Gradients and everything computed on the way to them; 0 where the batch is not known. */
  readonly activations: number;
}

/** Estimates from shapes; see `peakBytes` for what it cannot know. */
export function estimateMemory(memory: TrainingMemory): MemoryEstimate {
  const { graph, feeds, parameters, trained, table } = memory;
  const sizes = sizesOf(graph, feeds);
  return {
    weights: 4 * parameters.reduce((sum, { data }) => sum + data.length, 0),
    moments: 8 * (trained + table),
    activations: Object.keys(feeds).length > 0 ? peakBytes(graph, sizes) : 0,
  };
}

/** An error of `DEVICE_MEMORY` with what would fit; any other error as it is. */
export function withEstimate(error: unknown, memory: TrainingMemory): unknown {
  if (!(error instanceof RefractError) || error.code !== 'DEVICE_MEMORY') return error;
  const { weights, moments, activations } = estimateMemory(memory);
  const fixed = `weights take ${megabytes(weights)}, moments ${megabytes(moments)}`;
  const hint =
    activations === 0
      ? `The model does not fit: its ${fixed}, before any batch. Take a smaller model, freeze tensors (train.freeze), or use --device cpu.`
      : `The ${fixed}, this batch about ${megabytes(activations)} for gradients and activations; a batch half as large, with twice the accumulation (train.accumulate), about ${megabytes(activations / 2)}. A run that has a checkpoint goes on from it with --resume on a device that suffices; or use --device cpu.`;
  return new RefractError('DEVICE_MEMORY', error.what, { at: error.at, hint, cause: error.cause });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
}
