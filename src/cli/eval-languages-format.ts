/** A comparison of systems in several languages in the formats of tables. */
import type { LanguageComparison, LanguageResult } from '../eval/compare-languages.ts';
import { type Cell, formatTable, type ResultTable, type TableFormat } from '../eval/table.ts';
import { intervalTable, queryValues, testTable, VALUE_COLUMNS, valueCells } from './eval-format.ts';

/**
 * Text, Markdown and LaTeX: for each measure a table of systems by languages, with macro average, worst language
 * and, where low-resource languages were named, the gap; then intervals of the macro averages, and the tests. JSON:
 * one object. CSV: a line for each system, measure, language and (on demand) query; the language `macro` stands for
 * the macro average.
 *
 * @example formatLanguages(compareLanguages(judgments, systems, ['nDCG@10']), 'markdown', false)
 */
export function formatLanguages(
  comparison: LanguageComparison,
  format: TableFormat,
  perQuery: boolean,
): string {
  if (format === 'json') return `${JSON.stringify(asObject(comparison, perQuery), null, 2)}\n`;
  if (format === 'csv') return formatTable(asLines(comparison, perQuery), 'csv');
  const { measures, systems, comparisons, baseline } = comparison;
  const parts = measures.map((measure) => formatTable(languageTable(comparison, measure), format));
  if (systems.some(({ intervals }) => intervals)) parts.push(formatTable(intervalTable(systems), format));
  if (comparisons.length > 0)
    parts.push(
      formatTable(
        testTable(
          ['measure', 'language'],
          comparisons.map((test) => ({ test, place: [test.measure, test.language] })),
          baseline ?? '',
        ),
        format,
      ),
    );
  if (perQuery) parts.push(formatTable(queryTable(comparison), format));
  return parts.join('\n');
}

function languageTable({ systems, languages }: LanguageComparison, measure: string): ResultTable {
  const gaps = systems.some(({ summaries }) => summaries.get(measure)?.gap !== undefined);
  return {
    columns: [measure, ...languages, 'macro', ...(gaps ? ['low', 'high', 'gap'] : []), 'worst'],
    rows: systems.map(({ name, evaluations, summaries }) => {
      const summary = summaries.get(measure);
      return [
        name,
        ...languages.map((language) => evaluations.get(language)?.means.get(measure)),
        summary?.macro,
        ...(gaps ? [summary?.low, summary?.high, summary?.gap] : []),
        summary?.worst.language,
      ];
    }),
  };
}

function queryTable({ systems, measures }: LanguageComparison): ResultTable {
  return {
    columns: ['query', 'language', 'system', ...measures],
    rows: systems.flatMap(({ name, evaluations }) =>
      [...evaluations].flatMap(([language, { queries, perQuery }]) =>
        queries.map((query) => [
          query,
          language,
          name,
          ...measures.map((measure) => perQuery.get(measure)?.get(query)),
        ]),
      ),
    ),
  };
}

function asLines({ systems, measures, comparisons }: LanguageComparison, perQuery: boolean): ResultTable {
  const rows: Cell[][] = [];
  const testOf = (system: string, measure: string, language: string) =>
    comparisons.find(
      (test) => test.system === system && test.measure === measure && test.language === language,
    );
  for (const { name, evaluations, summaries, intervals } of systems)
    for (const measure of measures) {
      for (const [language, { means, perQuery: values }] of evaluations) {
        rows.push([
          name,
          measure,
          language,
          'all',
          ...valueCells(means.get(measure), undefined, testOf(name, measure, language)),
        ]);
        if (!perQuery) continue;
        for (const [query, value] of values.get(measure) ?? [])
          rows.push([name, measure, language, query, ...valueCells(value)]);
      }
      rows.push([
        name,
        measure,
        'macro',
        'all',
        ...valueCells(summaries.get(measure)?.macro, intervals?.get(measure), testOf(name, measure, 'macro')),
      ]);
    }
  return { columns: ['system', 'measure', 'language', 'query', ...VALUE_COLUMNS], rows };
}

function asObject({ systems, baseline, comparisons }: LanguageComparison, perQuery: boolean): object {
  return {
    systems: systems.map((system) => systemObject(system, perQuery)),
    ...(baseline !== undefined && { baseline, comparisons }),
  };
}

function systemObject(
  { name, evaluations, summaries, intervals }: LanguageResult,
  perQuery: boolean,
): object {
  return {
    system: name,
    summaries: Object.fromEntries(summaries),
    ...(intervals && { intervals: Object.fromEntries(intervals) }),
    languages: Object.fromEntries(
      [...evaluations].map(([language, evaluation]) => [
        language,
        {
          means: Object.fromEntries(evaluation.means),
          queries: evaluation.queries.length,
          missing: evaluation.missing,
          unjudged: evaluation.unjudged,
          judgedReturned: evaluation.judgedReturned,
          ...(perQuery && { perQuery: queryValues(evaluation.perQuery) }),
        },
      ]),
    ),
  };
}
