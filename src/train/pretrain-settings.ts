/** Settings of `refract pretrain`: what each does, its range and its default. */
import { z } from 'zod';
import { SIZES, type Size } from '../model/config.ts';
import { SCRATCH_OPTIMISER, trainSchema } from './train-settings.ts';

const positive = z.int().positive();
const share = z.number().min(0).max(1);

/** Everything that decides a pretrained encoder, beside the text. */
export const pretrainSchema = z.strictObject({
  size: z.enum(Object.keys(SIZES) as [Size, ...Size[]]),
  seed: z.int().nonnegative(),
  tokenizer: z.strictObject({ vocabSize: positive, lowercase: z.boolean() }),
  /** Longest window of text in tokens, [CLS] and [SEP] included. */
  windowTokens: z.int().min(8).max(512),
  batch: z.strictObject({
    /** Windows in a batch. */
    windows: positive,
  }),
  mask: z
    .strictObject({
      /** Share of the tokens that are predicted. */
      share: z.number().positive().max(1),
      /** Of these, the share shown as [MASK], and the share shown as a random token; the rest stay. */
      masked: share,
      random: share,
    })
    .refine(({ masked, random }) => masked + random <= 1, 'masked and random add up to more than 1'),
  dev: z.strictObject({
    /** Windows held out for the dev measure, at most a twentieth of all. */
    windows: z.int().nonnegative(),
  }),
  train: trainSchema,
});
export type PretrainSettings = z.output<typeof pretrainSchema>;

/** Defaults by size: BERT's masking, and rates that from-scratch encoders of these sizes bear. */
export function pretrainDefaults(size: Size): PretrainSettings {
  const scale = {
    tiny: { vocab: 6000, steps: 1000, rate: 2e-3, every: 200 },
    mini: { vocab: 16000, steps: 5000, rate: 1e-3, every: 500 },
    small: { vocab: 24000, steps: 50_000, rate: 5e-4, every: 2500 },
    base: { vocab: 32000, steps: 200_000, rate: 2e-4, every: 10_000 },
  }[size];
  return {
    size,
    seed: 1,
    tokenizer: { vocabSize: scale.vocab, lowercase: true },
    windowTokens: 128,
    batch: { windows: 32 },
    mask: { share: 0.15, masked: 0.8, random: 0.1 },
    dev: { windows: 256 },
    train: {
      steps: scale.steps,
      rate: scale.rate,
      warmupSteps: Math.ceil(scale.steps / 10),
      ...SCRATCH_OPTIMISER,
      epsilon: 1e-6,
      freeze: [],
      evaluateEvery: scale.every,
      patience: 5,
      checkpointEvery: 500,
    },
  };
}
