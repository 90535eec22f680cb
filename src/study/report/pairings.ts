/** Two conditions held against each other, question by question, and the tests of a table of such pairs. */
import { adjustTests, type Comparison, testDifferences } from '../../eval/compare.ts';
import { permutationsFor, type TestSettings } from './changes.ts';
import type { Condition } from './conditions.ts';
import { averageOverSeeds, type LanguageWeights, questionDifferences } from './question-values.ts';
import { bootstrapIntervals, type Interval } from './resampling.ts';

/** Two conditions that are held against each other in some languages of a test set. */
export interface Pairing {
  readonly condition: Condition;
  readonly other: Condition;
  readonly test: string;
  readonly weights: LanguageWeights;
}

/** A pairing in figures: means of both over the seeds that both have, and what differs for each question. */
export interface PairedFigures {
  readonly ours: number;
  readonly theirs: number;
  readonly differences: Float64Array;
  readonly seeds: number;
  readonly questions: number;
}

/** The figures of a pairing; undefined when one of the two has none there. */
export function pairedOn(
  { condition, other, test, weights }: Pairing,
  measure: string,
): PairedFigures | undefined {
  const [runs, base] = [condition, other].map(({ tests }) => tests.get(test) ?? []);
  const common = commonSeeds(runs, base);
  const ours = averageOverSeeds(runs, measure, weights, common);
  const theirs = averageOverSeeds(base, measure, weights, common);
  if (ours === undefined || theirs === undefined) return undefined;
  const differences = questionDifferences(ours.values, theirs.values);
  const seeds = Math.max(ours.seeds.length, theirs.seeds.length);
  return { ours: ours.mean, theirs: theirs.mean, differences, seeds, questions: differences.length };
}

/** A row of a table with what its tests say. */
export interface TestedRow
  extends Omit<PairedFigures, 'differences'>,
    Pick<Comparison, 'difference' | 'p' | 't' | 'adjusted' | 'notWorse' | 'notWorseAdjusted'> {
  readonly interval: Interval;
}

/** How rows are tested. */
type PairSettings = Pick<TestSettings, 'permutations' | 'seed'> & Partial<Pick<TestSettings, 'margin'>>;

/**
 * Tests the rows of one table, with Holm's adjustment over all of them.
 *
 * @param settings B grows with the table (`permutationsFor`); with a margin, each row is tested for harm too
 */
export function testTogether<Row extends PairedFigures>(
  rows: readonly Row[],
  settings: PairSettings,
): { readonly tested: (Omit<Row, 'differences'> & TestedRow)[]; readonly permutations: number } {
  const permutations = permutationsFor(rows.length, settings);
  const intervals = intervalsByLength(
    rows.map(({ differences }) => differences),
    settings,
  );
  const tests = rows.map(({ differences, ...row }, i) => ({
    ...row,
    interval: intervals[i],
    ...testDifferences(differences, { ...settings, permutations }),
  }));
  return { tested: adjustTests(tests), permutations };
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
function intervalsByLength(series: readonly Float64Array[], settings: PairSettings): Interval[] {
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
