/** Settings of the training loop, and the optimisers that recipes share. */
import { z } from 'zod';

const positive = z.int().positive();

/** How a model is trained; shared by teach, distill and pretrain. */
export const trainSchema = z.strictObject({
  /** Updates of the weights. */
  steps: positive,
  /** Peak learning rate. */
  rate: z.number().positive(),
  warmupSteps: z.int().nonnegative(),
  decay: z.enum(['linear', 'cosine', 'constant']),
  /** The last rate as a share of the peak. */
  floor: z.number().min(0).max(1),
  beta1: z.number().min(0).max(0.9999),
  beta2: z.number().min(0).max(0.99999),
  epsilon: z.number().positive(),
  weightDecay: z.number().nonnegative(),
  clipNorm: z.number().positive(),
  /** Batches averaged for one update. */
  accumulate: positive,
  /** Tensors whose name contains one of these are not trained. */
  freeze: z.array(z.string().min(1)),
  /** Dev measure every so many steps; 0 never. */
  evaluateEvery: z.int().nonnegative(),
  /** Stop after so many dev measures without a new best; 0 never. */
  patience: z.int().nonnegative(),
  /** Resume checkpoint every so many steps; 0 only when interrupted. */
  checkpointEvery: z.int().nonnegative(),
});
export type TrainSettings = z.output<typeof trainSchema>;

/** What every recipe has in common. */
const COMMON = { epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1, accumulate: 1 } as const;

/** The optimiser of encoders from scratch, and of students of such teachers. */
export const SCRATCH_OPTIMISER = {
  decay: 'linear',
  floor: 0.05,
  beta1: 0.9,
  beta2: 0.98,
  ...COMMON,
} as const;

/** The optimiser of encoders that begin from a trained one (Devlin et al. 2019). */
export const FINE_TUNING_OPTIMISER = {
  decay: 'linear',
  floor: 0,
  beta1: 0.9,
  beta2: 0.999,
  ...COMMON,
} as const;
