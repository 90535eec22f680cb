/** Writes the report of a study into its output folder. */
import { join } from 'node:path';
import { writeFileAtomic } from '../../data/atomic.ts';
import { formatTable } from '../../eval/table.ts';
import type { Matrix } from '../matrix.ts';
import { answerOf, type StudyAnswer } from './answer.ts';
import type { ReportedStudy } from './conditions.ts';
import { armCosts } from './cost.ts';
import { type ReportSettings, type StudyFigures, studyFigures } from './figures.ts';
import { goalsCsv } from './goal-section.ts';
import { reportHtml } from './html.ts';
import { languagesCsv } from './language-figures.ts';
import { FIGURES_FOLDER, reportMarkdown } from './markdown.ts';
import { reportDocument } from './sections.ts';
import { summaryCsv } from './summary.ts';

/** What was written. */
export interface WrittenReport {
  readonly figures: StudyFigures;
  readonly answer: StudyAnswer;
  /** Paths of the files. */
  readonly files: readonly string[];
}

/**
 * Computes and writes `report.html`, `report.md` with `figures/*.svg`, `summary.csv`, `languages.csv`, `goals.csv` and `cost.csv`. Two runs of the
 * same study give equal bytes, but for `cost.csv` and the section on cost of both reports.
 *
 * @throws RefractError `RESUME_MISMATCH` for a stale cell, `DISK_FULL`
 * @example writeStudyReport(studyMatrix(files), study, 'runs/study').answer.lead
 */
export function writeStudyReport(
  matrix: Matrix,
  study: ReportedStudy,
  out: string,
  settings: ReportSettings = {},
): WrittenReport {
  const figures = studyFigures(matrix, study, out, settings);
  const costs = armCosts(matrix, out);
  const document = reportDocument(figures, matrix, out, costs);
  const blocks = document.sections.flatMap((section) => section.blocks);
  const contents = new Map<string, string>([
    ['report.html', reportHtml(document)],
    ['report.md', reportMarkdown(document)],
    ['summary.csv', summaryCsv(figures)],
    ['languages.csv', languagesCsv(figures)],
    ['goals.csv', goalsCsv(figures)],
    [
      'cost.csv',
      formatTable(
        {
          columns: ['arm', 'shared', 'cells', 'finished', 'seconds', 'bytes'],
          rows: costs.map((cost) => [
            ...[cost.name, String(cost.shared), cost.cells, cost.finished, cost.seconds, cost.bytes],
          ]),
        },
        'csv',
      ),
    ],
  ]);
  for (const block of blocks)
    if (block.kind === 'figure') contents.set(join(FIGURES_FOLDER, `${block.name}.svg`), `${block.svg}\n`);
  const files = [...contents].map(([name, content]) => {
    const path = join(out, name);
    writeFileAtomic(path, content);
    return path;
  });
  return { figures, answer: answerOf(figures), files };
}
