/** Arms against baselines: zero-shot, BM25 with dictionary translation, and OPTICAL, where the study has them. */
import { adjustTests, type Comparison, testDifferences } from '../../eval/compare.ts';
import { linesOf, permutationsFor, type TestSettings } from './changes.ts';
import type { Condition, ReportedStudy } from './conditions.ts';
import { averageOverSeeds, questionDifferences } from './question-values.ts';
import { bootstrapIntervals, type Interval } from './resampling.ts';
import type { FigureGroup, TestGroup } from './test-groups.ts';

/** A baseline and what it is called. */
export interface Baseline {
  readonly name: string;
  readonly arm: string;
}

/** One condition against one baseline, in one group of languages of one test set. */
export interface BaselineComparison
  extends Pick<Comparison, 'difference' | 'p' | 't' | 'adjusted' | 'notWorse' | 'notWorseAdjusted'> {
  readonly condition: Condition;
  readonly baseline: Baseline;
  readonly test: string;
  readonly group: FigureGroup;
  readonly seeds: number;
  readonly questions: number;
  readonly interval: Interval;
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
  const rows: Pick<
    BaselineComparison,
    'condition' | 'baseline' | 'test' | 'group' | 'seeds' | 'questions'
  >[] = [];
  const differences: Float64Array[] = [];
  for (const { test, group, weights } of groups)
    for (const baseline of baselines) {
      const base = conditions.find(({ arm }) => arm === baseline.arm)?.tests.get(test) ?? [];
      for (const condition of comparedConditions(conditions)) {
        if (condition.arm === baseline.arm) continue;
        const runs = condition.tests.get(test) ?? [];
        const common = commonSeeds(runs, base);
        const ours = averageOverSeeds(runs, measure, weights, common);
        const theirs = averageOverSeeds(base, measure, weights, common);
        if (ours === undefined || theirs === undefined) continue;
        const values = questionDifferences(ours.values, theirs.values);
        differences.push(values);
        const seeds = Math.max(ours.seeds.length, theirs.seeds.length);
        rows.push({ condition, baseline, test, group, seeds, questions: values.length });
      }
    }
  const permutations = permutationsFor(rows.length, settings);
  const intervals = intervalsByLength(differences, settings);
  const tests = rows.map((row, i) => ({
    ...row,
    system: row.condition.arm,
    measure,
    interval: intervals[i],
    ...testDifferences(differences[i], { ...settings, permutations }),
  }));
  return { comparisons: adjustTests(tests), permutations };
}

/** The seeds that both have; all of them where one of the two draws nothing. */
function commonSeeds(
  a: readonly { readonly seed?: number }[],
  b: readonly { readonly seed?: number }[],
): (number | undefined)[] {
  const [ours, theirs] = [a, b].map((runs) => runs.map(({ seed }) => seed));
  if (ours.includes(undefined) || theirs.includes(undefined)) return [...ours, ...theirs];
  return ours.filter((seed) => theirs.includes(seed));
}

/** Intervals of series of several lengths: one set of draws for each length. */
function intervalsByLength(series: readonly Float64Array[], settings: TestSettings): Interval[] {
  const result: Interval[] = new Array(series.length);
  for (const length of new Set(series.map((values) => values.length))) {
    const places = series.flatMap((values, i) => (values.length === length ? [i] : []));
    const intervals = bootstrapIntervals(
      places.map((i) => series[i]),
      settings.permutations,
      settings.seed,
    );
    for (const [k, i] of places.entries()) result[i] = intervals[k];
  }
  return result;
}
