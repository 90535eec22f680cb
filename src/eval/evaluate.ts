/**
 * Evaluation of a run: measures for each query, and their means.
 *
 * The mean runs over ALL judged queries by default: a query for which the system returned nothing counts 0
 * (trec_eval's `-c`). A system could otherwise raise its figures by staying silent on hard queries.
 */
import type { Judgment, RunEntry } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { parseMeasure } from './measure.ts';
import type { Measure } from './measures/measure.ts';
import type { PassageMeasure } from './measures/passage-measure.ts';
import { judgmentTable, type RankedRun, rankedRun } from './ranking.ts';

/** A measure by its name, as `parseMeasure` reads it, or ready made. */
export type AskedMeasure = string | Measure | PassageMeasure;

/** Settings of {@link evaluate}. */
export interface EvaluateOptions {
  /** `judged` (default): all judged queries, missing ones count 0. `retrieved`: only those with results. */
  readonly topics?: 'judged' | 'retrieved';
}

/** The figures of one run. */
export interface Evaluation {
  /** Names of the measures, in the order asked for. */
  readonly measures: readonly string[];
  /** The queries that were evaluated, in the order of the judgments. */
  readonly queries: readonly string[];
  /** Measure name -> query id -> value, over `queries` in their order, without those that have none. */
  readonly perQuery: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Measure name -> mean over the queries that have a value; all have one by measures of grades. */
  readonly means: ReadonlyMap<string, number>;
  /** Judged queries without results; they count 0 unless `topics` is `retrieved`. */
  readonly missing: readonly string[];
  /** Queries of the run without judgments; they are left out. */
  readonly unjudged: readonly string[];
  /** Judged passages (pairs of query and passage) that the run returned. */
  readonly judgedReturned: number;
}

/**
 * Evaluates a run against judgments.
 *
 * Large runs belong in columns, `rankTable(await readRunTable(path))`, as the commands have them: 7,000 queries with
 * 1,000 passages each take a third of the time of trec_eval's C code. The same run as an array of entries takes 1.3
 * times that of trec_eval and 2.3 times ranx's (docs/lab.md): millions of objects and strings have to be grouped first.
 *
 * @param run its entries, or a run that is ranked already, as `rankTable` gives it
 * @param measures names such as `nDCG@10`, or measures such as `nDCG(10)` or those of `answerMeasures`
 * @throws RefractError `RUN_FORMAT` (NaN score, duplicate passage), `SETTING_UNKNOWN` (measure),
 *   `UNKNOWN_ID` when no query of the run is judged, `FILE_EMPTY` when there are no judgments; what measures throw
 * @example
 *   const { means } = evaluate(
 *     [{ query: 'q', passage: 'a', grade: 1 }],
 *     [{ query: 'q', passage: 'b', score: 2 }, { query: 'q', passage: 'a', score: 1 }],
 *     ['RR@10'],
 *   );
 *   means.get('RR@10'); // 0.5
 */
export function evaluate(
  judgments: Iterable<Judgment>,
  run: Iterable<RunEntry> | RankedRun,
  measures: readonly AskedMeasure[],
  { topics = 'judged' }: EvaluateOptions = {},
): Evaluation {
  const wanted = measures.map((measure) => (typeof measure === 'string' ? parseMeasure(measure) : measure));
  const table = judgmentTable(judgments);
  const ranked = Symbol.iterator in run ? rankedRun(run) : run;
  if (table.size === 0) {
    throw new RefractError('FILE_EMPTY', 'no judgments to evaluate against', {
      hint: 'Give judgments as lines "query 0 passage grade".',
    });
  }
  const missing = [...table.keys()].filter((query) => !ranked.has(query));
  const unjudged = ranked.queries.filter((query) => !table.has(query));
  if (ranked.queries.length > 0 && missing.length === table.size) {
    throw new RefractError('UNKNOWN_ID', 'no query of the run is judged', {
      hint: `The run has query ${unjudged[0]}, the judgments have ${missing[0]}: do they belong together?`,
    });
  }
  const queries = [...table.keys()].filter((query) => topics === 'judged' || ranked.has(query));
  const perQuery = new Map(wanted.map(({ name }) => [name, new Map<string, number>()]));
  let judgedReturned = 0;
  for (const query of queries) {
    const grades = table.get(query) ?? new Map<string, number>();
    const ranking = ranked.judged(query, grades);
    for (const grade of ranking.grades) if (!Number.isNaN(grade)) judgedReturned++;
    for (const measure of wanted) {
      const value =
        'value' in measure
          ? measure.value(ranking)
          : measure.valueOf({ query, passages: ranked.passages(query, measure.cutoff), grades });
      if (value !== undefined) perQuery.get(measure.name)?.set(query, value);
    }
  }
  const means = new Map([...perQuery].map(([name, values]) => [name, mean(values.values())]));
  return {
    measures: wanted.map(({ name }) => name),
    queries,
    perQuery,
    means,
    missing,
    unjudged,
    judgedReturned,
  };
}

/** The arithmetic mean; 0 of nothing. */
export function mean(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * The values of one measure of two evaluations, paired by query, for a significance test.
 *
 * @returns `[a, b]`, each with one value a query that has one, in the order of `a`'s queries
 * @throws RefractError `SETTING_UNKNOWN` when one lacks the measure, `UNKNOWN_ID` when their queries differ
 * @example const [a, b] = pairedValues(student, teacher, 'nDCG@10')
 */
export function pairedValues(a: Evaluation, b: Evaluation, measure: string): [Float64Array, Float64Array] {
  const name = a.perQuery.has(measure) ? measure : parseMeasure(measure).name;
  const [left, right] = [a.perQuery.get(name), b.perQuery.get(name)];
  if (left === undefined || right === undefined) {
    throw new RefractError('SETTING_UNKNOWN', `${name} was not computed for both runs`, {
      hint: 'Evaluate both runs with the same measures.',
    });
  }
  const odd =
    [...left.keys()].find((query) => !right.has(query)) ??
    [...right.keys()].find((query) => !left.has(query));
  if (odd !== undefined) {
    throw new RefractError('UNKNOWN_ID', `query ${odd} was evaluated for only one of the two runs`, {
      hint: 'A paired comparison needs the same judged queries on both sides; use topics: judged.',
    });
  }
  return [Float64Array.from(left.values()), Float64Array.from(left.keys(), (query) => right.get(query) ?? 0)];
}
