/** The figures behind the charts: means with bands over the shares, and the arms without shares as references. */

import type { TestSettings } from './changes.ts';
import { type Condition, realisedRho } from './conditions.ts';
import { averageOverSeeds, type SeedAverage } from './question-values.ts';
import { bootstrapIntervals, type Interval } from './resampling.ts';
import type { FigureGroup, TestGroup } from './test-groups.ts';

/** The figure of a condition in one group of languages of a test set. */
export interface Point {
  readonly condition: Condition;
  readonly test: string;
  readonly group: FigureGroup;
  readonly measure: string;
  readonly realised: number;
  readonly mean: number;
  readonly bySeed: readonly number[];
  readonly questions: number;
  /** Of 95 %, over questions, each averaged over seeds. */
  readonly interval: Interval;
}

/** Every figure of a measure, in the order of test sets, groups and conditions. */
export function pointsOf(
  conditions: readonly Condition[],
  groups: readonly TestGroup[],
  measure: string,
  { permutations, seed }: Pick<TestSettings, 'permutations' | 'seed'>,
): Point[] {
  return groups.flatMap(({ test, group, weights }) => {
    const found = conditions.flatMap((condition) => {
      const average = averageOverSeeds(condition.tests.get(test) ?? [], measure, weights);
      return average ? [{ condition, average }] : [];
    });
    if (found.length === 0) return [];
    const intervals = bootstrapIntervals(
      found.map(({ average }) => [...average.values.values()]),
      permutations,
      seed,
    );
    return found.map(
      ({ condition, average }, i): Point => ({
        ...{ condition, test, group, measure },
        realised: realisedRho(condition),
        ...figuresOf(average),
        interval: intervals[i],
      }),
    );
  });
}

function figuresOf({ mean, bySeed, values }: SeedAverage) {
  return { mean, bySeed, questions: values.size };
}
