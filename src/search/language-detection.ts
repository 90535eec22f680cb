/**
 * Which language a query is in: franc's character trigrams, made into probabilities that hold for short texts.
 *
 * franc ranks some 180 languages by the distance between a text's trigrams and each language's 300 most frequent
 * (Cavnar and Trenkle 1994). Two or three words have few trigrams, and among so many languages the nearest is mostly a
 * wrong one. But a user of a search asks, most of the time, in a language that the search was set up for. That is
 * prior knowledge, and Bayes' rule is how to use it:
 *
 *     P(l | text)  ~  prior(l) exp(-SHARPNESS D_l),    D_l = (distance_l - the least distance) / 300
 *
 * with a prior of 1 for candidates, and of `prior`, far below 1, for each other language. A text that fits another
 * language much better still comes out as that one. Both constants are fitted on dev texts (bench/language-detection.ts).
 */
import { canonicalLanguage } from '../data/language.ts';

/** A language with its probability. */
export interface LanguageShare {
  /** BCP 47: a candidate's code as it was given, else the shortest code. */
  readonly language: string;
  /** From 0 to 1. */
  readonly confidence: number;
}

/** What a text says of its language. */
export interface DetectedLanguage extends LanguageShare {
  /** Whether it is one of the candidates. */
  readonly candidate: boolean;
  /** The second most probable language, where its probability is not 0. */
  readonly runnerUp?: LanguageShare;
}

/** Choices for `detectLanguage`; the defaults are the fitted ones. */
export interface DetectionOptions {
  /** Prior of each language that is no candidate, beside 1 for a candidate; 0 leaves candidates alone. */
  readonly prior?: number;
  /** How much a difference of one in D counts. */
  readonly sharpness?: number;
}

/** Fitted on dev texts; docs/decisions/029-language-detection.md. */
const OTHER_PRIOR = 0.03;
const SHARPNESS = 0.5;

/**
 * In texts of several scripts, Latin letters are often names and terms in a text of the other script, hardly ever the
 * other way round: a text counts as Latin only where more than this share of its letters is.
 */
const LATIN_SHARE = 2 / 3;

/** franc reads no more of a text than this, and its scores are by the length of what it reads. */
const MOST_CHARACTERS = 2048;

/** Codes that franc has for what CLDR keeps apart from its macrolanguage, or names in another way. */
const SAME: Readonly<Record<string, string>> = {
  fil: 'tl',
  zlm: 'ms',
  nb: 'no',
  nn: 'no',
  fuv: 'ff',
  fuf: 'ff',
};

/** The language by which codes are compared: `swh` and `sw-KE` are `sw`, `fil` and `tgl` are `tl`. */
export function languageKey(code: string): string | undefined {
  const language = canonicalLanguage(code);
  return language === undefined ? undefined : (SAME[language] ?? language);
}

/**
 * The most probable language of `text`, held against `candidates` and all languages that the detector knows. Undefined
 * for a text without letters, or in a script that the detector does not know.
 *
 * A candidate that the detector does not know, such as `und-x-myvillage`, is never detected.
 *
 * @param candidates codes of the languages that are expected, in any form of ISO 639 or BCP 47
 * @example await detectLanguage('dalili za malaria', ['sw', 'en']) // { language: 'sw', confidence: 0.9..., ... }
 */
export async function detectLanguage(
  text: string,
  candidates: readonly string[],
  options: DetectionOptions = {},
): Promise<DetectedLanguage | undefined> {
  return mostProbable(await languageDistances(text), candidates, options);
}

/** How far a text is from a language: D of the equation above, 0 for the nearest. */
export interface LanguageDistance {
  readonly language: string;
  readonly distance: number;
}

/** Distances of a text from all languages of its script, the nearest first; none where it has no known letters. */
export async function languageDistances(text: string): Promise<LanguageDistance[]> {
  const letters = mainScript(text);
  if (letters === '') return [];
  // Read when first asked: the trigrams take some 50 ms, and most commands need none.
  const { francAll } = await import('franc');
  // franc's score is 1 - (distance - least) / (300 length - least).
  return francAll(letters, { minLength: 1 })
    .filter(([code]) => code !== 'und')
    .map(([code, score]) => ({
      language: languageKey(code) ?? code,
      distance: (1 - score) * letters.length,
    }));
}

/** The most probable language by distances; `detectLanguage` says how. */
export function mostProbable(
  distances: readonly LanguageDistance[],
  candidates: readonly string[],
  { prior = OTHER_PRIOR, sharpness = SHARPNESS }: DetectionOptions = {},
): DetectedLanguage | undefined {
  const given = new Map(candidates.map((code) => [languageKey(code) ?? code, code]));
  const likelihoods = new Map<string, number>();
  for (const { language, distance } of distances) {
    const likelihood = (given.has(language) ? 1 : prior) * Math.exp(-sharpness * distance);
    likelihoods.set(language, (likelihoods.get(language) ?? 0) + likelihood);
  }
  const total = [...likelihoods.values()].reduce((sum, each) => sum + each, 0);
  if (total === 0) return undefined;
  const [best, second] = [...likelihoods]
    .map(([language, each]) => ({ language: given.get(language) ?? language, confidence: each / total }))
    .sort((a, b) => b.confidence - a.confidence);
  return {
    ...best,
    candidate: candidates.includes(best.language),
    ...(second !== undefined && second.confidence > 0 && { runnerUp: second }),
  };
}

/** The part of a text in Latin letters, or that in others, whichever says what language it is in. */
function mainScript(text: string): string {
  const composed = text.normalize('NFC');
  const all = composed.match(/\p{L}/gu)?.length ?? 0;
  if (all === 0) return '';
  const latin = composed.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const other =
    latin > LATIN_SHARE * all ? /[^\p{Script=Latin}\p{M}\s]+/gu : /[^\p{L}\p{M}\s]+|\p{Script=Latin}+/gu;
  return composed.replace(other, ' ').replace(/\s+/gu, ' ').trim().slice(0, MOST_CHARACTERS);
}
