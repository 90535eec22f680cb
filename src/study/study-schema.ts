/** The study file: data, test sets, arms, and what is varied. docs/formats.md describes it for people. */
import { z } from 'zod';
import { SIZES, type Size } from '../model/config.ts';
import { contrastiveSchema, sentenceMseSchema } from '../train/bitext-settings.ts';
import { distillSchema } from '../train/distill-settings.ts';
import { readSchema } from '../train/read-settings.ts';
import { switchedSchema } from '../train/switched-settings.ts';
import { teachSchema } from '../train/teach-settings.ts';
import { overrides } from './overrides.ts';

const file = z.string().min(1);
const files = z.array(file).min(1);
const share = z.number().min(0, 'a share is a number from 0 to 1').max(1, 'a share is a number from 0 to 1');
const design = z.enum(['natural', 'matched']);
const once = <T>(list: readonly T[]) => new Set(list).size === list.length;

const languageSchema = z.strictObject({
  /** Whether it counts as low-resource. */
  low: z.boolean().default(false),
  /** Whether arms learn from its data; false for a language that test sets alone have, and then it has no data. */
  train: z.boolean().default(true),
  bitext: files.optional(),
  /** Held-out bitext, for the dev measure of packs. */
  devBitext: files.optional(),
  dictionary: files.optional(),
});

const testSchema = z.strictObject({
  /** English passages; or, by language, passages that English queries are for. */
  passages: z.union([file, z.record(z.string(), file)]),
  judgments: file,
  /** By language; `en` for the oracle, and for what students still read of it. `field` names another field of the file than `text`. */
  queries: z.record(z.string(), z.union([file, z.strictObject({ file, field: z.string().min(1) })])),
});

/** Recipes without what the matrix decides. */
const optical = distillSchema.omit({ seed: true });
const switched = switchedSchema
  .omit({ seed: true })
  .extend({ switching: switchedSchema.shape.switching.omit({ rho: true, design: true }) });

const sentenceMse = sentenceMseSchema.omit({ seed: true, objective: true });
const contrastive = contrastiveSchema.omit({ seed: true, objective: true });

/** A sequence-to-sequence model folder, and what it must be told of the languages. */
const translatorSchema = z.strictObject({
  folder: file,
  sourceToken: z.string().optional(),
  targetToken: z.string().optional(),
  prefix: z.string().optional(),
});

const armSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('zero-shot') }),
  z.strictObject({ kind: z.literal('english-oracle') }),
  /** Means over at most this many sentences of the bitext. */
  z.strictObject({ kind: z.literal('mean-shift'), sentences: z.int().positive().default(2000) }),
  z.strictObject({
    kind: z.literal('optical'),
    /** One pack for all languages, or one for each. */
    packs: z.enum(['one', 'each']).default('one'),
    settings: overrides(optical).optional(),
  }),
  z.strictObject({
    kind: z.literal('code-switched'),
    /** Name of an `optical` arm whose pack is the start. */
    from: z.string().optional(),
    /** Of the study's shares and designs, those at which the arm is trained; default all. */
    rho: z.array(share).min(1).refine(once, 'a share is given twice').optional(),
    designs: z.array(design).min(1).refine(once, 'a design is given twice').optional(),
    settings: overrides(switched).optional(),
  }),
  z.strictObject({
    kind: z.literal('sentence-mse'),
    /** Name of an `optical` arm whose pack is the start; here and in `contrastive`. */
    from: z.string().optional(),
    settings: overrides(sentenceMse).optional(),
  }),
  z.strictObject({
    kind: z.literal('contrastive'),
    from: z.string().optional(),
    settings: overrides(contrastive).optional(),
  }),
  z.strictObject({
    kind: z.literal('translation'),
    /** By language: a model that translates into English. */
    models: z.record(z.string(), z.union([file, translatorSchema])),
    beams: z.int().positive().optional(),
    /** What searches with the translations. */
    // biome-ignore lint/suspicious/noThenProperty: the word of the study file; never awaited.
    then: z.enum(['bm25', 'teacher']),
    /** English stemming, for BM25. */
    stem: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('lexical'),
    translate: z.enum(['none', 'dictionary', 'psq']),
    /** English stemming of passages and translations. */
    stem: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('fusion'),
    /** Names of the arms whose runs are fused. */
    of: z.array(z.string()).min(2, 'a fusion is of two arms or more'),
    /** By reciprocal ranks, or by scores from 0 to 1. */
    method: z.enum(['rrf', 'weighted']).default('rrf'),
    /** Of each arm, in their order; default 1 each. */
    weights: z.array(z.number().nonnegative()).optional(),
  }),
]);

/** The parts of a study file, each by itself; `studySchema` also has what they ask of each other. */
export const studyPartsSchema = z.strictObject({
  /** Training passages, questions and judgments, all English. */
  train: z.strictObject({
    passages: file,
    queries: file,
    judgments: file,
    dev: z.strictObject({ queries: file, judgments: file }).optional(),
  }),
  languages: z.record(z.string(), languageSchema),
  tests: z.record(z.string().regex(/^[\w.-]+$/, 'a name has letters, digits, ".", "_" and "-"'), testSchema),
  /** A folder with a teacher for all seeds, or one for each seed, or the recipe of one for each seed. */
  teacher: z.union([
    z.strictObject({ folder: file }),
    z.strictObject({ folders: z.record(z.string().regex(/^\d+$/, 'a seed is a whole number'), file) }),
    z.strictObject({
      size: z.enum(Object.keys(SIZES) as [Size, ...Size[]]),
      settings: overrides(teachSchema.omit({ seed: true, size: true })).optional(),
    }),
  ]),
  /** A reader for each seed, trained on the training questions, for measures of its answers. */
  reader: z
    .strictObject({
      /** Test sets that it reads; default all whose questions have answers. */
      tests: z.array(z.string()).min(1).optional(),
      /** Languages whose questions it reads; default all. The oracle's English ones are always read. */
      languages: z.array(z.string()).min(1).optional(),
      /** Arms whose passages it reads; default all. */
      arms: z.array(z.string()).min(1).optional(),
      settings: overrides(readSchema.omit({ seed: true })).optional(),
    })
    .optional(),
  arms: z.record(z.string().regex(/^[\w.-]+$/, 'a name has letters, digits, ".", "_" and "-"'), armSchema),
  seeds: z.array(z.int().nonnegative()).min(1).refine(once, 'a seed is given twice').default([1, 2, 3]),
  /** Shares of low-resource languages in the switched words. */
  rho: z.array(share).min(1).refine(once, 'a share is given twice').default([0, 0.1, 0.25, 0.5, 0.75, 1]),
  designs: z.array(design).min(1).refine(once, 'a design is given twice').default(['natural', 'matched']),
  /** Passages of a run that are kept for each query. */
  depth: z.int().positive().default(100),
  measures: z
    .array(z.string())
    .min(1)
    .refine(once, 'a measure is given twice')
    .default(['nDCG@10', 'R@100', 'RR@10']),
  /** Changes smaller than this, in units of a measure, count as none in the report; to be fixed before looking. */
  margin: z.number().positive().max(1).default(0.02),
});

/** A study, checked; paths are as the file has them. */
export type Study = z.output<typeof studyPartsSchema>;
/** An arm. */
export type ArmSettings = Study['arms'][string];
/** The data of a language. */
export type LanguageFiles = Study['languages'][string];
