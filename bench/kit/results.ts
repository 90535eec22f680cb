/**
 * The figures of the experiment. A query's value is its mean over the seeds; tests and intervals are over
 * queries, paired. Holm's adjustment runs over all comparisons of a table's column.
 */
import type { Judgment } from '../../src/data/records.ts';
import { readRun } from '../../src/data/runs.ts';
import {
  bootstrapInterval,
  equivalenceTest,
  evaluate,
  holm,
  mean,
  randomisationTest,
} from '../../src/eval/index.ts';
import type { Workplace } from './models.ts';
import { MARGIN, MEASURE, SEARCHES, type Search, type System, systemsOf } from './plan.ts';
import { runPath } from './search.ts';

/** A difference of two systems on the same queries. */
export interface Comparison {
  /** Of the means. */
  readonly difference: number;
  /** Bootstrap interval of the difference, 95 %. */
  readonly low: number;
  readonly high: number;
  /** Two-sided, paired randomisation. */
  readonly p: number;
  /** `p` after Holm's adjustment over all comparisons with the same kind of baseline. */
  readonly adjusted: number;
}

/** Whether English is as good as the teacher's, within `MARGIN`. */
export interface Equivalence {
  /** Of the two one-sided t tests; not adjusted: a claim for all rows needs each of them. */
  readonly p: number;
  /** Of the test against being worse alone. */
  readonly pNotWorse: number;
  readonly equivalent: boolean;
}

/** A system's figures in one search. */
export interface Row extends Search {
  readonly system: System;
  readonly queryCount: number;
  /** Mean over the queries for each seed; of BM25, the one there is. */
  readonly perSeed: readonly number[];
  readonly mean: number;
  readonly againstTeacher?: Comparison;
  /** Of a pack: what distillation adds to its head start. */
  readonly againstHeadStart?: Comparison;
  /** Of English queries through a head start or a pack. */
  readonly equivalence?: Equivalence;
}

/** Values of a system: query id -> mean over the seeds, in the order of the judgments. */
export interface SystemValues {
  readonly perSeed: readonly number[];
  readonly perQuery: ReadonlyMap<string, number>;
}

/** The rows of all searches, in the order of the tables. */
export async function resultRows(place: Workplace, seeds: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const search of SEARCHES) {
    const judgments = await place.kit.judgments(search);
    const values = new Map<System, SystemValues>();
    for (const system of systemsOf(search)) {
      const paths = (system === 'bm25' ? [0] : seeds).map((seed) => runPath(place, search, system, seed));
      values.set(system, await systemValues(judgments, paths));
    }
    rows.push(...searchRows(search, values));
  }
  return adjust(rows);
}

async function systemValues(judgments: readonly Judgment[], runs: readonly string[]): Promise<SystemValues> {
  const perSeed: number[] = [];
  const perQuery = new Map<string, number>();
  for (const run of runs) {
    const values = evaluate(judgments, await readRun(run), [MEASURE]).perQuery.get(MEASURE)!;
    perSeed.push(mean(values.values()));
    for (const [query, value] of values)
      perQuery.set(query, (perQuery.get(query) ?? 0) + value / runs.length);
  }
  return { perSeed, perQuery };
}

/** The rows of a search, not yet adjusted. */
export function searchRows(search: Search, values: ReadonlyMap<System, SystemValues>): Row[] {
  const valuesOf = (system: System) => Float64Array.from(values.get(system)!.perQuery.values());
  const teacher = valuesOf('teacher');
  return [...values].map(([system, { perSeed, perQuery }]) => {
    const row = { ...search, system, queryCount: perQuery.size, perSeed, mean: mean(perSeed) };
    if (system === 'bm25' || system === 'teacher') return row;
    const own = valuesOf(system);
    const [kind, language] = system.split(/ (?=\S+$)/);
    return {
      ...row,
      againstTeacher: compare(own, teacher),
      againstHeadStart:
        kind === 'pack' ? compare(own, valuesOf(`head start ${language}` as System)) : undefined,
      equivalence: search.language === 'en' ? equivalence(own, teacher) : undefined,
    };
  });
}

/** Holm's adjustment: over all comparisons with a teacher, and over all with a head start. */
export function adjust(rows: readonly Row[]): Row[] {
  const adjusted = (baseline: 'againstTeacher' | 'againstHeadStart') =>
    holm(rows.map((row) => row[baseline]?.p ?? Number.NaN));
  const [teacher, headStart] = [adjusted('againstTeacher'), adjusted('againstHeadStart')];
  const set = (comparison: Comparison | undefined, value: number) =>
    comparison && { ...comparison, adjusted: value };
  return rows.map((row, i) => ({
    ...row,
    againstTeacher: set(row.againstTeacher, teacher[i]),
    againstHeadStart: set(row.againstHeadStart, headStart[i]),
  }));
}

function compare(a: Float64Array, b: Float64Array): Comparison {
  const { difference, p } = randomisationTest(a, b, { seed: 1 });
  const { low, high } = bootstrapInterval(
    a.map((value, i) => value - b[i]),
    { seed: 1 },
  );
  return { difference, low, high, p, adjusted: Number.NaN };
}

function equivalence(a: Float64Array, b: Float64Array): Equivalence {
  const { p, pNotWorse } = equivalenceTest(a, b, MARGIN);
  return { p, pNotWorse, equivalent: p < 0.05 };
}
