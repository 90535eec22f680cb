/**
 * Reads the collection: JSON lines with `id`, `text` and optionally `title`, `lang`/`language` and `metadata` (`_id` as
 * BEIR has it is taken too), or, by the name `.tsv`, MS MARCO's `id<TAB>text` with an optional third column for the
 * title, and more columns where a header names them.
 */
import { RefractError } from '../errors.ts';
import { fieldError, idField, optionalText, readJsonLines, textField } from './json-lines.ts';
import { metadataField } from './metadata.ts';
import { type PassageColumn, passageColumns, withColumns } from './passage-columns.ts';
import type { Passage } from './records.ts';
import { type NumberedId, StreamedIds } from './streamed-ids.ts';
import { isIdHeader, isTsvName, readTsvRows } from './tsv.ts';

/** Choices for `streamPassages`. */
export interface StreamPassagesOptions {
  /** Hears of passages without text, which are then left out; without it they are refused. */
  readonly onEmpty?: (id: string, line: number) => void;
}

/**
 * Yields the passages of `path` in file order; plain or gzip. Memory is flat: hashes of the ids are held, and the
 * file is read again when one is met twice.
 *
 * Errors: those of `readLines`; `LINE_FORMAT` (line and field), `COLUMN_MISSING` (TSV), `DUPLICATE_ID`.
 *
 * @example for await (const passage of streamPassages('passages.jsonl')) console.log(passage.id)
 */
export async function* streamPassages(
  path: string,
  { onEmpty }: StreamPassagesOptions = {},
): AsyncGenerator<Passage> {
  const ids = new StreamedIds(path, 'passage', () => idsOf(path));
  for await (const { line, passage } of numbered(path, onEmpty !== undefined)) {
    await ids.add(passage.id, line);
    if (isEmpty(passage)) onEmpty?.(passage.id, line);
    else yield passage;
  }
  ids.finish();
}

/** All passages of `path`; see `streamPassages` for formats and errors. */
export async function readPassages(path: string): Promise<Passage[]> {
  const passages: Passage[] = [];
  for await (const passage of streamPassages(path)) passages.push(passage);
  return passages;
}

interface NumberedPassage {
  readonly line: number;
  readonly passage: Passage;
}

function numbered(path: string, emptyToo: boolean): AsyncGenerator<NumberedPassage> {
  return isTsvName(path) ? fromTsv(path, emptyToo) : fromJson(path, emptyToo);
}

async function* idsOf(path: string): AsyncGenerator<NumberedId> {
  for await (const { line, passage } of numbered(path, true)) yield { line, id: passage.id };
}

function isEmpty({ text, title = '' }: Passage): boolean {
  return text.trim() === '' && title.trim() === '';
}

async function* fromJson(path: string, emptyToo: boolean): AsyncGenerator<NumberedPassage> {
  for await (const record of readJsonLines(path)) {
    const id = idField(record);
    const text = textField(record, 'text');
    const title = optionalText(record, 'title');
    if (!emptyToo && isEmpty({ id, text, title }))
      throw fieldError(
        record,
        'text',
        'is empty, and so is the title',
        'Remove the passage or give it a text.',
      );
    const language = optionalText(record, 'lang') ?? optionalText(record, 'language');
    const metadata = metadataField(record);
    const passage: Passage = {
      ...withTitle(id, text, title),
      ...(language === undefined ? {} : { language }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    yield { line: record.line, passage };
  }
}

async function* fromTsv(path: string, emptyToo: boolean): AsyncGenerator<NumberedPassage> {
  let columns: readonly PassageColumn[] | undefined;
  let first = true;
  for await (const { line, cells } of readTsvRows(path)) {
    const header = first && isIdHeader(cells);
    first = false;
    if (header) {
      columns = passageColumns({ at: path, line }, cells);
      continue;
    }
    const [id, text] = cells;
    const most = columns === undefined ? 3 : columns.length + 2;
    const fits = cells.length >= 2 && cells.length <= most;
    if (!fits || id.trim() === '' || (!emptyToo && text.trim() === ''))
      throw new RefractError(cells.length < 2 ? 'COLUMN_MISSING' : 'LINE_FORMAT', tsvFault(cells, most), {
        at: path,
        line,
        hint: 'A row is id<TAB>text, with a title as an optional third column and others that a header names; JSON lines are safer for free text.',
      });
    const passage =
      columns === undefined
        ? withTitle(id.trim(), text, cells[2])
        : withColumns({ at: path, line }, { id: id.trim(), text }, columns, cells);
    yield { line, passage };
  }
}

function tsvFault(cells: readonly string[], most: number): string {
  if (cells.length < 2 || cells.length > most) {
    const needed = most === 2 ? '2 are' : `2 ${most === 3 ? 'or' : 'to'} ${most} are`;
    return `the row has ${cells.length} column${cells.length === 1 ? '' : 's'} where ${needed} needed`;
  }
  return cells[0].trim() === '' ? 'the id is empty' : 'the text is empty';
}

function withTitle(id: string, text: string, title: string | undefined): Passage {
  return title === undefined || title === '' ? { id, text } : { id, text, title };
}
