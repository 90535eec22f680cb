/** Which encoder a query goes to: the pack of its language, named or detected, or else the teacher, and why. */
import { checkLanguage, languageName } from '../data/language.ts';
import type { Query } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { CharacterModel } from '../text/character-model.ts';
import {
  type DetectedLanguage,
  detectLanguage,
  type LanguageShare,
  languageKey,
} from './language-detection.ts';
import type { PackLanguages } from './pack-set.ts';

/** Who answered a query, and on what ground. */
export interface AnsweredBy {
  /** The folder of the pack whose encoder read the query; absent when the index's teacher did. */
  readonly pack?: string;
  /** The query's language (BCP 47); absent when nothing was named and the text says nothing. */
  readonly language?: string;
  readonly by: 'named' | 'detected';
  /** Probability of the detected language, from 0 to 1; absent when it was named. */
  readonly confidence?: number;
  /** The second most probable language. */
  readonly runnerUp?: LanguageShare;
  /** Why the teacher stands in, in a sentence; absent when the query's own encoder answered. */
  readonly notice?: string;
}

/** The languages that an open set of encoders reads. */
export interface ReadLanguages {
  readonly packs: readonly PackLanguages[];
  /** Character models of the packs' languages and of the teacher's, by `languageKey`; default none. */
  readonly models?: ReadonlyMap<string, CharacterModel>;
  /** Languages of the teacher: queries in these are its own. */
  readonly teacher: readonly string[];
  /** Languages that have a dictionary, whoever encodes them. */
  readonly dictionaries?: readonly string[];
}

/** What is known of a query's language, and when a detected one is believed. */
export interface LanguageChoice {
  /** ISO 639 or BCP 47; detected where absent. */
  readonly language?: string;
  /** The least confidence with which a detected language is believed (default `LEAST_CONFIDENCE`). */
  readonly minConfidence?: number;
}

/** Queries whose languages are detected between two turns of others. */
const QUERIES_PER_TURN = 64;

/** Chosen on dev texts; docs/decisions/029-language-detection.md. */
export const LEAST_CONFIDENCE = 0.4;

/**
 * Chooses the encoder of a query.
 *
 * @throws RefractError `LANGUAGE_UNKNOWN` when the named language is no code
 * @example await chooseEncoder('dalili za malaria', { packs: [{ folder: 'packs/sw', languages: ['sw'] }], teacher: ['en'] })
 * // { pack: 'packs/sw', language: 'sw', by: 'detected', confidence: 0.9... }
 */
export async function chooseEncoder(
  text: string,
  reads: ReadLanguages,
  { language, minConfidence = LEAST_CONFIDENCE }: LanguageChoice = {},
): Promise<AnsweredBy> {
  if (language !== undefined) return named(checkLanguage(language), reads);
  const { packs, teacher, models, dictionaries = [] } = reads;
  const candidates = [...packs.flatMap(({ languages }) => languages), ...teacher, ...dictionaries];
  const detected = await detectLanguage(text, candidates, { models });
  if (detected === undefined)
    return {
      by: 'detected',
      notice: 'the query has no letters that tell its language: the teacher answered',
    };
  const { runnerUp, language: found, confidence } = detected;
  const answer = { language: found, by: 'detected' as const, confidence, ...(runnerUp && { runnerUp }) };
  if (confidence < minConfidence) return { ...answer, notice: uncertain(detected) };
  return { ...answer, ...encoderOf(found, reads) };
}

/**
 * Chooses the encoder of each query, in their order: by the language that is named for all, by a query's own, or as
 * detected.
 *
 * @throws RefractError `INTERRUPTED`, `LANGUAGE_UNKNOWN` (names the query)
 */
export async function chooseEncoders(
  queries: readonly Query[],
  reads: ReadLanguages,
  { language, minConfidence, signal }: LanguageChoice & { readonly signal?: AbortSignal } = {},
): Promise<AnsweredBy[]> {
  const answered: AnsweredBy[] = [];
  for (const [i, query] of queries.entries()) {
    if (i % QUERIES_PER_TURN === 0) await turn(i, queries.length, signal);
    const own = query.language === 'und' ? undefined : query.language;
    if (language === undefined && own !== undefined) checkLanguageOf(query.id, own);
    answered.push(await chooseEncoder(query.text, reads, { language: language ?? own, minConfidence }));
  }
  return answered;
}

/** Refuses what is no probability. @throws RefractError `SETTING_INVALID` */
export function checkConfidence(minConfidence: number | undefined): void {
  if (minConfidence === undefined || (minConfidence >= 0 && minConfidence <= 1)) return;
  throw new RefractError('SETTING_INVALID', `minConfidence ${minConfidence} is not from 0 to 1`, {
    hint: 'Give for example 0.5.',
  });
}

/** Lets others have a turn, Ctrl-C among them, and ends when asked to. */
async function turn(done: number, all: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted)
    throw new RefractError('INTERRUPTED', `stopped after the languages of ${done} of ${all} queries`, {
      hint: 'No run was written; run the same command again.',
    });
}

/** Refuses a query's language that is no code, and says which query has it. */
function checkLanguageOf(id: string, language: string): void {
  try {
    checkLanguage(language);
  } catch (cause) {
    if (!(cause instanceof RefractError)) throw cause;
    throw new RefractError(cause.code, cause.what, { at: `query ${id}`, hint: cause.hint, cause });
  }
}

function named(language: string, reads: ReadLanguages): AnsweredBy {
  return { language, by: 'named', ...encoderOf(language, reads) };
}

function encoderOf(language: string, { packs, teacher }: ReadLanguages): Pick<AnsweredBy, 'pack' | 'notice'> {
  const key = languageKey(language) ?? language;
  const reads = (languages: readonly string[]) =>
    languages.some((each) => (languageKey(each) ?? each) === key);
  const pack = packs.find(({ languages }) => reads(languages));
  if (pack !== undefined) return { pack: pack.folder };
  if (reads(teacher)) return {};
  return { notice: `no open pack is for ${describe(language)}: the teacher answered` };
}

function uncertain({ language, confidence, runnerUp }: DetectedLanguage): string {
  const also = runnerUp ? ` or ${describe(runnerUp.language)}, ${runnerUp.confidence.toFixed(2)}` : '';
  return `the language is not certain (${describe(language)}, ${confidence.toFixed(2)}${also}): the teacher answered`;
}

/** `Swahili (sw)`; the code alone where it has no name. */
function describe(language: string): string {
  const name = languageName(language);
  return name === language ? language : `${name} (${language})`;
}
