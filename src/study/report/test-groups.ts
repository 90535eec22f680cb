/** The test sets of a study, each with its groups of languages. */
import type { Condition } from './conditions.ts';
import { groupWeights, type LanguageGroup, type LanguageWeights } from './question-values.ts';

/** One group of languages of one test set. */
export interface TestGroup {
  readonly test: string;
  readonly group: LanguageGroup;
  readonly weights: LanguageWeights;
}

/** The language of the oracle, which belongs to no group. */
export const ORACLE_LANGUAGE = 'en';

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
        for (const code of Object.keys(scores)) if (code !== ORACLE_LANGUAGE) languages.add(code);
      found.set(test, languages);
    }
  return new Map([...found].map(([test, languages]) => [test, [...languages]]));
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
