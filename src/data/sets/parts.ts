/** Makes the parts of a data set from streams of rows; here empty and repeated records are left out and counted. */
import type { Judgment, Passage, Query } from '../records.ts';
import type { DataSetPart, PartKind, PartRecords } from './data-set.ts';
import { IdTable } from './id-table.ts';
import type { ReadingNotes } from './reading-notes.ts';
import type { Located, LocatedStream } from './rows.ts';
import { ofFiles, qrels } from './rows.ts';
import type { FoundFile } from './set-folder.ts';

/** Reads the rows of one file. */
export type RowReader<Value> = (path: string, file: FoundFile, notes?: ReadingNotes) => LocatedStream<Value>;

/** A part of `kind` over `files`, its records being the values of `rows`. */
export function part<Kind extends PartKind>(
  kind: Kind,
  name: string,
  files: readonly FoundFile[],
  rows: RowReader<PartRecords[Kind]>,
): DataSetPart<Kind> {
  return {
    kind,
    name,
    files: files.map((file) => file.path),
    read: (notes) => values(ofFiles(files, (path, file) => rows(path, file, notes))),
  };
}

/** Passages, each id once and each with a text or a title. */
export function passagesPart(
  name: string,
  files: readonly FoundFile[],
  rows: RowReader<Passage>,
): DataSetPart<'passages'> {
  return {
    kind: 'passages',
    name,
    files: files.map((file) => file.path),
    read: (notes) =>
      unique(
        ofFiles(files, (path, file) => rows(path, file, notes)),
        ({ text, title }) => text.trim() === '' && (title === undefined || title.trim() === ''),
        notes,
      ),
  };
}

/** Queries, each id once and each with a text. */
export function queriesPart(
  name: string,
  files: readonly FoundFile[],
  rows: RowReader<Query>,
): DataSetPart<'queries'> {
  return {
    kind: 'queries',
    name,
    files: files.map((file) => file.path),
    read: (notes) =>
      unique(
        ofFiles(files, (path, file) => rows(path, file, notes)),
        ({ text }) => text.trim() === '',
        notes,
      ),
  };
}

/** Judgments, each pair once. */
export function qrelsPart(
  name: string,
  files: readonly FoundFile[],
  rows: RowReader<Judgment> = qrels,
): DataSetPart<'qrels'> {
  return {
    kind: 'qrels',
    name,
    files: files.map((file) => file.path),
    read: (notes) =>
      judgments(
        unique(withPairIds(ofFiles(files, (path, file) => rows(path, file, notes))), () => false, notes),
      ),
  };
}

async function* values<Value>(rows: LocatedStream<Value>): AsyncGenerator<Value> {
  for await (const { value } of rows) yield value;
}

/** A judgment with its pair as an id; a tab is in no id. */
interface PairedJudgment {
  readonly id: string;
  readonly judgment: Judgment;
}

async function* withPairIds(rows: LocatedStream<Judgment>): AsyncGenerator<Located<PairedJudgment>> {
  for await (const { at, line, value } of rows)
    yield { at, line, value: { id: `${value.query}\t${value.passage}`, judgment: value } };
}

async function* judgments(pairs: AsyncIterable<PairedJudgment>): AsyncGenerator<Judgment> {
  for await (const { judgment } of pairs) yield judgment;
}

async function* unique<Value extends { readonly id: string }>(
  rows: LocatedStream<Value>,
  isEmpty: (value: Value) => boolean,
  notes?: ReadingNotes,
): AsyncGenerator<Value> {
  const ids = new IdTable();
  for await (const { at, line, value } of rows) {
    if (isEmpty(value)) notes?.add('empty', at, line);
    else if (ids.add(value.id, line) !== undefined) notes?.add('duplicate', at, line);
    else yield value;
  }
}
