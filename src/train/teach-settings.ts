/** Settings of `refract teach`: what each does, its range and its default. */
import { z } from 'zod';
import { type Checkpoint, projectionOf } from '../model/checkpoint.ts';
import { SIZES, type Size } from '../model/config.ts';
import { FINE_TUNING_OPTIMISER, SCRATCH_OPTIMISER, trainSchema } from './train-settings.ts';

const positive = z.int().positive();

/** Everything that decides a teacher, beside the data. */
export const teachSchema = z.strictObject({
  size: z.enum(Object.keys(SIZES) as [Size, ...Size[]]),
  seed: z.int().nonnegative(),
  tokenizer: z.strictObject({
    vocabSize: positive,
    lowercase: z.boolean(),
    /** How much more a sentence of the extra text counts than one of the passages and queries. */
    extraWeight: z.number().positive(),
  }),
  retrieval: z.strictObject({
    dim: positive,
    queryMaxTokens: positive,
    passageMaxTokens: positive,
    queryAugmentation: z.boolean(),
    skipPunctuation: z.boolean(),
  }),
  batch: z.strictObject({
    /** Queries in a batch. */
    queries: positive,
    /** Hard negatives a query, mined by BM25. */
    negatives: z.int().nonnegative(),
    /** Ranks of BM25 the negatives are taken from. */
    negativeDepth: positive,
    /** Passages are cut to the best-matching window of this many tokens while training; 0 never. */
    passageTokens: z.int().nonnegative(),
    /** Scores are divided by this before the softmax. */
    temperature: z.number().positive(),
  }),
  dev: z.strictObject({
    /** Dev queries measured. */
    queries: positive,
    /** Passages in the pool beside the relevant ones. */
    distractors: z.int().nonnegative(),
  }),
  train: trainSchema,
});
export type TeachSettings = z.output<typeof teachSchema>;

/** Defaults by size. A from-scratch encoder has no positions: word order differs between languages. */
export function teachDefaults(size: Size): TeachSettings {
  const scale = {
    tiny: { vocab: 6000, dim: 64, steps: 500, rate: 1e-3, queries: 24, every: 100 },
    mini: { vocab: 32000, dim: 64, steps: 900, rate: 1e-3, queries: 24, every: 150 },
    small: { vocab: 32000, dim: 96, steps: 10_000, rate: 5e-4, queries: 32, every: 1000 },
    base: { vocab: 32000, dim: 128, steps: 50_000, rate: 2e-4, queries: 32, every: 5000 },
  }[size];
  return {
    size,
    seed: 1,
    tokenizer: { vocabSize: scale.vocab, lowercase: true, extraWeight: 8 },
    retrieval: {
      dim: scale.dim,
      queryMaxTokens: 48,
      passageMaxTokens: 384,
      queryAugmentation: false,
      skipPunctuation: true,
    },
    batch: { queries: scale.queries, negatives: 1, negativeDepth: 30, passageTokens: 80, temperature: 0.3 },
    dev: { queries: 300, distractors: 500 },
    train: {
      steps: scale.steps,
      rate: scale.rate,
      warmupSteps: Math.min(100, Math.ceil(scale.steps / 10)),
      ...SCRATCH_OPTIMISER,
      freeze: ['position_embeddings'],
      evaluateEvery: scale.every,
      patience: 5,
      checkpointEvery: 150,
    },
  };
}

/** Settings of a teacher that starts from a base: its size and its tokenizer are the base's. */
export const teachBaseSchema = teachSchema.omit({ size: true, tokenizer: true });
export type TeachBaseSettings = z.output<typeof teachBaseSchema>;

/**
 * Defaults for a teacher that starts from a base, after how BERT is fine-tuned (Devlin et al. 2019) and ColBERT
 * trained (Khattab and Zaharia 2020): low rates, a tenth of the steps to reach the highest, scores as they are.
 * A narrow encoder bears a higher rate than a wide one. Everything is trained, positions too. Limits of length
 * are those of the base where it reads less; a base with a projection keeps its dimension.
 *
 * @example teachBaseDefaults(readCheckpoint('mbert', { allowBase: true })).train.rate // 3e-5
 */
export function teachBaseDefaults(base: Checkpoint): TeachBaseSettings {
  const { hiddenSize, maxPositionEmbeddings } = base.config;
  const dim = hiddenSize >= 768 ? 128 : hiddenSize >= 384 ? 96 : 64;
  return {
    seed: 1,
    retrieval: {
      dim: projectionOf(base)?.shape[0] ?? dim,
      queryMaxTokens: Math.min(48, maxPositionEmbeddings),
      passageMaxTokens: Math.min(384, maxPositionEmbeddings),
      queryAugmentation: false,
      skipPunctuation: true,
    },
    batch: { queries: 32, negatives: 1, negativeDepth: 30, passageTokens: 80, temperature: 1 },
    dev: { queries: 300, distractors: 500 },
    train: {
      steps: 3000,
      rate: Number(((3e-5 * 768) / hiddenSize).toPrecision(2)),
      warmupSteps: 300,
      ...FINE_TUNING_OPTIMISER,
      freeze: [],
      evaluateEvery: 250,
      patience: 5,
      checkpointEvery: 150,
    },
  };
}
