/** Which encoder a query goes to: the pack of its language, named or detected, or else the teacher, and why. */
import { checkLanguage, languageName } from '../data/language.ts';
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
  /** Languages of the teacher: queries in these are its own. */
  readonly teacher: readonly string[];
}

/** What is known of a query's language, and when a detected one is believed. */
export interface LanguageChoice {
  /** ISO 639 or BCP 47; detected where absent. */
  readonly language?: string;
  /** The least confidence with which a detected language is believed (default `LEAST_CONFIDENCE`). */
  readonly minConfidence?: number;
}

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
  const candidates = [...reads.packs.flatMap(({ languages }) => languages), ...reads.teacher];
  const detected = await detectLanguage(text, candidates);
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
