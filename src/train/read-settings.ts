/** Settings of `refract train-reader`: what each does, its range and its default. */
import { z } from 'zod';
import type { EncoderConfig } from '../model/config.ts';
import { readingDefaults } from '../model/reader-checkpoint.ts';
import { readingSchema } from '../model/settings.ts';
import { FINE_TUNING_OPTIMISER, trainSchema } from './train-settings.ts';

/** Everything that decides a reader, beside the data and the encoder. */
export const readSchema = z.strictObject({
  seed: z.int().nonnegative(),
  reading: readingSchema,
  batch: z.strictObject({
    /** Windows in a batch. */
    windows: z.int().positive(),
  }),
  dev: z.strictObject({
    /** Questions of the dev measure, at most. */
    questions: z.int().nonnegative(),
  }),
  train: trainSchema,
});
export type ReadSettings = z.output<typeof readSchema>;

/** From this width on an encoder gets BERT's rate; narrower ones bear, and need, a higher one. */
const WIDE = 512;

/** Defaults for an encoder: BERT's for SQuAD, with a rate that its width bears. */
export function readDefaults(
  config: Pick<EncoderConfig, 'hiddenSize' | 'maxPositionEmbeddings'>,
): ReadSettings {
  const wide = config.hiddenSize >= WIDE;
  return {
    seed: 1,
    reading: readingDefaults(config),
    batch: { windows: 32 },
    dev: { questions: 500 },
    train: {
      steps: 5000,
      rate: wide ? 5e-5 : 5e-4,
      warmupSteps: 500,
      ...FINE_TUNING_OPTIMISER,
      freeze: [],
      evaluateEvery: 500,
      patience: 5,
      checkpointEvery: 500,
    },
  };
}
