/**
 * `refract.json`: what a model folder says beyond its Hugging Face files, that is how text becomes token
 * vectors, for which languages, and, for a language pack, for which teacher.
 */
import { z } from 'zod';
import { RefractError } from '../errors.ts';

/** Version of `refract.json`; another major version is refused, another minor one is read. */
export const SETTINGS_VERSION = '1.0';

const tokens = z.int().min(3).max(32768);
const retrievalSchema = z.object({
  /** Length of a token vector. */
  dim: z.int().positive().max(4096),
  /** Longest query and passage in tokens, marker and special tokens included. */
  queryMaxTokens: tokens,
  passageMaxTokens: tokens,
  /** Tokens that stand after [CLS] and tell the encoder which of the two it reads; none where empty. */
  queryMarker: z.string().default('[Q]'),
  passageMarker: z.string().default('[D]'),
  /** Text that is put before a query's or passage's own, as retrievers of other tools have it. */
  queryPrefix: z.string().min(1).optional(),
  passagePrefix: z.string().min(1).optional(),
  /** Whether spaces at both ends of a text are cut before anything else, as PyLate does; false where absent. */
  trimmed: z.boolean().optional(),
  /** Whether queries are padded with [MASK], whose vectors take part in the search. */
  queryAugmentation: z.boolean().default(false),
  /** The tokens to which queries are padded; `queryMaxTokens` where absent. */
  augmentedTokens: tokens.optional(),
  /** Whether the encoder's other tokens attend to those [MASK]; true where absent. */
  augmentationAttended: z.boolean().optional(),
  /** Whether vectors of a passage's punctuation are left out of the index. */
  skipPunctuation: z.boolean().default(true),
  /** Tokens of the vocabulary whose vectors are left out, in the place of the rule for punctuation. */
  skipTokens: z.array(z.string()).optional(),
});

/** How a reader sees questions and passages: what each setting does, and its range. */
export const readingSchema = z
  .object({
    /** Longest input in tokens: [CLS] question [SEP] part of the passage [SEP]. */
    windowTokens: z.int().min(8).max(4096),
    /** A longer question is cut. */
    questionTokens: z.int().positive(),
    /** Tokens of the passage from the begin of one window to that of the next. */
    strideTokens: z.int().positive(),
    /** The longest answer in tokens. */
    answerTokens: z.int().positive(),
  })
  .refine(
    ({ windowTokens, questionTokens }) => questionTokens + 4 <= windowTokens,
    'questionTokens leaves no room for the passage in windowTokens',
  );

const common = {
  version: z.string().regex(/^\d+\.\d+$/),
  /** The version of Refract that wrote the folder. */
  createdWith: z.string(),
  /** Languages (BCP 47) that the encoder was trained to read. */
  languages: z.array(z.string()),
  /** What training did: free JSON, for people and reports. */
  training: z.record(z.string(), z.json()).default({}),
};

/** How a pack that was saved smaller departs from the one that was trained. */
export const reducedSchema = z.object({
  /** Its differences from the teacher were rounded to half precision. */
  precision: z.enum(['float32', 'float16']),
  /** Of the difference of every linear weight this many singular values are left. */
  rank: z.int().positive().optional(),
  /** Of the difference of every linear weight as many singular values are left as hold this share of its squares. */
  energy: z.number().gt(0).max(1).optional(),
});

const settingsSchema = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('teacher'), retrieval: retrievalSchema }),
  z.object({
    ...common,
    kind: z.literal('pack'),
    retrieval: retrievalSchema,
    /** Fingerprint of the teacher whose vector space the pack lands in. */
    teacher: z.string().min(1),
    /** Whether tokens have second word vectors, by the folder's `readings.safetensors`. */
    readings: z.boolean().default(false),
    /** Fingerprint of the folder's `character-models.safetensors`; absent where it has none. */
    characterModels: z.string().min(1).optional(),
    /** Version of the difference from the teacher that the folder holds in the place of a model (difference-folder.ts). */
    difference: z.literal(1).optional(),
    /** Absent in a pack that is bit for bit as it was trained. */
    reduced: reducedSchema.optional(),
  }),
  z.object({ ...common, kind: z.literal('pretrained') }),
  z.object({
    ...common,
    kind: z.literal('reader'),
    reading: readingSchema,
    /** Fingerprint of the teacher whose word table it still has: that of a pack may take its place. */
    teacher: z.string().min(1).optional(),
    /** Whether tokens have second word vectors, as in a pack. */
    readings: z.boolean().default(false),
  }),
]);

/** How text becomes token vectors. */
export type RetrievalSettings = z.output<typeof retrievalSchema>;
/** How a reader sees questions and passages. */
export type ReadingSettings = z.output<typeof readingSchema>;
/** The content of `refract.json`: a teacher's, a pack's, a pretrained encoder's or a reader's. */
export type Settings = z.output<typeof settingsSchema>;
/** Settings of an encoder that retrieves. */
export type RetrieverSettings = Extract<Settings, { retrieval: RetrievalSettings }>;
/** Settings of a reader. */
export type ReaderSettings = Extract<Settings, { reading: ReadingSettings }>;
/** How a pack departs from the one that was trained. */
export type Reduced = z.output<typeof reducedSchema>;
/** Settings of a language pack. */
export type PackSettings = Extract<Settings, { kind: 'pack' }>;

/**
 * Checks retrieval settings that a user gave and fills in the defaults. Throws `SETTING_INVALID`.
 *
 * @example retrievalSettings({ dim: 64, queryMaxTokens: 24, passageMaxTokens: 96 }).queryMarker // '[Q]'
 */
export function retrievalSettings(given: z.input<typeof retrievalSchema>): RetrievalSettings {
  const parsed = retrievalSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RefractError('SETTING_INVALID', `retrieval.${issue.path.join('.')}: ${issue.message}`, {
    hint: 'Correct the setting; docs/commands.md lists all with their ranges.',
  });
}

/**
 * The settings for texts that may be longer than queries: `queryMaxTokens` grows, and [MASK] pads no further than before.
 *
 * @example withLongerQueries(teacher.settings.retrieval, 96).queryMaxTokens // 96
 */
export function withLongerQueries(retrieval: RetrievalSettings, queryMaxTokens: number): RetrievalSettings {
  const { queryAugmentation, augmentedTokens = retrieval.queryMaxTokens } = retrieval;
  return { ...retrieval, queryMaxTokens, ...(queryAugmentation && { augmentedTokens }) };
}

/**
 * Checks the parsed JSON of a `refract.json` at `at`. Throws `VERSION_MISMATCH` when it has another major
 * version, `CHECKPOINT_FORMAT` when a field is missing or wrong.
 *
 * @example parseSettings(JSON.parse(text), 'teacher/refract.json').kind // 'teacher'
 */
export function parseSettings(json: unknown, at: string): Settings {
  const version = z.object({ version: common.version }).safeParse(json);
  if (version.success && major(version.data.version) !== major(SETTINGS_VERSION))
    throw new RefractError(
      'VERSION_MISMATCH',
      `written in version ${version.data.version}, this Refract reads ${major(SETTINGS_VERSION)}.x`,
      { at, hint: 'Use the version of Refract that wrote it (createdWith in the file), or train it again.' },
    );
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RefractError('CHECKPOINT_FORMAT', `${issue.path.join('.') || 'the file'}: ${issue.message}`, {
    at,
    hint: 'refract.json is written by refract teach, distill, pretrain and train-reader; restore it or train again.',
  });
}

function major(version: string): string {
  return version.split('.')[0];
}
