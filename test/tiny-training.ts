/**
 * The smallest task that has everything a training step handles: a word table whose rows are looked up, a
 * dense matrix and a bias, and a mean-squared loss over seeded batches.
 */
import {
  add,
  gather,
  input,
  linear,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  type Value,
} from '../src/graph/index.ts';
import { WORD_TABLE } from '../src/model/families/index.ts';
import type { FloatTensor } from '../src/model/safetensors.ts';
import { RandomStream } from '../src/random.ts';
import type { LoopSettings } from '../src/train/loop.ts';
import type { Batch, BatchSource, Objective } from '../src/train/objective.ts';

const VOCABULARY = 7;
const WIDTH = 3;

/** loss = mean over the batch of |W e(id) + b - y|^2, with inputs `ids` [B] and `target` [B, 2]. */
export function tinyObjective(): Objective {
  const parameters = new Map([
    [WORD_TABLE, input(WORD_TABLE, 'float32', [VOCABULARY, WIDTH])],
    ['dense.weight', input('dense.weight', 'float32', [2, WIDTH])],
    ['dense.bias', input('dense.bias', 'float32', [2])],
  ]);
  const ids = reshape(input('ids', 'int32', ['B', 1]), [-1]);
  const rows = gather(parameters.get(WORD_TABLE)!, ids);
  const output = linear(rows, parameters.get('dense.weight')!, parameters.get('dense.bias')!);
  const error = add(output, neg(input('target', 'float32', ['B', 2])));
  const loss = reduceMean(reduceSum(mul(error, error), [1]), [0]);
  return { loss, metrics: { error: reduceMean(error, [0, 1]) }, parameters, lookups: [{ ids, rows }] };
}

/** Seeded starting weights of the task. */
export function tinyWeights(): Map<string, FloatTensor> {
  const stream = new RandomStream(1, 'tiny');
  return new Map(
    [...tinyObjective().parameters].map(([name, { shape }]) => {
      const sizes = shape as number[];
      const data = Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => stream.normal());
      return [name, { dtype: 'F32', shape: sizes, data }];
    }),
  );
}

/** Settings of a loop over the task that measures, accumulates and keeps its state, each a few times. */
export const tinySettings: LoopSettings = {
  steps: 12,
  schedule: { rate: 0.05, warmupSteps: 3, decay: 'linear', floor: 0.1 },
  adamw: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  clipNorm: 1,
  accumulate: 2,
  evaluateEvery: 2,
  patience: 0,
  checkpointEvery: 3,
  device: 'cpu',
  threads: 1,
};

/** A batch of the task. */
export function tinyBatch(ids: readonly number[], target: readonly number[]): Batch {
  const feeds: Record<string, Value> = {
    ids: { data: Int32Array.from(ids), shape: [ids.length, 1] },
    target: { data: Float32Array.from(target), shape: [ids.length, 2] },
  };
  return { feeds };
}

/** Seeded batches of four; `onDraw` hears how many were drawn before, and may change the batch. */
export class TinyBatches implements BatchSource {
  private readonly stream = new RandomStream(2, 'tiny/batches');
  private readonly onDraw: (drawn: number) => Batch | undefined;
  private drawn = 0;

  constructor(onDraw: (drawn: number) => Batch | undefined = () => undefined) {
    this.onDraw = onDraw;
  }

  next(): Batch {
    const ids = Array.from({ length: 4 }, () => this.stream.below(VOCABULARY));
    const target = Array.from({ length: 8 }, () => this.stream.normal());
    return this.onDraw(this.drawn++) ?? tinyBatch(ids, target);
  }

  save(): unknown {
    return { stream: this.stream.save(), drawn: this.drawn };
  }

  load(state: unknown): void {
    const { stream, drawn } = state as { stream: number[]; drawn: number };
    this.stream.load(stream);
    this.drawn = drawn;
  }
}
