/** Rows of MS MARCO's training triples and of its lists of a thousand passages to rerank. */
import { RefractError } from '../../errors.ts';
import { readLines } from '../lines.ts';
import type { Passage, Query, RunEntry, Triple } from '../records.ts';
import type { AnyPart } from './data-set.ts';
import { IdTable } from './id-table.ts';
import { type Located, tsvRows } from './rows.ts';
import type { FoundFile } from './set-folder.ts';

/** `query<TAB>positive<TAB>negative`: texts, or ids. */
export async function* tripleRows(path: string): AsyncGenerator<Located<Triple>> {
  for await (const { at, line, value } of tsvRows(path, ['query', 'positive', 'negative']))
    yield { at, line, value: { query: value[0], positive: value[1], negative: value[2] } };
}

const TOP1000 = ['qid', 'pid', 'query', 'passage'];

/** `qid<TAB>pid<TAB>query<TAB>passage`, in no order of relevance: equal scores. */
export async function* candidateRows(path: string): AsyncGenerator<Located<RunEntry>> {
  for await (const { at, line, value } of tsvRows(path, TOP1000))
    yield { at, line, value: { query: value[0].trim(), passage: value[1].trim(), score: 0 } };
}

/** The distinct passages, or queries, that such a file repeats in every row. */
export function candidateTexts(kind: 'passages' | 'queries', name: string, file: FoundFile): AnyPart {
  return kind === 'passages'
    ? { kind, name, files: [file.path], read: () => distinct(file.path, 1) }
    : { kind, name, files: [file.path], read: () => distinct(file.path, 0) };
}

/** @param id column of the id; its text stands two columns on. */
async function* distinct(path: string, id: number): AsyncGenerator<Passage & Query> {
  const seen = new IdTable();
  for await (const { line, value } of tsvRows(path, TOP1000)) {
    const key = value[id].trim();
    if (seen.add(key, line) === undefined) yield { id: key, text: value[id + 2] };
  }
}

/** `qid<TAB>pid<TAB>rank`, or TREC's six columns: mMARCO's runs. Scores fall with the rank. */
export async function* rankedRows(path: string): AsyncGenerator<Located<RunEntry>> {
  for await (const { line, text } of readLines(path)) {
    const cells = text.trim().split(/\s+/);
    if (cells.length === 1 && cells[0] === '') continue;
    const [query, passage, rank] = cells.length === 6 ? [cells[0], cells[2], cells[3]] : cells;
    if ((cells.length !== 3 && cells.length !== 6) || !/^\d+$/.test(rank))
      throw new RefractError('RUN_FORMAT', 'is no line of a ranking', {
        at: path,
        line,
        hint: 'A line is query<TAB>passage<TAB>rank, or "query Q0 passage rank score tag".',
      });
    yield { at: path, line, value: { query, passage, score: -Number(rank) } };
  }
}
