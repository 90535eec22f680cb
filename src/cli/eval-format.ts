/** A comparison of runs in the four formats of tables. */
import type { RunComparison } from '../eval/compare.ts';
import {
  type Cell,
  evaluationTable,
  formatTable,
  type ResultTable,
  type TableFormat,
} from '../eval/table.ts';

/** p-values need more places than measures. */
const P_DIGITS = 4;

/**
 * Text and Markdown: a table of means, one of tests where there are any, and on demand one of queries. JSON: one
 * object with the same three parts. CSV: one table with a line for each system, measure and (on demand) query;
 * the query `all` stands for the mean, as in trec_eval.
 *
 * @example formatComparison(compareRuns(judgments, runs, ['nDCG@10']), 'markdown', false)
 */
export function formatComparison(comparison: RunComparison, format: TableFormat, perQuery: boolean): string {
  if (format === 'json') return `${JSON.stringify(asObject(comparison, perQuery), null, 2)}\n`;
  if (format === 'csv') return formatTable(asLines(comparison, perQuery), 'csv');
  const { systems } = comparison;
  const parts = [
    formatTable(evaluationTable(systems.map(({ name, evaluation }) => [name, evaluation])), format),
  ];
  if (comparison.comparisons.length > 0) parts.push(formatTable(testTable(comparison), format));
  if (perQuery) parts.push(formatTable(queryTable(comparison), format));
  return parts.join('\n');
}

function testTable({ baseline, comparisons }: RunComparison): ResultTable {
  return {
    columns: [`against ${baseline}`, 'measure', 'difference', 'p', 'p (Holm)'],
    rows: comparisons.map(({ system, measure, difference, p, adjusted }) => [
      system,
      measure,
      `${difference < 0 ? '' : '+'}${difference.toFixed(P_DIGITS)}`,
      p.toFixed(P_DIGITS),
      adjusted.toFixed(P_DIGITS),
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

/** One line for each value, for reading by other programs. */
function asLines({ systems, comparisons }: RunComparison, perQuery: boolean): ResultTable {
  const rows: Cell[][] = [];
  for (const { name, evaluation } of systems) {
    for (const measure of evaluation.measures) {
      const test = comparisons.find((each) => each.system === name && each.measure === measure);
      rows.push([
        name,
        measure,
        'all',
        evaluation.means.get(measure),
        test?.difference,
        test?.p,
        test?.adjusted,
      ]);
      if (!perQuery) continue;
      for (const [query, value] of evaluation.perQuery.get(measure) ?? [])
        rows.push([name, measure, query, value, undefined, undefined, undefined]);
    }
  }
  return { columns: ['system', 'measure', 'query', 'value', 'difference', 'p', 'p_holm'], rows };
}

function asObject({ systems, baseline, comparisons }: RunComparison, perQuery: boolean): object {
  return {
    systems: systems.map(({ name, evaluation }) => ({
      system: name,
      means: Object.fromEntries(evaluation.means),
      queries: evaluation.queries.length,
      missing: evaluation.missing,
      unjudged: evaluation.unjudged,
      judgedReturned: evaluation.judgedReturned,
      ...(perQuery && {
        perQuery: Object.fromEntries(
          [...evaluation.perQuery].map(([measure, values]) => [measure, Object.fromEntries(values)]),
        ),
      }),
    })),
    ...(baseline !== undefined && { baseline, comparisons }),
  };
}
