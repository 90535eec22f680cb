/**
 * Reads queries: JSON lines with `id` (or `_id`), `text` and optionally `lang`/`language`, `answers`, and, where asked
 * for, `choices` with `correct`; or, by the name `.tsv`, `id<TAB>text`.
 */
import { RefractError } from '../errors.ts';
import {
  fieldError,
  idField,
  type JsonLine,
  optionalText,
  readJsonLines,
  textField,
  textListField,
} from './json-lines.ts';
import type { Query } from './records.ts';
import { isIdHeader, isTsvName, readTsvRows } from './tsv.ts';
import { UniqueIds } from './unique-ids.ts';

/** Which field holds the query's words. */
export interface QueryOptions {
  /**
   * JSON field of the text. Another one than `text`, such as `en` where a file carries the English original
   * for an oracle run, also means that the file's `lang` does not describe it, so `language` is left out.
   * Default `text`.
   */
  readonly textField?: string;
  /** Read `choices` and `correct` too; otherwise whatever a file calls so is passed over. Default false. */
  readonly choices?: boolean;
}

/**
 * Yields the queries of `path` in file order; plain or gzip.
 *
 * Errors: those of `readLines`; `LINE_FORMAT` (line and field), `COLUMN_MISSING` (TSV), `DUPLICATE_ID`.
 *
 * @example for await (const query of streamQueries('queries.sw.jsonl')) console.log(query.text)
 */
export async function* streamQueries(path: string, options: QueryOptions = {}): AsyncGenerator<Query> {
  const ids = new UniqueIds(path, 'query');
  const field = options.textField ?? 'text';
  const { choices = false } = options;
  for await (const { line, query } of isTsvName(path)
    ? fromTsv(path, field)
    : fromJson(path, field, choices)) {
    ids.add(query.id, line);
    yield query;
  }
  ids.finish();
}

/** All queries of `path`; see `streamQueries` for formats and errors. */
export async function readQueries(path: string, options: QueryOptions = {}): Promise<Query[]> {
  const queries: Query[] = [];
  for await (const query of streamQueries(path, options)) queries.push(query);
  return queries;
}

interface NumberedQuery {
  readonly line: number;
  readonly query: Query;
}

async function* fromJson(path: string, field: string, choices: boolean): AsyncGenerator<NumberedQuery> {
  for await (const record of readJsonLines(path)) {
    const id = idField(record);
    const text = textField(record, field);
    if (text.trim() === '') throw fieldError(record, field, 'is empty', 'Remove the query or give it words.');
    const language =
      field === 'text' ? (optionalText(record, 'lang') ?? optionalText(record, 'language')) : undefined;
    const answers = textListField(record, 'answers');
    yield {
      line: record.line,
      query: {
        id,
        text,
        ...(language !== undefined && { language }),
        ...(answers !== undefined && { answers }),
        ...(choices && choiceFields(record)),
      },
    };
  }
}

/** The candidates of multiple choice and the index of the right one, where a record has them. */
function choiceFields(record: JsonLine): Pick<Query, 'choices' | 'correct'> {
  const choices = textListField(record, 'choices');
  if (choices === undefined) return {};
  if (choices.length < 2 || choices.some((choice) => choice.trim() === ''))
    throw fieldError(
      record,
      'choices',
      choices.length < 2 ? 'has fewer than two choices' : 'has an empty choice',
      'Give two choices or more, each with words.',
    );
  const { correct } = record.fields;
  if (typeof correct === 'number' && Number.isInteger(correct) && correct >= 0 && correct < choices.length)
    return { choices, correct };
  throw fieldError(
    record,
    'correct',
    `is no whole number from 0 to ${choices.length - 1}`,
    'It is the index of the right choice, counted from 0.',
  );
}

async function* fromTsv(path: string, field: string): AsyncGenerator<NumberedQuery> {
  if (field !== 'text')
    throw new RefractError('COLUMN_MISSING', `a TSV of queries has no field "${field}"`, {
      at: path,
      hint: 'Only JSON lines have named fields; leave the field out or give JSON lines.',
    });
  for await (const { line, cells } of readTsvRows(path)) {
    if (line === 1 && isIdHeader(cells)) continue;
    const [id, text] = cells;
    if (cells.length !== 2 || id.trim() === '' || text.trim() === '')
      throw new RefractError(cells.length < 2 ? 'COLUMN_MISSING' : 'LINE_FORMAT', tsvFault(cells), {
        at: path,
        line,
        hint: 'A row is id<TAB>text; JSON lines also hold a language and answers.',
      });
    yield { line, query: { id: id.trim(), text } };
  }
}

function tsvFault(cells: readonly string[]): string {
  if (cells.length !== 2)
    return `the row has ${cells.length} column${cells.length === 1 ? '' : 's'} where 2 are needed`;
  return cells[0].trim() === '' ? 'the id is empty' : 'the query is empty';
}
