/**
 * Several runs over the same judgments: their figures, and for each run and measure whether it differs from
 * the baseline, by a paired randomisation test, adjusted by Holm over the whole table.
 */
import type { Judgment, RunEntry } from '../data/records.ts';
import { nearest, RefractError } from '../errors.ts';
import { type Evaluation, evaluate, pairedValues } from './evaluate.ts';
import { holm } from './significance/holm.ts';
import { randomisationTest } from './significance/randomisation.ts';

/** A run and the name that tables give it. */
export interface NamedRun {
  readonly name: string;
  readonly entries: readonly RunEntry[];
}

/** The figures of one run, and how far its ids are those of the judgments. */
export interface SystemResult {
  readonly name: string;
  readonly evaluation: Evaluation;
  /** Judged passages (pairs of query and passage) that the run returned. */
  readonly judgedReturned: number;
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
  /** Random sign assignments of a test; default 10,000. */
  readonly permutations?: number;
  /** Default 1. */
  readonly seed?: number;
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
  measures: readonly string[],
  { baseline, permutations, seed }: CompareOptions = {},
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
  const judged = new Set(judgments.map(({ query, passage }) => JSON.stringify([query, passage])));
  const systems = runs.map(({ name, entries }) => ({
    name,
    evaluation: evaluate(judgments, entries, measures),
    judgedReturned: entries.filter(({ query, passage }) => judged.has(JSON.stringify([query, passage])))
      .length,
  }));
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
        const [values, reference] = pairedValues(evaluation, base.evaluation, measure);
        const { difference, p } = randomisationTest(values, reference, { permutations, seed });
        return { system: name, measure, difference, p };
      }),
    );
  const adjusted = holm(tests.map(({ p }) => p));
  return {
    systems,
    baseline: base.name,
    comparisons: tests.map((test, i) => ({ ...test, adjusted: adjusted[i] })),
  };
}
