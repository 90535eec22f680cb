/**
 * Bitext as tab-separated columns, found by number, by name, by a heading that is recognised, or, without any
 * of these, taken to be the last two (with the source's name first when there are four or more).
 */
import { nearest, RefractError } from '../errors.ts';
import { describeSides, recogniseSides, type Sides } from './bitext-columns.ts';
import { type Bitext, type BitextPair, type BitextSettings, sourceFromName } from './bitext-pair.ts';
import { countSkipped, emptyReport } from './bitext-report.ts';
import { readTsvRows, type TsvRow } from './tsv.ts';

interface Layout {
  readonly sides: Sides<number>;
  readonly hasHeader: boolean;
  /** Exact number of cells a row must have; undefined when the columns were given by number. */
  readonly width?: number;
  readonly note: string;
}

const ROWS_TO_JUDGE_BY = 100;

/**
 * Reads a TSV bitext. Rows with too few columns, or with more than the others, are counted and left out.
 *
 * Errors: those of `readLines`; `COLUMN_MISSING` (a named column does not exist, no row has enough columns,
 * or, when strict, one has too few); `LINE_FORMAT` (strict: too many).
 *
 * @example await readBitextTsv('en-sw.tsv', { language: 'sw', pivotLanguage: 'en', columns: ['3', '4', '1'], strict: false })
 */
export async function readBitextTsv(path: string, settings: BitextSettings): Promise<Bitext> {
  const rows = readTsvRows(path);
  try {
    return await readRows(path, rows, settings);
  } finally {
    await rows.return(undefined); // closes the file when an error left it half read
  }
}

async function readRows(
  path: string,
  rows: AsyncGenerator<TsvRow>,
  settings: BitextSettings,
): Promise<Bitext> {
  const first: TsvRow[] = [];
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    first.push(next.value);
    if (first.length === ROWS_TO_JUDGE_BY) break;
  }
  const layout = findLayout(path, first, settings);
  const report = { ...emptyReport([path]), layout: [layout.note] };
  const pairs: BitextPair[] = [];
  const name = sourceFromName(path);
  const { pivot, target, source } = layout.sides;
  const needed = layout.width ?? Math.max(pivot, target, source ?? 0) + 1;
  const take = ({ line, cells }: TsvRow) => {
    report.read++;
    const short = cells.length < needed;
    if (short || (layout.width !== undefined && cells.length > needed)) {
      if (settings.strict) throw widthError(path, line, cells.length, needed);
      return countSkipped(report, short ? 'columns' : 'extra-columns', { at: path, line });
    }
    const from = source === undefined || cells[source].trim() === '' ? name : cells[source].trim();
    const { language } = settings;
    pairs.push({ pivot: cells[pivot], target: cells[target], language, source: from, at: path, line });
  };
  for (const row of layout.hasHeader ? first.slice(1) : first) take(row);
  for await (const row of rows) take(row);
  report.kept = pairs.length;
  if (pairs.length === 0) throw noRowError(path, report.read, needed);
  return { pairs, report };
}

function findLayout(path: string, first: readonly TsvRow[], settings: BitextSettings): Layout {
  const head = first[0].cells;
  const describe = (sides: Sides<number>, how: string) =>
    `${describeSides(sides, settings, 'columns')} (${how})`;
  if (settings.columns !== undefined) {
    const byName = settings.columns.some((column) => !/^\d+$/.test(column.trim()));
    const [pivot, target, source] = settings.columns.map((column) => findColumn(path, column, head));
    const sides = source === undefined ? { pivot, target } : { pivot, target, source };
    const hasHeader =
      byName || recogniseSides([head[pivot] ?? '', head[target] ?? ''], settings) !== undefined;
    return {
      sides,
      hasHeader,
      ...(byName && { width: head.length }),
      note: describe(sides, hasHeader ? 'as asked; the first row is a header' : 'as asked; no header'),
    };
  }
  const named = recogniseSides(head, settings);
  if (named !== undefined)
    return { sides: named, hasHeader: true, width: head.length, note: describe(named, 'from the header') };
  const width = usualWidth(first);
  if (width < 2) throw noRowError(path, first.length, 2);
  const last = { pivot: width - 2, target: width - 1 };
  const sides = width >= 4 ? { ...last, source: 0 } : last;
  return { sides, hasHeader: false, width, note: describe(sides, 'no header; the last two') };
}

function findColumn(path: string, column: string, head: readonly string[]): number {
  const name = column.trim();
  if (/^[1-9]\d{0,3}$/.test(name)) return Number(name) - 1;
  const headings = head.map((heading) => heading.trim());
  const index = headings.findIndex((heading) => heading.toLowerCase() === name.toLowerCase());
  if (index >= 0) return index;
  const near = nearest(name, headings);
  throw new RefractError('COLUMN_MISSING', `there is no column "${name}"`, {
    at: path,
    line: 1,
    hint: `${near === undefined ? '' : `Did you mean "${near}"? `}The first row has: ${headings.join(', ').slice(0, 200)}. Columns without a header are given by number, from 1.`,
  });
}

/** The most frequent number of cells among the first rows that have two or more, the first one of a tie; or 1. */
function usualWidth(rows: readonly TsvRow[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of rows)
    if (cells.length > 1) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let usual = 1;
  for (const [width, count] of counts) if (count > (counts.get(usual) ?? 0)) usual = width;
  return usual;
}

function widthError(at: string, line: number, found: number, needed: number): RefractError {
  return new RefractError(
    found < needed ? 'COLUMN_MISSING' : 'LINE_FORMAT',
    `the row has ${found} column${found === 1 ? '' : 's'} where ${needed} are needed`,
    { at, line, hint: 'Correct the row, or leave --strict out to skip and count such rows.' },
  );
}

function noRowError(at: string, rows: number, needed: number): RefractError {
  return new RefractError(
    'COLUMN_MISSING',
    `none of the ${rows} rows read has the ${needed} columns needed`,
    {
      at,
      hint: 'Columns are separated by tabs; say which ones with --columns, for example --columns 1,2.',
    },
  );
}
