/** A comparison of runs in the formats of tables. */
import type { Comparison, RunComparison, SystemResult } from '../eval/compare.ts';
import {
  type Cell,
  evaluationTable,
  formatTable,
  type ResultTable,
  type TableFormat,
} from '../eval/table.ts';

/** p-values need more places than measures. */
const P_DIGITS = 4;
const INTERVAL_DIGITS = 3;

/**
 * Text, Markdown and LaTeX: a table of means, one of intervals and one of tests where there are any, and on demand
 * one of queries. JSON: one object with the same parts. CSV: one table with a line for each system, measure and (on
 * demand) query; the query `all` stands for the mean, as in trec_eval.
 *
 * @example formatComparison(compareRuns(judgments, runs, ['nDCG@10']), 'markdown', false)
 */
export function formatComparison(comparison: RunComparison, format: TableFormat, perQuery: boolean): string {
  if (format === 'json') return `${JSON.stringify(asObject(comparison, perQuery), null, 2)}\n`;
  if (format === 'csv') return formatTable(asLines(comparison, perQuery), 'csv');
  const { systems, comparisons, baseline } = comparison;
  const parts = [
    formatTable(evaluationTable(systems.map(({ name, evaluation }) => [name, evaluation])), format),
  ];
  if (systems.some(({ intervals }) => intervals)) parts.push(formatTable(intervalTable(systems), format));
  if (comparisons.length > 0)
    parts.push(
      formatTable(
        testTable(
          ['measure'],
          comparisons.map((test) => ({ test, place: [test.measure] })),
          baseline ?? '',
        ),
        format,
      ),
    );
  if (perQuery) parts.push(formatTable(queryTable(comparison), format));
  return parts.join('\n');
}

/**
 * A table of tests, a row each: the system, where the test was made, the difference, and the p-values.
 *
 * @param places columns that tell the tests of one system apart
 */
export function testTable(
  places: readonly string[],
  tests: readonly { readonly test: Comparison; readonly place: readonly string[] }[],
  baseline: string,
): ResultTable {
  const harm = tests.some(({ test }) => test.notWorse !== undefined);
  const shown = (p: number | undefined) => p?.toFixed(P_DIGITS);
  return {
    columns: [
      `against ${baseline}`,
      ...places,
      'difference',
      'p',
      'p (Holm)',
      'p (t)',
      ...(harm ? ['p (worse)', 'p (worse, Holm)', 'p (unequal)'] : []),
    ],
    rows: tests.map(({ test, place }) => [
      test.system,
      ...place,
      `${test.difference < 0 ? '' : '+'}${test.difference.toFixed(P_DIGITS)}`,
      shown(test.p),
      shown(test.adjusted),
      shown(test.t),
      ...(harm ? [shown(test.notWorse), shown(test.notWorseAdjusted), shown(test.equivalent)] : []),
    ]),
  };
}

/** A table of intervals: `[.312, .401]` for each system and measure. */
export function intervalTable(systems: readonly Pick<SystemResult, 'name' | 'intervals'>[]): ResultTable {
  const measures = [...(systems[0].intervals?.keys() ?? [])];
  return {
    columns: ['95 % interval', ...measures],
    rows: systems.map(({ name, intervals }) => [
      name,
      ...measures.map((measure) => {
        const { low = 0, high = 0 } = intervals?.get(measure) ?? {};
        return `[${low.toFixed(INTERVAL_DIGITS)}, ${high.toFixed(INTERVAL_DIGITS)}]`;
      }),
    ]),
  };
}

function queryTable({ systems }: RunComparison): ResultTable {
  const { measures, queries } = systems[0].evaluation;
  return {
    columns: ['query', 'system', ...measures],
    rows: queries.flatMap((query) =>
      systems.map(({ name, evaluation }) => [
        query,
        name,
        ...measures.map((measure) => evaluation.perQuery.get(measure)?.get(query)),
      ]),
    ),
  };
}

/** Columns of CSV after those that tell a line apart. */
export const VALUE_COLUMNS = [
  'value',
  'difference',
  'p',
  'p_holm',
  'p_t',
  'low',
  'high',
  'p_worse',
  'p_worse_holm',
  'p_unequal',
];

/** The cells of `VALUE_COLUMNS`. */
export function valueCells(
  value: number | undefined,
  interval?: { readonly low: number; readonly high: number },
  test?: Comparison,
): Cell[] {
  return [
    value,
    test?.difference,
    test?.p,
    test?.adjusted,
    test?.t,
    interval?.low,
    interval?.high,
    test?.notWorse,
    test?.notWorseAdjusted,
    test?.equivalent,
  ];
}

/** One line for each value, for reading by other programs. */
function asLines({ systems, comparisons }: RunComparison, perQuery: boolean): ResultTable {
  const rows: Cell[][] = [];
  for (const { name, evaluation, intervals } of systems) {
    for (const measure of evaluation.measures) {
      const test = comparisons.find((each) => each.system === name && each.measure === measure);
      rows.push([
        name,
        measure,
        'all',
        ...valueCells(evaluation.means.get(measure), intervals?.get(measure), test),
      ]);
      if (!perQuery) continue;
      for (const [query, value] of evaluation.perQuery.get(measure) ?? [])
        rows.push([name, measure, query, ...valueCells(value)]);
    }
  }
  return { columns: ['system', 'measure', 'query', ...VALUE_COLUMNS], rows };
}

function asObject({ systems, baseline, comparisons }: RunComparison, perQuery: boolean): object {
  return {
    systems: systems.map(({ name, evaluation, intervals }) => ({
      system: name,
      means: Object.fromEntries(evaluation.means),
      ...(intervals && { intervals: Object.fromEntries(intervals) }),
      queries: evaluation.queries.length,
      missing: evaluation.missing,
      unjudged: evaluation.unjudged,
      judgedReturned: evaluation.judgedReturned,
      ...(perQuery && { perQuery: queryValues(evaluation.perQuery) }),
    })),
    ...(baseline !== undefined && { baseline, comparisons }),
  };
}

/** Measure -> query -> value, as plain objects. */
export function queryValues(
  perQuery: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Record<string, Record<string, number>> {
  return Object.fromEntries([...perQuery].map(([measure, values]) => [measure, Object.fromEntries(values)]));
}
