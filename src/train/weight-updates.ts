/** What the training loop asks of whoever computes gradients and updates weights, on the CPU or on a device. */
import type { Moments } from './adamw.ts';
import type { LossScaleState } from './loss-scale.ts';
import type { Batch } from './objective.ts';

/** Loss and metrics, averaged over the batches of one update. */
export interface StepLoss {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What an update did. */
export interface UpdateReport {
  /** The gradient's global norm before clipping; of a skipped update not finite. */
  readonly norm: number;
  /** The gradient overflowed float16, and nothing was changed. */
  readonly skipped?: boolean;
  /** What the loss was multiplied by, in mixed precision. */
  readonly lossScale?: number;
}

/** Everything beside the weights that a run needs to go on. */
export interface OptimiserState {
  readonly moments: ReadonlyMap<string, Moments>;
  /** In mixed precision. */
  readonly lossScale?: LossScaleState;
}

/** Gradients of an objective, and updates of its weights. */
export interface WeightUpdates {
  /** The gradient over `count` batches, averaged; each is asked of `next`. */
  gradient(next: () => Batch | Promise<Batch>, count: number): Promise<StepLoss>;
  /** One update with the gradient that was computed last. `step` counts from 1. */
  update(rate: number, step: number, clipNorm: number): Promise<UpdateReport>;
  /** Brings the arrays of the weights up to date, where the weights are elsewhere. */
  fetchWeights(): Promise<void>;
  /** Moments and loss scale as they are. */
  state(): Promise<OptimiserState>;
  close(): Promise<void>;
}
