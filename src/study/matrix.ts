/** The design matrix: arms x shares x designs x seeds x test sets, as cells that need each other. */
import { AlignmentMemory } from '../train/alignment.ts';
import { bitextCell } from './bitext-student.ts';
import { type Cell, CellTable } from './cell.ts';
import { choiceCell } from './choices.ts';
import { comparedIn } from './compared.ts';
import { denseRuns, type TextEncoding } from './dense-runs.ts';
import { fusedRuns } from './fused-runs.ts';
import { lexicalRuns } from './lexical-runs.ts';
import {
  opticalCell,
  PassageVectors,
  type Point,
  type StudyContext,
  shiftCell,
  teacherCell,
} from './models.ts';
import { answerCells } from './reading.ts';
import { scoresCell } from './scores.ts';
import { sharesOfArm } from './study-arms.ts';
import type { StudyFiles } from './study-files.ts';
import { languagesOfStudy } from './study-languages.ts';
import type { ArmSettings } from './study-schema.ts';
import { switchedCell } from './switched-student.ts';
import { translationsCell } from './translations.ts';

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
 * @param options `readAll`: judged passages are read again where they were retrieved, as if none were (to time it)
 * @example const { cells } = studyMatrix(await StudyFiles.open(study, 'studies')); await runCells(cells, { out: 'runs/study' })
 */
export function studyMatrix(
  files: StudyFiles,
  { readAll = false }: { readonly readAll?: boolean } = {},
): Matrix {
  const { study } = files;
  const context: StudyContext = {
    study,
    files,
    readAll,
    table: new CellTable(),
    passageVectors: new PassageVectors(),
    alignment: new AlignmentMemory(),
  };
  const rows: MatrixRow[] = [];
  for (const [arm, settings] of Object.entries(study.arms))
    for (const point of pointsOf(settings, context))
      for (const test of Object.keys(study.tests)) {
        const languages = comparedIn(study, settings, test);
        if (languages.length === 0) continue;
        const found = runsOf(context, arm, point, test);
        const { runs, student } = found;
        // An arm that is the same at every seed is read by the reader of the first one.
        const group = alike(languages, found.students.values());
        const always = settings.kind === 'english-oracle';
        const reading = { group, seed: point.seed ?? study.seeds[0], test, languages, always };
        const isRead = study.reader?.arms?.includes(arm) ?? true;
        const answers = isRead
          ? answerCells(context, { ...reading, name: nameOf(arm, point), ...found })
          : undefined;
        const scores = scoresCell(context, nameOf(arm, point), runs, test, languages, answers, found.choices);
        rows.push({ arm, test, ...point, languages, student, scores });
      }
  return { rows, cells: context.table.cells };
}

/** What makes the searches and readings of two arms cost about the same: how many languages, and what models. */
function alike(languages: readonly string[], models: Iterable<Cell>): string {
  const counts = new Map<Cell['kind'], number>();
  for (const { kind } of new Set(models)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [`${languages.length}x`, ...[...counts].map(([kind, count]) => `${count} ${kind}`)].join(' ');
}

/** Where an arm stands: everywhere the same, at each seed, or at each seed, design and share. */
type Place = Partial<Point>;

/** What an arm varies with: BM25 nothing, models the seed, code switching the share too; a fusion all its parts do. */
function variesWith(arm: ArmSettings, { study }: Pick<StudyContext, 'study'>): 'nothing' | 'seed' | 'share' {
  if (arm.kind === 'lexical' || (arm.kind === 'translation' && arm.then === 'bm25')) return 'nothing';
  if (arm.kind === 'code-switched') return 'share';
  if (arm.kind !== 'fusion') return 'seed';
  const parts = arm.of.map((name) => variesWith(study.arms[name], { study }));
  return (['share', 'seed'] as const).find((each) => parts.includes(each)) ?? 'nothing';
}

/** The points at which an arm stands, in order of seed, design and share; a fusion stands where all its parts do. */
function pointsOf(arm: ArmSettings, context: StudyContext): Place[] {
  const { study } = context;
  const varied = variesWith(arm, context);
  if (varied === 'nothing') return [{}];
  if (varied === 'seed') return study.seeds.map((seed) => ({ seed }));
  const { rho, designs } = sharesOfArm(study, arm);
  return study.seeds.flatMap((seed) =>
    designs.flatMap((design) => rho.map((share) => ({ seed, design, rho: share }))),
  );
}

/** What an arm found at a point. */
interface FoundRuns {
  readonly runs: Cell;
  /** The student whose training realised the shares. */
  readonly student?: Cell;
  /** By language, the student that read the queries, where one did. */
  readonly students: ReadonlyMap<string, Cell>;
  readonly translations?: Cell;
  /** What it made of the choices of questions, where they have some. */
  readonly choices?: Cell;
}

function nameOf(arm: string, { rho, design, seed }: Place): string {
  return [arm, rho === undefined ? [] : [`rho${rho}`, design], seed ?? []].flat(2).join('-');
}

/** The runs of an arm at a point over a test set, in the languages that it is compared in. */
function runsOf(context: StudyContext, arm: string, point: Place, test: string): FoundRuns {
  const settings = context.study.arms[arm];
  const languages = comparedIn(context.study, settings, test);
  const students = new Map<string, Cell>();
  if (settings.kind === 'lexical')
    return { runs: lexicalRuns(context, arm, settings, test, languages), students };
  const { seed } = point;
  const name = nameOf(arm, point);
  if (settings.kind === 'fusion') {
    const parts = settings.of.map((part) => runsOf(context, part, placeOf(context, part, point), test));
    const runs = fusedRuns(
      context,
      { name, group: arm, test },
      settings,
      parts.map((part) => part.runs),
      languages,
    );
    return { runs, student: parts.find(({ student }) => student)?.student, students };
  }
  const translations =
    settings.kind === 'translation' ? translationsCell(context, arm, settings, test, languages) : undefined;
  if (settings.kind === 'translation' && settings.then === 'bm25') {
    const bm25 = { translate: 'none', stem: settings.stem } as const;
    return { runs: lexicalRuns(context, arm, bm25, test, languages, translations), students, translations };
  }
  if (seed === undefined) throw new Error(`${arm} has no seed`);
  const student =
    settings.kind === 'code-switched' ? switchedCell(context, arm, settings, { ...point, seed }) : undefined;
  const encodings = new Map(
    languages.map((code) => [
      code,
      student ? { model: student } : encodingOf(context, arm, settings, seed, code),
    ]),
  );
  for (const [code, { model }] of encodings) if (model.kind === 'student') students.set(code, model);
  const models = [...encodings.values()].flatMap(({ model, shift }) => (shift ? [model, shift] : [model]));
  const which = { name, group: alike(languages, models), seed, test };
  const runs = denseRuns(context, which, encodings, translations);
  const choices = translations ? undefined : choiceCell(context, which, encodings);
  return { runs, student, students, translations, choices };
}

/** The point of a part of a fusion: without what the part does not vary with. */
function placeOf(context: StudyContext, part: string, { seed, ...share }: Place): Place {
  const varied = variesWith(context.study.arms[part], context);
  return varied === 'nothing' ? {} : varied === 'seed' ? { seed } : { seed, ...share };
}

/** What encodes texts of a language in an arm that knows no share. */
function encodingOf(
  context: StudyContext,
  arm: string,
  settings: ArmSettings,
  seed: number,
  language: string,
): TextEncoding {
  const teacher = teacherCell(context, seed);
  if (settings.kind === 'mean-shift')
    return { model: teacher, shift: shiftCell(context, settings.sentences, seed, language) };
  if (settings.kind === 'optical') {
    const together = settings.packs === 'one' ? languagesOfStudy(context.study).trained : [language];
    return { model: opticalCell(context, arm, settings, seed, together) };
  }
  if (settings.kind === 'sentence-mse' || settings.kind === 'contrastive')
    return { model: bitextCell(context, arm, settings, seed) };
  return { model: teacher };
}
