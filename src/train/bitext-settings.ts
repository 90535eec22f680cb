/** Settings of students of sentence pairs by published baselines: what each does, its range and its default. */
import { z } from 'zod';
import { SCRATCH_OPTIMISER, trainSchema } from './train-settings.ts';

const recipe = {
  seed: z.int().nonnegative(),
  /** Longest sentence in tokens, as for `distill`. */
  maxTokens: z.int().positive(),
  batch: z.strictObject({
    /** Sentence pairs in a batch. */
    pairs: z.int().positive(),
    /** Sources are drawn in proportion to size^temperature: 1 as they are, 0 evenly. */
    temperature: z.number(),
  }),
  train: trainSchema,
};

/** Sentence-level distillation: both sides of a pair are moved to the teacher's mean vector of the English side. */
export const sentenceMseSchema = z.strictObject({ objective: z.literal('sentence-mse'), ...recipe });
export type SentenceMseSettings = z.output<typeof sentenceMseSchema>;

/** Contrastive: a sentence finds its translation among those of the batch by MaxSim. */
export const contrastiveSchema = z.strictObject({
  objective: z.literal('contrastive'),
  ...recipe,
  /** Scores are divided by this before the softmax. */
  softmaxTemperature: z.number().positive(),
});
export type ContrastiveSettings = z.output<typeof contrastiveSchema>;

/** Everything that decides such a student, beside the teacher and the data. */
export type BitextSettings = SentenceMseSettings | ContrastiveSettings;

/** As many steps, at the same rate, and as many pairs a step as `distill` has; all weights but positions are trained. */
const DEFAULTS = {
  seed: 1,
  maxTokens: 48,
  batch: { pairs: 32, temperature: 0.7 },
  train: {
    steps: 100,
    rate: 2e-4,
    warmupSteps: 20,
    ...SCRATCH_OPTIMISER,
    freeze: ['position_embeddings'],
    evaluateEvery: 50,
    patience: 0,
    checkpointEvery: 50,
  },
};

/** The default recipe of sentence-level distillation. */
export function sentenceMseDefaults(): SentenceMseSettings {
  return { objective: 'sentence-mse', ...structuredClone(DEFAULTS) };
}

/** The default recipe of contrastive training. */
export function contrastiveDefaults(): ContrastiveSettings {
  return { objective: 'contrastive', ...structuredClone(DEFAULTS), softmaxTemperature: 0.3 };
}
