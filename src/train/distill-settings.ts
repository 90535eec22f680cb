/** Settings of `refract distill`: what each does, its range and its default. */
import { z } from 'zod';
import { SCRATCH_OPTIMISER, type TrainSettings, trainSchema } from './train-settings.ts';

const positive = z.int().positive();
const count = z.int().nonnegative();

/** Everything that decides a language pack, beside the teacher and the data. */
export const distillSchema = z.strictObject({
  seed: count,
  /** Longest sentence in tokens, markers included; the pack keeps the teacher's own limit for queries if that is longer. */
  maxTokens: positive,
  transport: z.strictObject({
    solver: z.enum(['sinkhorn', 'unbalanced', 'ipot']),
    /** Entropic regularisation (sinkhorn, unbalanced), in units of the cost. */
    epsilon: z.number().positive(),
    /** Penalty on the marginals (unbalanced). */
    tau: z.number().positive(),
    /** Proximal weight (ipot). */
    beta: z.number().positive(),
    iterations: positive,
    /** Let gradients flow through the plan. */
    throughPlan: z.boolean(),
  }),
  /** Mass of tokens: the same for all, or by inverse document frequency in the bitext. */
  marginals: z.enum(['uniform', 'idf']),
  /** The head start: word vectors moved to those of aligned tokens before training (train/head-start.ts). */
  align: z.strictObject({
    /** Rounds of IBM Model 1; 0 leaves it out. */
    iterations: count,
    /** Rounds in which transport plans correct Model 1's translations; 0 leaves them out. */
    rounds: count,
    /** Share of the plans in the corrected translations; the rest is Model 1's. */
    transportShare: z.number().min(0).max(1),
    /** Let a token of both languages keep the teacher's word vector beside its new one (model/readings.ts). */
    twoReadings: z.boolean(),
    /** How strongly use in the teacher's language keeps a token at the teacher's vector; 0 moves it whole. */
    protection: z.number().nonnegative(),
    /** Times a dictionary entry counts beside a sentence pair. */
    entryWeight: count,
  }),
  batch: z.strictObject({
    /** Sentence pairs in a batch. */
    pairs: positive,
    /** Dictionary entries as pairs. */
    entries: count,
    /** Anchors with words switched by the dictionary, as pairs. */
    switched: count,
    /** Anchors that must keep the teacher's vectors. */
    anchors: count,
    switchProbability: z.number().min(0).max(1),
    /** Sources are drawn in proportion to size^temperature: 1 as they are, 0 evenly. */
    temperature: z.number(),
  }),
  anchorWeight: z.number().nonnegative(),
  /** No step at all leaves the head start alone, the row that shows what transport adds to it. */
  train: trainSchema.extend({
    steps: count,
    /** Train low-rank adapters of the linear weights, of this `rank` and counting alpha / rank times, in their place. */
    adapters: z.strictObject({ rank: positive, alpha: z.number().positive() }).optional(),
  }),
});
export type DistillSettings = z.output<typeof distillSchema>;

/** The default recipe; docs/lab.md says what each part did. */
export function distillDefaults(): DistillSettings {
  const train: TrainSettings = {
    steps: 100,
    rate: 2e-4,
    warmupSteps: 20,
    ...SCRATCH_OPTIMISER,
    freeze: ['position_embeddings', 'word_embeddings'],
    evaluateEvery: 50,
    patience: 0,
    checkpointEvery: 50,
  };
  return {
    seed: 1,
    maxTokens: 48,
    transport: {
      solver: 'sinkhorn',
      epsilon: 0.05,
      tau: 0.5,
      beta: 0.1,
      iterations: 20,
      throughPlan: false,
    },
    marginals: 'idf',
    align: {
      iterations: 5,
      rounds: 1,
      transportShare: 0.5,
      twoReadings: true,
      protection: 5,
      entryWeight: 1,
    },
    batch: { pairs: 24, entries: 0, switched: 8, anchors: 12, switchProbability: 0.5, temperature: 0.7 },
    anchorWeight: 1,
    train,
  };
}
