/** The results of a study as tables: a row for each arm, share, design, seed, test set and language. */
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import { type CellRecord, cellFolder, readCell } from './cell-record.ts';
import type { Matrix, MatrixRow } from './matrix.ts';
import { readScores } from './scores.ts';

/** Scores of an arm in one language of a test set. */
export interface ScoreRow extends Omit<MatrixRow, 'scores' | 'student' | 'languages'> {
  readonly language: string;
  readonly queries: number;
  /** Means over the judged queries, by measure. */
  readonly means: Readonly<Record<string, number>>;
  /** Shares of switched words as realised, where there are any. */
  readonly realised?: CellRecord['result']['switching'];
}

/** All scores that are there, in the order of the matrix; `missing` rows have unfinished cells. */
export function studyScores({ rows }: Matrix, out: string): { scores: ScoreRow[]; missing: number } {
  const scores: ScoreRow[] = [];
  let missing = 0;
  for (const { scores: cell, student, languages, ...row } of rows) {
    if (readCell(out, cell)?.state !== 'finished') {
      missing++;
      continue;
    }
    const found = readScores(cellFolder(out, cell));
    const realised = student && readCell(out, student)?.result.switching;
    for (const language of languages) {
      const { queries, means } = found[language];
      scores.push({ ...row, language, queries, means, ...(realised && { realised }) });
    }
  }
  return { scores, missing };
}

const HEAD = ['arm', 'design', 'rho', 'realised rho', 'realised p', 'seed', 'test', 'language', 'queries'];

/** Rows as cells of text, with a head. */
function table(scores: readonly ScoreRow[], measures: readonly string[]): string[][] {
  const number = (value: number | undefined) => (value === undefined ? '' : value.toFixed(4));
  return [
    [...HEAD, ...measures],
    ...scores.map((row) => [
      row.arm,
      row.design ?? '',
      row.rho === undefined ? '' : String(row.rho),
      number(row.realised?.rho),
      number(row.realised?.p),
      row.seed === undefined ? '' : String(row.seed),
      row.test,
      row.language,
      String(row.queries),
      ...measures.map((measure) => number(row.means[measure])),
    ]),
  ];
}

/**
 * The scores as CSV and as a Markdown table; equal studies give equal bytes.
 *
 * @example writeResults(scores, ['nDCG@10'], 'runs/study') // runs/study/scores.csv, runs/study/scores.md
 */
export function writeResults(
  scores: readonly ScoreRow[],
  measures: readonly string[],
  out: string,
): { csv: string; markdown: string } {
  const [head, ...rows] = table(scores, measures);
  const csv = [head, ...rows].map((cells) => `${cells.join(',')}\n`).join('');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const markdown = line(head) + line(head.map(() => '---')) + rows.map(line).join('');
  writeFileAtomic(join(out, 'scores.csv'), csv);
  writeFileAtomic(join(out, 'scores.md'), markdown);
  return { csv, markdown };
}
