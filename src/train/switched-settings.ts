/** Settings of code-switched training: what each does, its range and its default. */
import { z } from 'zod';
import { SCRATCH_OPTIMISER, trainSchema } from './train-settings.ts';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** Everything that decides a student of code-switched questions, beside the teacher and the data. */
export const switchedSchema = z.strictObject({
  seed: count,
  switching: z.strictObject({
    /** p, the share of words to switch. */
    p: share,
    /** rho, the share of switches that go to low-resource languages. */
    rho: share,
    /** By chance, or by quotas over the questions that the run draws; see docs/method.md. */
    design: z.enum(['natural', 'matched']),
    translation: z.enum(['best', 'uniform']),
  }),
  batch: z.strictObject({
    /** Questions in a batch. */
    queries: z.int().positive(),
    /** Hard negatives a question, mined by BM25. */
    negatives: count,
    /** Ranks of BM25 the negatives are taken from. */
    negativeDepth: z.int().positive(),
    /** Scores are divided by this before the softmax. */
    temperature: z.number().positive(),
  }),
  /** Without a dev measure: every student has the same steps. */
  train: trainSchema.omit({ evaluateEvery: true, patience: true }),
});
export type SwitchedSettings = z.output<typeof switchedSchema>;

/** The default recipe: the teacher's own batches, and as many steps as `refract distill` takes. */
export function switchedDefaults(): SwitchedSettings {
  return {
    seed: 1,
    switching: { p: 0.5, rho: 0.5, design: 'natural', translation: 'best' },
    batch: { queries: 24, negatives: 1, negativeDepth: 30, temperature: 0.3 },
    train: {
      steps: 100,
      rate: 1e-3,
      warmupSteps: 20,
      ...SCRATCH_OPTIMISER,
      freeze: ['position_embeddings'],
      checkpointEvery: 50,
    },
  };
}
