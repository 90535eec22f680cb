/** The test sets of a study, each with its groups of languages. */
import type { Condition } from './conditions.ts';
import { groupWeights, type LanguageGroup, type LanguageWeights } from './question-values.ts';

/** One group of languages of one test set. */
export interface TestGroup {
  readonly test: string;
  readonly group: FigureGroup;
  readonly weights: LanguageWeights;
}

/** The language of the oracle's queries, and of those that students read beside their languages. */
export const ENGLISH = 'en';

/** What a figure is about: a group of languages, or English, which is in none of them. */
export type FigureGroup = LanguageGroup | 'english';

/**
 * The languages of each test set but English, in the order of the matrix.
 *
 * @example testLanguages(conditions).get('ntrex') // ['sw', 'de']
 */
export function testLanguages(conditions: readonly Condition[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { tests } of conditions)
    for (const [test, runs] of tests) {
      const languages = found.get(test) ?? new Set();
      for (const { scores } of runs)
        for (const code of Object.keys(scores)) if (code !== ENGLISH) languages.add(code);
      found.set(test, languages);
    }
  return new Map([...found].map(([test, languages]) => [test, [...languages]]));
}

/** English by itself, of every test set. */
export function englishGroups(conditions: readonly Condition[]): TestGroup[] {
  return [...testLanguages(conditions).keys()].map((test) => ({
    test,
    group: 'english',
    weights: new Map([[ENGLISH, 1]]),
  }));
}

/**
 * Every group of every test set.
 *
 * @param low codes of the low-resource languages
 * @param unseen codes of the languages without training data
 */
export function testGroups(
  conditions: readonly Condition[],
  low: ReadonlySet<string>,
  unseen: ReadonlySet<string>,
): TestGroup[] {
  return [...testLanguages(conditions)].flatMap(([test, languages]) =>
    [...groupWeights(languages, low, unseen)].map(([group, weights]) => ({ test, group, weights })),
  );
}
