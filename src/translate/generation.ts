/**
 * How a sequence-to-sequence model writes: what its `config.json` and `generation_config.json` say, in the terms
 * of Hugging Face transformers, and what the caller says instead.
 */
import { z } from 'zod';
import { RefractError } from '../errors.ts';

const id = z.int().nonnegative();
/** Absent and null mean the same in these files. */
const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined);

const fileSchema = z.object({
  decoder_start_token_id: optional(id),
  bos_token_id: optional(id),
  eos_token_id: optional(z.union([id, z.array(id)])),
  pad_token_id: optional(id),
  forced_bos_token_id: optional(id),
  forced_eos_token_id: optional(z.union([id, z.array(id)])),
  bad_words_ids: optional(z.array(z.array(id).min(1))),
  no_repeat_ngram_size: optional(id),
  min_length: optional(id),
  max_length: optional(id),
  max_new_tokens: optional(id),
  num_beams: optional(id),
  length_penalty: optional(z.number()),
  early_stopping: optional(z.union([z.boolean(), z.literal('never')])),
  // Read only to say that they are not followed.
  do_sample: optional(z.boolean()),
  repetition_penalty: optional(z.number()),
  num_beam_groups: optional(id),
  suppress_tokens: optional(z.array(id)),
  // Of config.json: the longest source text, where positions are counted.
  max_position_embeddings: optional(id),
  n_positions: optional(id),
});

type FileSettings = z.output<typeof fileSchema>;

/** When beam search stops: at enough finished texts (true), by the usual estimate (false), or for certain. */
export type EarlyStopping = boolean | 'never';

/** Everything that decides what is written. Lengths are in tokens and count the start token. */
export interface GenerationSettings {
  readonly startId: number;
  readonly endIds: readonly number[];
  readonly padId: number;
  /** The first token written, such as the code of the target language. */
  readonly forcedStart?: number;
  /** What is written when the text would grow too long. */
  readonly forcedEnds?: readonly number[];
  /** Sequences of tokens that are never written. */
  readonly banned: readonly (readonly number[])[];
  /** No sequence of so many tokens is written twice; 0: no such rule. */
  readonly noRepeat: number;
  readonly minLength: number;
  readonly maxLength: number;
  /** Texts kept at each step; 1 is greedy search. */
  readonly beams: number;
  /** Score of a text = log-probability / length ^ lengthPenalty: over 0, long texts gain. */
  readonly lengthPenalty: number;
  readonly earlyStopping: EarlyStopping;
}

/** What a caller may say instead of the model's files. */
export type GenerationOptions = Partial<
  Pick<
    GenerationSettings,
    'forcedStart' | 'noRepeat' | 'maxLength' | 'beams' | 'lengthPenalty' | 'earlyStopping'
  >
>;

/** Settings of a model, and what its files ask for that is not done here. */
export interface ModelGeneration {
  readonly settings: GenerationSettings;
  readonly notFollowed: readonly string[];
  /** Longest source text in tokens. */
  readonly longestSource: number;
}

/** Longest text where the model does not say. */
const USUAL_LENGTH = 256;
const USUAL_SOURCE = 512;

/**
 * Settings from the content of `config.json` and `generation_config.json` (the latter may be absent).
 *
 * @throws RefractError `CHECKPOINT_FORMAT` for a value of the wrong type, `CHECKPOINT_INCOMPLETE` without the
 *   tokens that a text begins or ends with
 */
export function modelGeneration(config: unknown, generation: unknown, at: string): ModelGeneration {
  const general = parse(config, at);
  const said = { ...general, ...defined(parse(generation ?? {}, at)) };
  const startId = said.decoder_start_token_id ?? said.bos_token_id;
  const endIds = listed(said.eos_token_id);
  if (startId === undefined || endIds.length === 0)
    throw new RefractError(
      'CHECKPOINT_INCOMPLETE',
      `neither config.json nor generation_config.json has ${startId === undefined ? 'decoder_start_token_id' : 'eos_token_id'}`,
      {
        at,
        hint: 'Give the folder of an encoder-decoder model, with both files as transformers saves them.',
      },
    );
  const maxLength =
    said.max_new_tokens === undefined ? (said.max_length ?? USUAL_LENGTH) : said.max_new_tokens + 1;
  return {
    settings: {
      startId,
      endIds,
      padId: said.pad_token_id ?? endIds[0],
      ...(said.forced_bos_token_id !== undefined && { forcedStart: said.forced_bos_token_id }),
      ...(said.forced_eos_token_id !== undefined && { forcedEnds: listed(said.forced_eos_token_id) }),
      banned: said.bad_words_ids ?? [],
      noRepeat: said.no_repeat_ngram_size ?? 0,
      minLength: said.min_length ?? 0,
      maxLength,
      beams: Math.max(1, said.num_beams ?? 1),
      lengthPenalty: said.length_penalty ?? 1,
      earlyStopping: said.early_stopping ?? false,
    },
    notFollowed: notFollowed(said),
    longestSource: general.max_position_embeddings ?? general.n_positions ?? USUAL_SOURCE,
  };
}

/**
 * The model's settings with the caller's over them.
 *
 * @throws RefractError `SETTING_INVALID` for a value out of range
 * @example withOptions(settings, { beams: 4, lengthPenalty: 0.6 })
 */
export function withOptions(settings: GenerationSettings, options: GenerationOptions): GenerationSettings {
  const merged = { ...settings, ...defined(options) };
  const whole = (name: string, value: number, least: number) => {
    if (!Number.isSafeInteger(value) || value < least)
      throw invalid(name, value, `a whole number of at least ${least}`);
  };
  whole('beams', merged.beams, 1);
  whole('maxLength', merged.maxLength, 2);
  whole('noRepeat', merged.noRepeat, 0);
  if (!Number.isFinite(merged.lengthPenalty))
    throw invalid('lengthPenalty', merged.lengthPenalty, 'a number');
  return merged;
}

function invalid(name: string, value: number, wanted: string): RefractError {
  return new RefractError('SETTING_INVALID', `${name} is ${value}`, { hint: `It must be ${wanted}.` });
}

function parse(content: unknown, at: string): FileSettings {
  const result = fileSchema.safeParse(content);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new RefractError('CHECKPOINT_FORMAT', `${path.join('.') || 'the file'}: ${message}`, {
    at,
    hint: 'config.json and generation_config.json must be as transformers saves them.',
  });
}

function defined<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function listed(ids: number | readonly number[] | undefined): readonly number[] {
  return ids === undefined ? [] : typeof ids === 'number' ? [ids] : ids;
}

function notFollowed(said: Partial<FileSettings>): string[] {
  const found: string[] = [];
  if (said.do_sample === true) found.push('do_sample');
  if (said.repetition_penalty !== undefined && said.repetition_penalty !== 1)
    found.push('repetition_penalty');
  if (said.num_beam_groups !== undefined && said.num_beam_groups > 1) found.push('num_beam_groups');
  if (said.suppress_tokens !== undefined && said.suppress_tokens.length > 0) found.push('suppress_tokens');
  return found;
}
