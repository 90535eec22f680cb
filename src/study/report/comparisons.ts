/** Arms against baselines: zero-shot, BM25 with dictionary translation, and OPTICAL, where the study has them. */
import { linesOf, type TestSettings } from './changes.ts';
import type { Condition, ReportedStudy } from './conditions.ts';
import { pairedOn, type TestedRow, testTogether } from './pairings.ts';
import type { FigureGroup, TestGroup } from './test-groups.ts';

/** A baseline and what it is called. */
export interface Baseline {
  readonly name: string;
  readonly arm: string;
}

/** One condition against one baseline, in one group of languages of one test set. */
export interface BaselineComparison extends TestedRow {
  readonly condition: Condition;
  readonly baseline: Baseline;
  readonly test: string;
  readonly group: FigureGroup;
}

/** The baselines of a study: the first arm of each kind that others are held against. */
export function baselinesOf({ arms }: Pick<ReportedStudy, 'arms'>): Baseline[] {
  const first = (name: string, is: (arm: ReportedStudy['arms'][string]) => boolean): Baseline[] => {
    const arm = Object.keys(arms).find((each) => is(arms[each]));
    return arm === undefined ? [] : [{ name, arm }];
  };
  return [
    ...first('zero-shot', ({ kind }) => kind === 'zero-shot'),
    ...first('dictionary BM25', ({ kind, translate }) => kind === 'lexical' && translate === 'dictionary'),
    ...first('OPTICAL', ({ kind }) => kind === 'optical'),
  ];
}

/**
 * The optical arms that stand for OPTICAL in the section on goals: the first one, and the first with a pack for each
 * language.
 */
export function opticalArms({ arms }: Pick<ReportedStudy, 'arms'>): string[] {
  const optical = Object.keys(arms).filter((name) => arms[name].kind === 'optical');
  const each = optical.find((name) => arms[name].packs === 'each');
  return [...new Set([...optical.slice(0, 1), ...(each === undefined ? [] : [each])])];
}

/** The conditions that are held against baselines: arms without shares, and both ends of those with shares. */
export function comparedConditions(conditions: readonly Condition[]): Condition[] {
  const ends = new Set(linesOf(conditions).flatMap((line) => [line[0], line[line.length - 1]]));
  return conditions.filter((condition) => condition.rho === undefined || ends.has(condition));
}

/**
 * All comparisons with Holm's adjustment over all of them. Both ends of the shares are compared, not the best share:
 * a best one that is chosen by its scores would look better than it is.
 *
 * @param settings B grows with the table (`permutationsFor`); the margin is that of the tests for harm
 */
export function baselineComparisons(
  conditions: readonly Condition[],
  baselines: readonly Baseline[],
  groups: readonly TestGroup[],
  measure: string,
  settings: TestSettings,
): { readonly comparisons: BaselineComparison[]; readonly permutations: number } {
  const rows = groups.flatMap(({ test, group, weights }) =>
    baselines.flatMap((baseline) => {
      const base = conditions.find(({ arm }) => arm === baseline.arm);
      return comparedConditions(conditions).flatMap((condition) => {
        if (base === undefined || condition.arm === baseline.arm) return [];
        const pair = pairedOn({ condition, other: base, test, weights }, measure);
        return pair ? [{ ...pair, condition, baseline, test, group }] : [];
      });
    }),
  );
  const { tested, permutations } = testTogether(rows, settings);
  return { comparisons: tested, permutations };
}
