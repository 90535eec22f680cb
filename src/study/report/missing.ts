/** What a study has not finished yet, what its cells warned of, and how many query words were translated. */

import { counted } from '../../counted.ts';
import { type CellRecord, readCell } from '../cell-record.ts';
import type { Matrix } from '../matrix.ts';
import { conditionName } from './conditions.ts';
import { figure, type ReportTable } from './document.ts';
import type { StudyFigures } from './figures.ts';

/** Rows that are listed by name; the others are counted. */
const LISTED = 40;

/** A sentence for each row without scores, and one for those that are too many to list. */
export function missingRows({ missing }: StudyFigures): string[] {
  const names = missing.map(
    (row) => `${conditionName(row)}${row.seed === undefined ? '' : `, seed ${row.seed}`}, ${row.test}`,
  );
  const rest = names.length - LISTED;
  return [...names.slice(0, LISTED), ...(rest > 0 ? [`${counted(rest, 'further row')}`] : [])];
}

/** Warnings of finished cells, each with its cells. */
export function cellWarnings({ cells }: Matrix, out: string): string[] {
  const found = new Map<string, string[]>();
  for (const cell of cells)
    for (const warning of resultOf(readCell(out, cell))?.warnings ?? [])
      found.set(warning, [...(found.get(warning) ?? []), cell.name]);
  return [...found].map(([warning, [first, ...more]]) => {
    const others = more.length === 0 ? '' : ` and ${counted(more.length, 'other cell')}`;
    return `${first}${others}: ${warning}`;
  });
}

/** The share of the queries' words that lexical arms translated, by test set and language. */
export function translatedTable({ rows }: Matrix, out: string): ReportTable | undefined {
  const found = rows.flatMap(({ arm, test, scores }) =>
    scores.needs.flatMap((need) => {
      const translated = resultOf(readCell(out, need))?.translated;
      return translated ? [{ arm, test, translated }] : [];
    }),
  );
  if (found.length === 0) return undefined;
  const codes = [...new Set(found.flatMap(({ translated }) => Object.keys(translated)))];
  return {
    caption: 'Share of the words of the queries that were translated',
    names: 2,
    columns: ['arm', 'test set', ...codes],
    rows: found.map(({ arm, test, translated }) => [
      ...[arm, test],
      ...codes.map((code) => figure(translated[code])),
    ]),
  };
}

function resultOf(record: CellRecord | undefined): CellRecord['result'] | undefined {
  return record?.state === 'finished' ? record.result : undefined;
}
