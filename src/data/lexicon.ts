/**
 * Reads bilingual dictionaries: TSV of pivot, target and optionally the sources' names and a count; or, as MUSE
 * has them, two words a line with white space between.
 */
import { RefractError } from '../errors.ts';
import { recogniseSides } from './bitext-columns.ts';
import { normaliseSentence } from './clean.ts';
import { checkLanguage } from './language.ts';
import type { LexiconEntry } from './records.ts';
import { readTsvRows } from './tsv.ts';

/** The heading of a fourth column that says how many rows an entry stands for. */
export const COUNT_HEADING = 'count';

/** Why a row of a dictionary was left out. */
export type LexiconSkip = 'empty' | 'columns';

/** Entries, and the lines that were left out for want of a side (`empty`) or a column. */
export interface Lexicon {
  readonly entries: LexiconEntry[];
  readonly skipped: Readonly<Record<LexiconSkip, readonly number[]>>;
}

/**
 * Reads a dictionary with the account of what was left out. Both sides are NFC-normalised; a first row that
 * names both languages is a header; several translations of one word are several entries.
 *
 * Errors: those of `readLines`; `LANGUAGE_UNKNOWN`; `COLUMN_MISSING` when no row has two columns; `FILE_EMPTY`
 * when no row has both sides.
 *
 * @example const { entries, skipped } = await readLexiconReport('en-sw.tsv', 'sw')
 */
export async function readLexiconReport(path: string, language: string): Promise<Lexicon> {
  const code = checkLanguage(language);
  const entries: LexiconEntry[] = [];
  const skipped: Record<LexiconSkip, number[]> = { empty: [], columns: [] };
  let muse = false;
  let counted = false;
  for await (const { line, cells: row } of readTsvRows(path)) {
    if (entries.length === 0 && row.length === 1) muse ||= line === 1 && spaced(row[0]).length === 2;
    const cells = muse && row.length === 1 ? spaced(row[0]) : row;
    if (cells.length < 2) {
      skipped.columns.push(line);
      continue;
    }
    if (line === 1 && recogniseSides(cells.slice(0, 2), { language: code, pivotLanguage: 'en' })) {
      counted = cells[3]?.trim() === COUNT_HEADING;
      continue;
    }
    const pivot = normaliseSentence(cells[0]);
    const target = normaliseSentence(cells[1]);
    const source = cells[2]?.trim() ?? '';
    const count = counted ? Number(cells[3]) : Number.NaN;
    if (pivot === '' || target === '') skipped.empty.push(line);
    else
      entries.push({
        pivot,
        target,
        language: code,
        ...(source !== '' && { source }),
        ...(Number.isSafeInteger(count) && count > 1 && { count }),
      });
  }
  if (entries.length > 0) return { entries, skipped };
  const columns = skipped.empty.length === 0 && skipped.columns.length > 0;
  throw new RefractError(
    columns ? 'COLUMN_MISSING' : 'FILE_EMPTY',
    columns ? 'no row has two columns' : 'no row has both sides',
    {
      at: path,
      hint: 'A row is word<TAB>translation, with the sources as an optional third column.',
    },
  );
}

function spaced(row: string): string[] {
  return row.trim().split(/\s+/);
}

/**
 * The entries of a dictionary; see `readLexiconReport` for the format, the errors and the rows left out.
 *
 * @example const entries = await readLexicon('en-sw.tsv', 'sw') // [{ pivot: 'water', target: 'maji', language: 'sw' }]
 */
export async function readLexicon(path: string, language: string): Promise<LexiconEntry[]> {
  return (await readLexiconReport(path, language)).entries;
}
