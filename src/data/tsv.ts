/** Rows of tab-separated files: cells as they stand, without quoting rules, as MS MARCO and bitexts have it. */
import { isBlank } from './json-lines.ts';
import { readLines } from './lines.ts';

/** The cells of one row with its 1-based line number. */
export interface TsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Yields the cells of every line that is not blank. Errors: those of `readLines`. */
export async function* readTsvRows(path: string): AsyncGenerator<TsvRow> {
  for await (const { line, text } of readLines(path))
    if (!isBlank(text)) yield { line, cells: text.split('\t') };
}

/** Whether a file's name says TSV: `.tsv` or `.tab`, also followed by `.gz`. */
export function isTsvName(path: string): boolean {
  return /\.(tsv|tab)(\.gz)?$/i.test(path);
}

/** Whether a first row is a header such as `id  text`, `_id  text` or `query_id  query`. */
export function isIdHeader(cells: readonly string[]): boolean {
  return /^_?(id|[a-z]+[-_]?id)$/i.test(cells[0].trim()) && /^[a-z_-]+$/i.test(cells[1]?.trim() ?? '');
}
