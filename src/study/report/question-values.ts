/**
 * One figure a question. A question that is asked in several languages is one observation, so a mean over a group of
 * languages is written as a mean over questions: with v(l, q) the value of question q in language l, n(l) questions
 * of that language, w(l) its weight and Q questions in all,
 *
 *     y(q) = Q * sum_l w(l) v(l, q) / n(l),     mean over q of y(q) = sum_l w(l) * mean of language l
 *
 * With w(l) = 1 / |L| that is the macro average; with + 1 / |H| and - 1 / |L| the gap between two groups.
 */
import type { SeedScores } from './conditions.ts';

/** The languages that a figure is about, each with its weight. */
export type LanguageWeights = ReadonlyMap<string, number>;

/** Groups of languages that a report looks at, in its order. */
export const LANGUAGE_GROUPS = ['low', 'high', 'gap', 'unseen-low', 'unseen-high'] as const;
/**
 * Low-resource languages, the others, and the others less the low-resource ones, all with training data; then
 * low-resource languages without training data, and other languages without.
 */
export type LanguageGroup = (typeof LANGUAGE_GROUPS)[number];
/** The groups whose figures are means. */
export const MEAN_GROUPS = LANGUAGE_GROUPS.filter((group) => group !== 'gap');

/** What a group is called in sentences. */
export const GROUP_NAMES: Readonly<Record<LanguageGroup, string>> = {
  low: 'low-resource languages',
  high: 'high-resource languages',
  gap: 'low-to-high-resource gap',
  'unseen-low': 'low-resource languages without training data',
  'unseen-high': 'high-resource languages without training data',
};

/**
 * Weights of each group that a test set has languages of.
 *
 * @param unseen codes of the languages without training data, which are in no other group
 * @example groupWeights(['sw', 'so', 'de'], new Set(['sw', 'so'])).get('gap') // de 1, sw -0.5, so -0.5
 */
export function groupWeights(
  languages: readonly string[],
  low: ReadonlySet<string>,
  unseen: ReadonlySet<string> = new Set(),
): Map<LanguageGroup, LanguageWeights> {
  const part = (isUnseen: boolean, isLow: boolean) =>
    languages.filter((code) => unseen.has(code) === isUnseen && low.has(code) === isLow);
  const [lower, higher] = [part(false, true), part(false, false)];
  const even = (codes: readonly string[], sign = 1) =>
    codes.map((code): [string, number] => [code, sign / codes.length]);
  const gap = lower.length > 0 && higher.length > 0 ? [...even(higher), ...even(lower, -1)] : [];
  const groups: readonly (readonly [LanguageGroup, readonly [string, number][]])[] = [
    ['low', even(lower)],
    ['high', even(higher)],
    ['gap', gap],
    ['unseen-low', even(part(true, true))],
    ['unseen-high', even(part(true, false))],
  ];
  return new Map(
    groups.flatMap(([group, weights]) => (weights.length > 0 ? [[group, new Map(weights)]] : [])),
  );
}

/** The figure of each question of one run; undefined when the run lacks a language or the measure. */
export function questionValues(
  scores: SeedScores['scores'],
  measure: string,
  weights: LanguageWeights,
): Map<string, number> | undefined {
  const sums = new Map<string, number>();
  for (const [language, weight] of weights) {
    const values = Object.entries(scores[language]?.values[measure] ?? {});
    if (values.length === 0) return undefined;
    for (const [question, value] of values)
      sums.set(question, (sums.get(question) ?? 0) + (weight * value) / values.length);
  }
  for (const [question, sum] of sums) sums.set(question, sum * sums.size);
  return sums;
}

/** The figures of several seeds, each question averaged over them. */
export interface SeedAverage {
  readonly seeds: readonly (number | undefined)[];
  /** The figure of each seed: its mean over questions. */
  readonly bySeed: readonly number[];
  readonly mean: number;
  /** Question -> mean over seeds. */
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Averages the runs of `seeds` (all by default); undefined when none of them has the measure in every language.
 *
 * @throws Error when two runs were not scored on the same questions
 */
export function averageOverSeeds(
  runs: readonly SeedScores[],
  measure: string,
  weights: LanguageWeights,
  only?: readonly (number | undefined)[],
): SeedAverage | undefined {
  const parts = runs
    .filter(({ seed }) => only === undefined || only.includes(seed))
    .flatMap(({ seed, scores }) => {
      const values = questionValues(scores, measure, weights);
      return values ? [{ seed, values }] : [];
    });
  if (parts.length === 0) return undefined;
  const [{ values: first }] = parts;
  const averaged = new Map<string, number>();
  for (const question of first.keys())
    averaged.set(question, mean(parts.map(({ values }) => figureOf(values, question))));
  const bySeed = parts.map(({ values }) => mean([...values.values()]));
  return { seeds: parts.map(({ seed }) => seed), bySeed, mean: mean(bySeed), values: averaged };
}

/**
 * a - b for each question, in the order of a.
 *
 * @throws Error when the two were not scored on the same questions
 */
export function questionDifferences(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): Float64Array {
  if (a.size !== b.size) throw new Error(`scored on ${a.size} and on ${b.size} questions`);
  return Float64Array.from(a, ([question, value]) => value - figureOf(b, question));
}

/** The mean of some numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function figureOf(values: ReadonlyMap<string, number>, question: string): number {
  const value = values.get(question);
  if (value === undefined) throw new Error(`question ${question} has no score in one of two runs`);
  return value;
}
