/** Result tables as aligned text, Markdown, LaTeX, CSV or JSON. */
import type { Evaluation } from './evaluate.ts';

/** One cell: text, a number, or nothing. */
export type Cell = string | number | undefined;

/** A table of results. */
export interface ResultTable {
  readonly columns: readonly string[];
  /** Each row has one cell a column. */
  readonly rows: readonly (readonly Cell[])[];
  /** The columns that hold counts; they are shown without decimals. */
  readonly counts?: readonly string[];
}

/** The ways a table can be written. */
export const TABLE_FORMATS = ['text', 'markdown', 'latex', 'csv', 'json'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/**
 * Writes a table, with a newline at its end.
 *
 * Text, Markdown and LaTeX (a `tabular` with the rules of booktabs) round numbers to `digits` places and align them
 * right; CSV (RFC 4180) and JSON (an array
 * of objects, absent cells null) keep every digit.
 *
 * @param digits decimal places of numbers other than counts; default 3
 * @example
 *   formatTable({ columns: ['system', 'nDCG@10'], rows: [['OPTICAL', 0.41]] }, 'text')
 *   // system   nDCG@10
 *   // OPTICAL    0.410
 */
export function formatTable(table: ResultTable, format: TableFormat, digits = 3): string {
  if (format === 'json')
    return `${JSON.stringify(
      table.rows.map((row) => asObject(table.columns, row)),
      null,
      2,
    )}\n`;
  if (format === 'csv')
    return [table.columns, ...table.rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
  const numeric = table.columns.map((_, c) => table.rows.some((row) => typeof row[c] === 'number'));
  const shown = table.rows.map((row) =>
    row.map((cell, c) => show(cell, table.counts?.includes(table.columns[c]) ? 0 : digits)),
  );
  const plain = [[...table.columns], ...shown];
  if (format === 'latex') return latexTable(plain, numeric);
  const lines = format === 'markdown' ? plain.map((line) => line.map(markdownCell)) : plain;
  const widths = table.columns.map((_, c) => Math.max(3, ...lines.map((line) => displayWidth(line[c]))));
  const padded = lines.map((line) => line.map((cell, c) => pad(cell, widths[c], numeric[c])));
  if (format === 'text') return padded.map((line) => `${line.join('  ').trimEnd()}\n`).join('');
  const rule = widths.map((width, c) => `${'-'.repeat(width - 1)}${numeric[c] ? ':' : '-'}`);
  return [padded[0], rule, ...padded.slice(1)].map((line) => `| ${line.join(' | ')} |\n`).join('');
}

/**
 * The table of some evaluations: a row a system, a column a measure, with the number of queries and, where
 * there are any, of queries without results.
 *
 * @example formatTable(evaluationTable([['BM25', evaluate(judgments, run, ['AP'])]]), 'markdown')
 */
export function evaluationTable(
  systems: readonly (readonly [name: string, evaluation: Evaluation])[],
): ResultTable {
  const measures = [...new Set(systems.flatMap(([, { measures }]) => measures))];
  const gaps = systems.some(([, { missing }]) => missing.length > 0);
  return {
    columns: ['system', ...measures, 'queries', ...(gaps ? ['missing'] : [])],
    rows: systems.map(([name, { means, queries, missing }]) => [
      name,
      ...measures.map((measure) => means.get(measure)),
      queries.length,
      ...(gaps ? [missing.length] : []),
    ]),
    counts: ['queries', 'missing'],
  };
}

/** Columns that a text takes on a terminal: two for a wide East Asian character, none for a mark. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

function show(cell: Cell, digits: number): string {
  if (cell === undefined) return '-';
  return typeof cell === 'number' && Number.isFinite(cell) ? cell.toFixed(digits) : String(cell);
}

function pad(cell: string, width: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return right ? blanks + cell : cell + blanks;
}

function markdownCell(cell: string): string {
  return cell.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/** A `tabular`: columns of numbers to the right, the others to the left. */
function latexTable([head, ...rows]: readonly (readonly string[])[], numeric: readonly boolean[]): string {
  const line = (cells: readonly string[]) => `${cells.map(latexCell).join(' & ')} \\\\\n`;
  return [
    `\\begin{tabular}{${numeric.map((right) => (right ? 'r' : 'l')).join('')}}\n\\toprule\n`,
    line(head),
    '\\midrule\n',
    ...rows.map(line),
    '\\bottomrule\n\\end{tabular}\n',
  ].join('');
}

function latexCell(cell: string): string {
  return cell.replace(/[\\~^&%$#_{}]/g, (character) => LATEX[character] ?? `\\${character}`);
}

function csvCell(cell: Cell): string {
  const text = cell === undefined ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asObject(columns: readonly string[], row: readonly Cell[]): Record<string, string | number | null> {
  return Object.fromEntries(columns.map((column, c) => [column, row[c] ?? null]));
}
