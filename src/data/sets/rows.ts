/** Rows of published TSV and JSONL files as located values, with errors that name file, line and the layout. */
import { RefractError } from '../../errors.ts';
import { isBlank, type JsonLine, readJsonLines } from '../json-lines.ts';
import { readLines } from '../lines.ts';
import type { Judgment, Passage, Query } from '../records.ts';
import type { FoundFile } from './set-folder.ts';

/** A value with the place it stands at. */
export interface Located<Value> {
  readonly at: string;
  readonly line: number;
  readonly value: Value;
}

/** A stream of located values. */
export type LocatedStream<Value> = AsyncIterable<Located<Value>>;

/**
 * Rows of exactly `columns` cells between tabs; `layout` names them, for the message.
 *
 * Errors: those of `readLines`; `COLUMN_MISSING` (too few), `LINE_FORMAT` (too many).
 *
 * @example for await (const { value: [pid, text] } of tsvRows(path, ['pid', 'passage'])) ...
 */
export async function* tsvRows(path: string, layout: readonly string[]): LocatedStreamOf<string[]> {
  for await (const { line, text } of readLines(path)) {
    if (isBlank(text)) continue;
    const cells = text.split('\t');
    if (cells.length !== layout.length) throw rowError(path, line, cells.length, layout);
    yield { at: path, line, value: cells };
  }
}

type LocatedStreamOf<Value> = AsyncGenerator<Located<Value>>;

function rowError(at: string, line: number, found: number, layout: readonly string[]): RefractError {
  return new RefractError(
    found < layout.length ? 'COLUMN_MISSING' : 'LINE_FORMAT',
    `${found} column${found === 1 ? '' : 's'} between tabs where ${layout.length} are published`,
    { at, line, hint: `A row is ${layout.join('<TAB>')}. Fetch the file again if it was cut or changed.` },
  );
}

/** Passages of a TSV of id and text. */
export async function* tsvPassages(path: string): LocatedStreamOf<Passage> {
  for await (const { at, line, value } of tsvRows(path, ['id', 'text']))
    yield { at, line, value: { id: value[0].trim(), text: value[1] } };
}

/** Queries of a TSV of id and text. */
export async function* tsvQueries(path: string, language?: string): LocatedStreamOf<Query> {
  for await (const { at, line, value } of tsvRows(path, ['id', 'query']))
    yield {
      at,
      line,
      value: { id: value[0].trim(), text: value[1].trim(), ...(language !== undefined && { language }) },
    };
}

/**
 * Judgments of a file of white-space separated columns: four as TREC has it, three (`query passage grade`) as
 * some sets have it. Grades are integers, or integers with a decimal point (`1.0`).
 *
 * Errors: those of `readLines`; `RUN_FORMAT`.
 */
export async function* qrels(path: string): LocatedStreamOf<Judgment> {
  let columns = 0;
  for await (const { line, text } of readLines(path)) {
    if (isBlank(text) || text.startsWith('#')) continue;
    const cells = text.trim().split(/\s+/);
    if (columns === 0 && cells.length === 3 && /^query[-_]?id$/i.test(cells[0])) continue;
    columns ||= cells.length;
    const grade = cells[cells.length - 1];
    if (cells.length !== columns || columns < 3 || columns > 4 || !/^[+-]?\d{1,9}(\.0*)?$/.test(grade))
      throw new RefractError(
        'RUN_FORMAT',
        cells.length === columns && columns >= 3 && columns <= 4
          ? `the grade "${grade}" is not an integer`
          : `${cells.length} columns where judgments have ${columns === 3 || columns === 4 ? columns : '3 or 4'}`,
        {
          at: path,
          line,
          hint: 'A line is "query 0 passage grade" or "query passage grade", with a whole number as the grade.',
        },
      );
    yield {
      at: path,
      line,
      value: { query: cells[0], passage: cells[columns - 2], grade: Number(grade) },
    };
  }
}

/** JSON objects of a file, each turned into a value; `undefined` leaves it out without counting. */
export async function* jsonRows<Value>(
  path: string,
  convert: (line: JsonLine) => Value | undefined,
): LocatedStreamOf<Value> {
  for await (const line of readJsonLines(path)) {
    const value = convert(line);
    if (value !== undefined) yield { at: path, line: line.line, value };
  }
}

/** The rows of several files, one after the other. */
export async function* ofFiles<Value>(
  files: readonly FoundFile[],
  rows: (path: string, file: FoundFile) => LocatedStream<Value>,
): LocatedStreamOf<Value> {
  for (const file of files) yield* rows(file.path, file);
}
