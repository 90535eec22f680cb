/** The study file: data, test sets, arms, and what is varied. docs/formats.md describes it for people. */
import { z } from 'zod';
import { nearest, RefractError } from '../errors.ts';
import { WORD_TABLE } from '../model/bert.ts';
import { SIZES, type Size } from '../model/config.ts';
import { contrastiveSchema, sentenceMseSchema } from '../train/bitext-settings.ts';
import { distillSchema } from '../train/distill-settings.ts';
import { readSchema } from '../train/read-settings.ts';
import { switchedSchema } from '../train/switched-settings.ts';
import { teachSchema } from '../train/teach-settings.ts';
import { languageFaults, missingMaterial } from './language-faults.ts';
import { overrides } from './overrides.ts';
import { readingsOf } from './reading-measures.ts';
import { checkMeasure, ranksOf } from './study-measures.ts';

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

const plainSchema = z.strictObject({
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
export type Study = z.output<typeof plainSchema>;
/** An arm. */
export type ArmSettings = Study['arms'][string];
/** The data of a language. */
export type LanguageFiles = Study['languages'][string];

/**
 * The shares and designs at which an arm of code switching is trained: its own, or all of the study. A fusion has those
 * that all its parts have.
 */
export function sharesOfArm(
  study: Pick<Study, 'arms' | 'rho' | 'designs'>,
  arm: ArmSettings,
): Pick<Study, 'rho' | 'designs'> {
  const parts = arm.kind === 'fusion' ? arm.of.flatMap((name) => study.arms[name] ?? []) : [arm];
  const switching = parts.filter((part) => part.kind === 'code-switched');
  return {
    rho: study.rho.filter((each) => switching.every(({ rho = [each] }) => rho.includes(each))),
    designs: study.designs.filter((each) =>
      switching.every(({ designs = [each] }) => designs.includes(each)),
    ),
  };
}

/** Kinds of data that an arm needs of each language that it reads. */
export function needsOf(arm: ArmSettings): ('bitext' | 'dictionary')[] {
  switch (arm.kind) {
    case 'mean-shift':
    case 'optical':
    case 'sentence-mse':
    case 'contrastive':
      return ['bitext'];
    case 'code-switched':
      return ['dictionary'];
    case 'lexical':
      return arm.translate === 'none' ? [] : arm.translate === 'psq' ? ['bitext'] : ['dictionary'];
    default:
      return [];
  }
}

/** What contradicts itself in a study: path and message. */
function* contradictions(study: Study): Generator<[readonly PropertyKey[], string]> {
  yield* languageFaults(study);
  for (const [place, name] of study.measures.entries()) {
    const wrong = measureFault(name);
    if (wrong !== undefined) yield [['measures', place], wrong];
    else if (ranksOf(name) > study.depth)
      yield [
        ['measures', place],
        `${name} looks at more passages than the ${study.depth} that runs keep; raise depth to ${ranksOf(name)}, or take a smaller k`,
      ];
  }
  yield* readerFaults(study);
  const { teacher } = study;
  if ('folders' in teacher) {
    const without = study.seeds.find((seed) => teacher.folders[seed] === undefined);
    if (without !== undefined)
      yield [
        ['teacher', 'folders'],
        `no teacher for seed ${without}; add teacher.folders.${without}, or leave the seed out`,
      ];
  }
  for (const [name, arm] of Object.entries(study.arms)) {
    for (const need of needsOf(arm)) {
      const missing = missingMaterial(study, need);
      if (missing !== undefined) yield [['arms', name], missing];
    }
    if (arm.kind === 'translation') yield* modelFaults(name, arm, study);
    if ('from' in arm && arm.from !== undefined) {
      const from = study.arms[arm.from];
      if (from?.kind !== 'optical' || from.packs !== 'one')
        yield [['arms', name, 'from'], `"${arm.from}" is no optical arm with one pack for all languages`];
    }
    if (arm.kind === 'code-switched') yield* pointFaults(name, arm, study);
    if (arm.kind === 'fusion') yield* fusionFaults(name, arm, study);
    if (arm.kind === 'english-oracle') {
      for (const [test, { passages, queries }] of Object.entries(study.tests)) {
        const missing = !queries.en
          ? 'queries'
          : typeof passages !== 'string' && !passages.en
            ? 'passages'
            : undefined;
        if (missing)
          yield [['arms', name], `the arm needs English ${missing}; add tests.${test}.${missing}.en`];
      }
    }
  }
}

function* readerFaults({ reader, measures, tests }: Study): Generator<[readonly PropertyKey[], string]> {
  if (reader === undefined && readingsOf(measures).length > 0)
    yield [['measures'], 'f1@ and em@ need a reader; add reader: {}, or leave the measures out'];
  const strange = reader?.tests?.find((test) => tests[test] === undefined);
  if (strange !== undefined) {
    const near = nearest(strange, Object.keys(tests));
    yield [['reader', 'tests'], `there is no test set "${strange}"${near ? `; did you mean ${near}?` : ''}`];
  }
  const freeze = z.object({ train: z.object({ freeze: z.array(z.string()) }) }).safeParse(reader?.settings);
  if (freeze.success && !freeze.data.train.freeze.some((part) => WORD_TABLE.includes(part)))
    yield [
      ['reader', 'settings', 'train', 'freeze'],
      "the word table must stay the teacher's, so that students may lend theirs; add word_embeddings",
    ];
}

/** What an arm asks for beyond the shares and designs of the study. */
function* pointFaults(
  name: string,
  arm: Extract<ArmSettings, { kind: 'code-switched' }>,
  study: Study,
): Generator<[readonly PropertyKey[], string]> {
  for (const key of ['rho', 'designs'] as const) {
    const all: readonly (string | number)[] = study[key];
    const strange = arm[key]?.find((each) => !all.includes(each));
    if (strange !== undefined)
      yield [
        ['arms', name, key],
        `${strange} is not among the study's ${key} (${all.join(', ')}); add it there`,
      ];
  }
}

function* fusionFaults(
  name: string,
  { of, weights = of.map(() => 1) }: Extract<ArmSettings, { kind: 'fusion' }>,
  study: Study,
): Generator<[readonly PropertyKey[], string]> {
  for (const part of of) {
    const kind = study.arms[part]?.kind;
    if (kind === undefined) {
      const near = nearest(part, Object.keys(study.arms));
      yield [['arms', name, 'of'], `there is no arm "${part}"${near ? `; did you mean ${near}?` : ''}`];
    } else if (kind === 'fusion' || kind === 'english-oracle')
      yield [
        ['arms', name, 'of'],
        `"${part}" cannot be fused: it is ${kind === 'fusion' ? 'a fusion itself' : 'the oracle'}`,
      ];
  }
  const { rho, designs } = sharesOfArm(study, study.arms[name]);
  if (rho.length === 0 || designs.length === 0)
    yield [['arms', name, 'of'], 'its arms have no share and design in common'];
  if (weights.length !== of.length || weights.every((weight) => weight === 0))
    yield [['arms', name, 'weights'], `give a weight for each of the ${of.length} arms, not all 0`];
}

function* modelFaults(
  name: string,
  { models, ...arm }: Extract<ArmSettings, { kind: 'translation' }>,
  { tests, languages }: Study,
): Generator<[readonly PropertyKey[], string]> {
  const strange = Object.keys(models).find((code) => !languages[code]?.train);
  if (strange !== undefined)
    yield [
      ['arms', name, 'models', strange],
      languages[strange] === undefined
        ? `"${strange}" is not among languages`
        : `no arm has data of "${strange}" (train: false), so none translates it; leave the model out`,
    ];
  const asked = Object.values(tests).flatMap(({ passages, queries }) =>
    typeof passages === 'string' ? Object.keys(queries) : [],
  );
  const without = asked.find((code) => languages[code]?.train && models[code] === undefined);
  if (without !== undefined)
    yield [
      ['arms', name],
      `the arm needs a translation model for every language, and "${without}" has none; add arms.${name}.models.${without}, or leave the arm out`,
    ];
  if (arm.stem && arm.then === 'teacher') yield [['arms', name, 'stem'], 'only BM25 stems; leave it out'];
}

/** What a measure's name has wrong, and the way out. */
function measureFault(name: string): string | undefined {
  try {
    checkMeasure(name);
    return undefined;
  } catch (error) {
    return error instanceof RefractError ? `${error.what}. ${error.hint}` : String(error);
  }
}

/** The schema of a study file, with what parts of it ask of each other. */
export const studySchema = plainSchema.superRefine((study, context) => {
  for (const [path, message] of contradictions(study))
    context.addIssue({ code: 'custom', path: [...path], message });
});
