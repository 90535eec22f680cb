/**
 * Which language a query is in: franc's character trigrams and the character models of open packs, made into
 * probabilities that hold for short texts.
 *
 * franc ranks some 180 languages by the distance between a text's trigrams and each language's 300 most frequent
 * (Cavnar and Trenkle 1994). Two or three words have few trigrams, and among so many languages the nearest is mostly a
 * wrong one. But a user of a search asks, most of the time, in a language that the search was set up for. That is
 * prior knowledge, and Bayes' rule is how to use it:
 *
 *     P(l | text)  ~  prior(l) exp(-SHARPNESS D_l),    D_l = (distance_l - the least distance) / 300
 *
 * with a prior of 1 for candidates, and of `prior`, far below 1, for each other language. A text that fits another
 * language much better still comes out as that one.
 *
 * Packs may have character models of their languages and of the teacher's, which say far more of a few words. They add
 *
 *     P(l | text)  ~  prior(l) exp(-SHARPNESS D_l + WEIGHT (T_l - T_other))
 *
 * with T_l the logarithm of the text's probability in l, and T_other that in a language without a model; for such ones
 * the term is 0 (character-evidence.ts). WEIGHT is below 1 as letters tell, in part, again what those before told. A
 * candidate that franc does not know is as near as the nearest other candidate: there its model alone speaks. All
 * constants are fitted on dev texts (bench/language-detection.ts).
 */
import { canonicalLanguage } from '../data/language.ts';
import type { CharacterModel } from '../text/character-model.ts';
import { type CharacterEvidence, characterEvidence } from './character-evidence.ts';

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
  /** How much a difference of one in T counts. */
  readonly weight?: number;
}

/** What is known of a text: of its letters by the models of open packs, where there are any. */
export interface DetectionModels {
  /** Character models by `languageKey` of their languages. */
  readonly models?: ReadonlyMap<string, CharacterModel>;
}

/** Fitted on dev texts; docs/decisions/029-language-detection.md. */
const OTHER_PRIOR = 0.03;
const SHARPNESS = 0.5;
const WEIGHT = 0.4;

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
 * A candidate that has no model and that franc does not know, such as `und-x-myvillage`, is never detected.
 *
 * @param candidates codes of the languages that are expected, in any form of ISO 639 or BCP 47
 * @example await detectLanguage('dalili za malaria', ['sw', 'en']) // { language: 'sw', confidence: 0.9..., ... }
 */
export async function detectLanguage(
  text: string,
  candidates: readonly string[],
  { models = NO_MODELS, ...options }: DetectionOptions & DetectionModels = {},
): Promise<DetectedLanguage | undefined> {
  return mostProbable(await languageDistances(text), candidates, {
    ...options,
    evidence: evidenceOf(text, models),
  });
}

const NO_MODELS: ReadonlyMap<string, CharacterModel> = new Map();

/** What models say of the part of a text that says what language it is in; nothing of a text without letters. */
export function evidenceOf(
  text: string,
  models: ReadonlyMap<string, CharacterModel>,
): CharacterEvidence | undefined {
  const letters = wordsOfMainScript(text).slice(0, MOST_CHARACTERS);
  return /\p{L}/u.test(letters) ? characterEvidence(letters, models) : undefined;
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
  {
    prior = OTHER_PRIOR,
    sharpness = SHARPNESS,
    weight = WEIGHT,
    evidence,
  }: DetectionOptions & { readonly evidence?: CharacterEvidence } = {},
): DetectedLanguage | undefined {
  const given = new Map(candidates.map((code) => [languageKey(code) ?? code, code]));
  const scores = withModelled(distances, given, evidence).map(({ language, distance }) => {
    const known = given.has(language) ? evidence?.known.get(language) : undefined;
    const told = known === undefined || evidence === undefined ? 0 : weight * (known - evidence.other);
    return { language, score: Math.log(given.has(language) ? 1 : prior) + told - sharpness * distance };
  });
  const most = scores.reduce((max, { score }) => Math.max(max, score), -Infinity);
  if (most === -Infinity) return undefined;
  const likelihoods = new Map<string, number>();
  for (const { language, score } of scores)
    likelihoods.set(language, (likelihoods.get(language) ?? 0) + Math.exp(score - most));
  const total = [...likelihoods.values()].reduce((sum, each) => sum + each, 0);
  const [best, second] = [...likelihoods]
    .map(([language, each]) => ({ language: given.get(language) ?? language, confidence: each / total }))
    .sort((a, b) => b.confidence - a.confidence);
  if (best.language === UNKNOWN) return undefined;
  return {
    ...best,
    candidate: candidates.includes(best.language),
    ...(second !== undefined && second.language !== UNKNOWN && second.confidence > 0 && { runnerUp: second }),
  };
}

/** The language of texts in a script that franc does not know. */
const UNKNOWN = 'und';

/** Distances with those candidates that have a model and that franc does not know. */
function withModelled(
  distances: readonly LanguageDistance[],
  given: ReadonlyMap<string, string>,
  evidence: CharacterEvidence | undefined,
): readonly LanguageDistance[] {
  if (evidence === undefined) return distances;
  const near = new Map(distances.map(({ language, distance }) => [language, distance]));
  const known = [...given.keys()].filter((language) => near.has(language));
  const distance = Math.min(...known.map((language) => near.get(language) ?? 0), Number.MAX_VALUE);
  const added = [...evidence.known.keys()]
    .filter((language) => given.has(language) && !near.has(language))
    .map((language) => ({ language, distance: known.length > 0 ? distance : 0 }));
  return [...(distances.length > 0 ? distances : [{ language: UNKNOWN, distance: 0 }]), ...added];
}

/** The part of a text in Latin letters, or that in others, whichever says what language it is in. */
function wordsOfMainScript(text: string): string {
  const composed = text.normalize('NFC');
  const all = composed.match(/\p{L}/gu)?.length ?? 0;
  const latin = composed.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const other =
    latin > LATIN_SHARE * all ? /(?=\p{L})[^\p{Script=Latin}\p{Script=Common}]+/gu : /\p{Script=Latin}+/gu;
  return composed.replace(other, ' ');
}

/** The same without all that is no letter or mark, as franc reads it. */
function mainScript(text: string): string {
  return wordsOfMainScript(text)
    .replace(/[^\p{L}\p{M}\s]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS);
}
