/** The design matrix: arms x shares x designs x seeds x test sets, as cells that need each other. */
import { type Cell, CellTable } from './cell.ts';
import {
  opticalCell,
  type Point,
  type StudyContext,
  shiftCell,
  switchedCell,
  teacherCell,
} from './models.ts';
import { denseRuns, languagesOf, lexicalRuns, type QueryEncoding, scoresCell } from './searches.ts';
import type { StudyFiles } from './study-files.ts';
import type { ArmSettings } from './study-schema.ts';

/** A row of the matrix: what is varied, and the cell with its scores. */
export interface MatrixRow {
  readonly arm: string;
  readonly test: string;
  /** Absent where an arm has no such choice. */
  readonly seed?: number;
  readonly rho?: number;
  readonly design?: Point['design'];
  readonly languages: readonly string[];
  readonly scores: Cell;
  /** The cell whose training realised the shares. */
  readonly student?: Cell;
}

/** All work of a study. */
export interface Matrix {
  readonly rows: readonly MatrixRow[];
  /** Each once, needed ones first. */
  readonly cells: readonly Cell[];
}

/**
 * The cells of a study. Arms that know no share have one cell for all of them, and identical work is one cell
 * whatever arm asks for it.
 *
 * @example const { cells } = studyMatrix(new StudyFiles(study, 'studies')); await runCells(cells, { out: 'runs/study' })
 */
export function studyMatrix(files: StudyFiles): Matrix {
  const { study } = files;
  const context: StudyContext = { study, files, table: new CellTable() };
  const rows: MatrixRow[] = [];
  for (const [arm, settings] of Object.entries(study.arms))
    for (const point of pointsOf(settings, context))
      for (const test of Object.keys(study.tests)) {
        const languages =
          settings.kind === 'english-oracle' ? ['en'] : languagesOf(study.tests[test].queries);
        if (languages.length > 0) rows.push(rowOf(context, arm, settings, point, test, languages));
      }
  return { rows, cells: context.table.cells };
}

/** Where an arm stands in the matrix: BM25 once, models for each seed, code switching for each share too. */
function pointsOf({ kind }: ArmSettings, { study }: StudyContext): (Point | undefined)[] {
  if (kind === 'lexical') return [undefined];
  if (kind !== 'code-switched') return study.seeds.map((seed) => ({ seed }));
  return study.seeds.flatMap((seed) =>
    study.designs.flatMap((design) => study.rho.map((rho) => ({ seed, design, rho }))),
  );
}

function rowOf(
  context: StudyContext,
  arm: string,
  settings: ArmSettings,
  point: Point | undefined,
  test: string,
  languages: readonly string[],
): MatrixRow {
  if (settings.kind === 'lexical' || point === undefined) {
    if (settings.kind !== 'lexical') throw new Error(`${arm} has no seed`);
    const runs = lexicalRuns(context, arm, settings, test);
    return { arm, test, languages, scores: scoresCell(context, runs, test, languages) };
  }
  const { rho, design, seed } = point;
  const name = [arm, ...(rho === undefined ? [] : [`rho${rho}`, design]), seed].join('-');
  const student = settings.kind === 'code-switched' ? switchedCell(context, arm, settings, point) : undefined;
  const encodings = new Map(
    languages.map((code) => [
      code,
      student ? { model: student } : encodingOf(context, arm, settings, seed, code),
    ]),
  );
  const runs = denseRuns(context, { name, group: arm, seed, test }, encodings);
  return { arm, test, ...point, languages, student, scores: scoresCell(context, runs, test, languages) };
}

/** What encodes a language's queries in an arm that knows no share. */
function encodingOf(
  context: StudyContext,
  arm: string,
  settings: ArmSettings,
  seed: number,
  language: string,
): QueryEncoding {
  const teacher = teacherCell(context, seed);
  if (settings.kind === 'mean-shift')
    return { model: teacher, shift: shiftCell(context, settings.sentences, seed, language) };
  if (settings.kind === 'optical') {
    const together = settings.packs === 'one' ? Object.keys(context.study.languages) : [language];
    return { model: opticalCell(context, arm, settings, seed, together) };
  }
  return { model: teacher };
}
