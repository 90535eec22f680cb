/**
 * Several runs over the same judgments: their figures, and for each run and measure whether it differs from
 * the baseline, by a paired randomisation test, adjusted by Holm over the whole table, with the paired t test and
 * equivalence tests beside it.
 */
import type { Judgment, RunEntry } from '../data/records.ts';
import { nearest, RefractError } from '../errors.ts';
import { type AskedMeasure, type Evaluation, evaluate, pairedValues } from './evaluate.ts';
import type { RankedRun } from './ranking.ts';
import { type BootstrapInterval, bootstrapInterval } from './significance/bootstrap.ts';
import { equivalenceTest } from './significance/equivalence.ts';
import { holm } from './significance/holm.ts';
import { byCluster, differences } from './significance/paired.ts';
import { randomisationTest } from './significance/randomisation.ts';
import { pairedT } from './significance/student-t.ts';

/** A run and the name that tables give it. */
export interface NamedRun {
  readonly name: string;
  readonly entries: Iterable<RunEntry> | RankedRun;
}

/** The figures of one run. */
export interface SystemResult {
  readonly name: string;
  readonly evaluation: Evaluation;
  /** Measure name -> bootstrap interval of the mean; only where intervals were asked for. */
  readonly intervals?: ReadonlyMap<string, BootstrapInterval>;
}

/** One test: a run against the baseline, by one measure. */
export interface Comparison {
  readonly system: string;
  readonly measure: string;
  /** Mean of the run less mean of the baseline. */
  readonly difference: number;
  /** Two-sided, of the paired randomisation test. */
  readonly p: number;
  /** `p` after Holm's adjustment over all tests of the table. */
  readonly adjusted: number;
  /** Two-sided, of Student's paired t test. */
  readonly t: number;
  /** p of "worse by the margin or more": small means no harm. Only with a margin. */
  readonly notWorse?: number;
  /** p of "different by the margin or more", either way: small means equivalent. Only with a margin. */
  readonly equivalent?: number;
  /** `notWorse` after Holm's adjustment over all such tests of the table. */
  readonly notWorseAdjusted?: number;
}

/** What `compareRuns` finds. */
export interface RunComparison {
  readonly systems: readonly SystemResult[];
  /** The name of the run that the others are compared with; absent for a single run. */
  readonly baseline?: string;
  /** One for each run but the baseline and each measure. */
  readonly comparisons: readonly Comparison[];
}

/** Choices for `compareRuns`. */
export interface CompareOptions {
  /** Name of the run that the others are compared with; by default the first. */
  readonly baseline?: string;
  /** Random sign assignments of a test, and resamples of an interval; default 10,000. */
  readonly permutations?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Margin of the equivalence tests, in units of the measures; without it there are none. */
  readonly margin?: number;
  /** Whether means get bootstrap intervals of 95 %. */
  readonly intervals?: boolean;
  /**
   * Query -> what it is a version of, where the same question occurs several times; tests and intervals then take a
   * question for one observation. A query that is not named is its own.
   */
  readonly clusters?: ReadonlyMap<string, string>;
}

/**
 * Evaluates `runs` and compares each with the baseline. Judged queries without results count 0.
 *
 * Throws `SETTING_UNKNOWN` (measure, baseline), `SETTING_INVALID` (no run, or one name twice), and what
 * `evaluate` throws.
 *
 * @example
 * const { comparisons } = compareRuns(judgments, [{ name: 'zero-shot', entries: a }, { name: 'OPTICAL', entries: b }], ['nDCG@10']);
 * comparisons[0].adjusted; // Holm-adjusted p
 */
export function compareRuns(
  judgments: readonly Judgment[],
  runs: readonly NamedRun[],
  measures: readonly AskedMeasure[],
  { baseline, permutations, seed, margin, intervals = false, clusters }: CompareOptions = {},
): RunComparison {
  const names = runs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (runs.length === 0 || twice !== undefined)
    throw new RefractError(
      'SETTING_INVALID',
      twice === undefined ? 'no run was given' : `two runs "${twice}"`,
      {
        hint: 'Give at least one run, and every run a name of its own.',
      },
    );
  const clustersOf = (queries: readonly string[]) =>
    clusters && queries.map((query) => clusters.get(query) ?? query);
  const systems = runs.map(({ name, entries }) => {
    const evaluation = evaluate(judgments, entries, measures);
    const interval = (measure: string) =>
      bootstrapInterval([...(evaluation.perQuery.get(measure)?.values() ?? [])], {
        clusters: clustersOf(queriesWith(evaluation, measure)),
        resamples: permutations,
        seed,
      });
    return {
      name,
      evaluation,
      ...(intervals && {
        intervals: new Map(evaluation.measures.map((measure) => [measure, interval(measure)])),
      }),
    };
  });
  const base = systems.find(({ name }) => name === (baseline ?? names[0]));
  if (base === undefined) {
    const near = nearest(baseline ?? '', names);
    throw new RefractError('SETTING_UNKNOWN', `no run "${baseline}" to compare with`, {
      hint: `${near === undefined ? '' : `Did you mean ${near}? `}The runs are ${names.join(', ')}.`,
    });
  }
  if (systems.length === 1) return { systems, comparisons: [] };
  const tests = systems
    .filter((system) => system !== base)
    .flatMap(({ name, evaluation }) =>
      evaluation.measures.map((measure) => {
        const pairs = differences(...pairedValues(evaluation, base.evaluation, measure));
        return {
          system: name,
          measure,
          ...testDifferences(byCluster(pairs, clustersOf(queriesWith(evaluation, measure))), {
            permutations,
            seed,
            margin,
          }),
        };
      }),
    );
  return { systems, baseline: base.name, comparisons: adjustTests(tests) };
}

/** The queries that have a value by a measure, in the order of the values. */
export function queriesWith({ perQuery }: Evaluation, measure: string): string[] {
  return [...(perQuery.get(measure)?.keys() ?? [])];
}

/** Holm's adjustment over all tests of a table: of differences, and, with a margin, of harm. */
export function adjustTests<Test extends Pick<Comparison, 'p' | 'notWorse'>>(
  tests: readonly Test[],
): (Test & Pick<Comparison, 'adjusted' | 'notWorseAdjusted'>)[] {
  const adjusted = holm(tests.map(({ p }) => p));
  const harm = holm(tests.map(({ notWorse }) => notWorse ?? Number.NaN));
  return tests.map((test, i) => ({
    ...test,
    adjusted: adjusted[i],
    ...(test.notWorse !== undefined && { notWorseAdjusted: harm[i] }),
  }));
}

/** The tests of one row: differences, one an observation, against nothing. */
export function testDifferences(
  values: Float64Array,
  { permutations, seed, margin }: Pick<CompareOptions, 'permutations' | 'seed' | 'margin'>,
): Pick<Comparison, 'difference' | 'p' | 't' | 'notWorse' | 'equivalent'> {
  const nothing = new Float64Array(values.length);
  const { difference, p } = randomisationTest(values, nothing, { permutations, seed });
  const tost = margin === undefined ? undefined : equivalenceTest(values, nothing, margin);
  return {
    difference,
    p,
    t: pairedT(values, nothing).p,
    ...(tost && { notWorse: tost.pNotWorse, equivalent: tost.p }),
  };
}
