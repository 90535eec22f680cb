/**
 * English through the students: what training for other languages does to queries that the teacher could read from the
 * start. English is in no average over languages; its tests are families of their own.
 */
import { type Change, shareChanges, type TestSettings } from './changes.ts';
import { type BaselineComparison, baselineComparisons } from './comparisons.ts';
import type { Condition, ReportedStudy } from './conditions.ts';
import { englishGroups } from './test-groups.ts';

/** What is found of English, by the study's first measure. */
export interface EnglishFigures {
  /** From the lowest to the highest share; Holm over these. */
  readonly changes: readonly Change[];
  /** Students against the teacher, which is the oracle; arms with shares at both ends. Holm over these. */
  readonly comparisons: readonly BaselineComparison[];
}

/** Computes them; without an oracle there is nothing to hold students against. */
export function englishFigures(
  conditions: readonly Condition[],
  { arms }: Pick<ReportedStudy, 'arms'>,
  measure: string,
  settings: TestSettings,
): EnglishFigures {
  const groups = englishGroups(conditions);
  const oracles = Object.keys(arms).filter((arm) => arms[arm].kind === 'english-oracle');
  const baselines = oracles.slice(0, 1).map((arm) => ({ name: 'the teacher', arm }));
  return {
    changes: shareChanges(conditions, groups, [measure], settings),
    comparisons: baselineComparisons(conditions, baselines, groups, measure, settings).comparisons,
  };
}
