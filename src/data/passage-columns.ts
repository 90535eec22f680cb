/**
 * Columns of a TSV collection after `id` and `text`, as a header names them: `title`, `lang` or `language`, and else a
 * metadata field whose name may end in a type: `year:number`, `draft:boolean`, `topics:strings`. Text without it.
 */
import { fieldError } from './json-lines.ts';
import { checkFieldName } from './metadata.ts';
import type { MetadataValue, Passage } from './records.ts';

/** What a column after the second holds. */
export interface PassageColumn {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'strings';
  /** Whether it is a field of the passage itself rather than of its metadata. */
  readonly own: boolean;
}

interface Place {
  readonly at: string;
  readonly line: number;
}

/** Between the strings of one cell. */
const SEPARATOR = '|';
const TYPED = /^(.*):(string|number|boolean|strings)$/u;

/**
 * The columns from the third on, by the cells of a header.
 *
 * Errors: `LINE_FORMAT` for a column without a name, and for two of one name.
 *
 * @example passageColumns(place, ['id', 'text', 'title', 'year:number'])
 *   // [{ name: 'title', type: 'string', own: true }, { name: 'year', type: 'number', own: false }]
 */
export function passageColumns(place: Place, header: readonly string[]): PassageColumn[] {
  const columns: PassageColumn[] = [];
  for (const cell of header.slice(2).map((each) => each.trim())) {
    const [, typed, type] = TYPED.exec(cell) ?? [];
    const lower = cell.toLowerCase();
    const own = lower === 'title' ? 'title' : /^lang(uage)?$/.test(lower) ? 'language' : undefined;
    const name = own ?? typed ?? cell;
    if (own === undefined) checkFieldName(place, name);
    if (columns.some((column) => column.name === name))
      throw fieldError(place, name, 'is named by two columns', 'Rename or remove one of them.');
    columns.push({ name, type: (type ?? 'string') as PassageColumn['type'], own: own !== undefined });
  }
  return columns;
}

/**
 * A passage with what the row's cells from the third on hold; an empty cell is a missing value.
 *
 * Errors: `LINE_FORMAT` for a cell that is not of its column's type.
 */
export function withColumns(
  place: Place,
  { id, text }: Pick<Passage, 'id' | 'text'>,
  columns: readonly PassageColumn[],
  cells: readonly string[],
): Passage {
  const own: { title?: string; language?: string } = {};
  const metadata: [string, MetadataValue][] = [];
  columns.forEach((column, i) => {
    const cell = cells[i + 2] ?? '';
    if (cell.trim() === '') return;
    if (column.own) own[column.name as 'title' | 'language'] = column.name === 'title' ? cell : cell.trim();
    else metadata.push([column.name, cellValue(place, column, cell)]);
  });
  return {
    id,
    text,
    ...own,
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  };
}

function cellValue(place: Place, { name, type }: PassageColumn, cell: string): MetadataValue {
  if (type === 'string') return cell;
  if (type === 'strings')
    return cell
      .split(SEPARATOR)
      .map((each) => each.trim())
      .filter((each) => each !== '');
  if (type === 'number') {
    const number = Number(cell);
    if (Number.isFinite(number)) return number;
    throw fieldError(
      place,
      name,
      `is "${cell}" where a number is needed`,
      'Correct the cell or leave it empty.',
    );
  }
  const word = cell.trim().toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw fieldError(
    place,
    name,
    `is "${cell}" where true or false is needed`,
    'Correct the cell or leave it empty.',
  );
}
