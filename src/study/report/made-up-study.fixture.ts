/** A small study with made-up scores whose effects are known, for tests of its report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '../../random.ts';
import { VERSION } from '../../version.ts';
import { type Cell, CellTable } from '../cell.ts';
import { cellFolder } from '../cell-record.ts';
import type { CellResult } from '../cell-result.ts';
import type { Matrix, MatrixRow } from '../matrix.ts';
import type { ReportedStudy } from './conditions.ts';

/** What is made up. */
export interface MadeUpSettings {
  readonly questions?: number;
  readonly seeds?: readonly number[];
  readonly rho?: readonly number[];
  readonly measures?: readonly string[];
  /** Test set -> languages. */
  readonly tests?: Readonly<Record<string, readonly string[]>>;
  /** Seconds of each cell. */
  readonly seconds?: number;
  /** Rows whose cells are left unfinished. */
  readonly unfinished?: (row: Omit<MatrixRow, 'scores'>) => boolean;
  readonly arms?: ReportedStudy['arms'];
  readonly margin?: number;
  /** Languages without training data; lexical arms, mean shift and fusions are not compared there. */
  readonly unseen?: readonly string[];
}

/**
 * Mean of an arm before noise: `switched` gains 0.2 * rho in low-resource languages, loses nothing in others, and 0.1 *
 * rho in English.
 */
export function trueMean({ arm, rho = 0 }: Pick<MatrixRow, 'arm' | 'rho'>, language: string): number {
  if (language === 'en') return 0.8 - (arm === 'switched' ? 0.1 * rho : 0);
  const low = LOW.includes(language);
  const base: Record<string, [number, number]> = {
    'zero-shot': [0.22, 0.42],
    optical: [0.45, 0.52],
    oracle: [0.8, 0.8],
    dictionary: [0.4, 0.45],
    shift: [0.25, 0.42],
    contrast: [0.45, 0.48],
    hybrid: [0.5, 0.56],
    switched: [0.27 + 0.2 * rho, 0.47],
    both: [0.43 + 0.02 * rho, 0.53 - 0.05 * rho],
  };
  const [lower, higher] = base[arm] ?? [0.3, 0.3];
  return low ? lower : higher;
}

const LOW = ['sw', 'yo', 'th'];
const ARMS: ReportedStudy['arms'] = {
  'zero-shot': { kind: 'zero-shot' },
  oracle: { kind: 'english-oracle' },
  optical: { kind: 'optical' },
  dictionary: { kind: 'lexical', translate: 'dictionary' },
  switched: { kind: 'code-switched' },
  both: { kind: 'code-switched' },
};

/** Writes the cells into `out`. */
export function madeUpStudy(
  out: string,
  {
    questions = 60,
    seeds = [1, 2, 3],
    rho = [0, 0.5, 1],
    measures = ['nDCG@10', 'R@100'],
    tests = { desk: ['sw', 'yo', 'de'], shelf: ['de', 'ar'] },
    seconds = 1,
    unfinished = () => false,
    arms = ARMS,
    margin = 0.02,
    unseen = [],
  }: MadeUpSettings = {},
): { matrix: Matrix; study: ReportedStudy } {
  const table = new CellTable();
  const finish = (cell: Cell, result: CellResult = {}) => {
    mkdirSync(cellFolder(out, cell), { recursive: true });
    const { identity, settings, data, from } = cell;
    const record = { identity, version: VERSION, state: 'finished', seconds, result, settings, data, from };
    writeFileSync(`${cellFolder(out, cell)}.cell.json`, JSON.stringify(record));
  };
  const cellOf = (name: string, kind: Cell['kind'], needs: readonly Cell[] = []) =>
    table.add({ name, kind, group: kind, settings: { name }, data: {}, needs, make: async () => ({}) });
  const rows: MatrixRow[] = [];
  for (const [arm, { kind }] of Object.entries(arms))
    for (const place of places(kind, seeds, rho))
      for (const [test, languages] of Object.entries(tests)) {
        const name = [arm, place.rho, place.design, place.seed]
          .filter((part) => part !== undefined)
          .join('-');
        const teacher = place.seed === undefined ? [] : [cellOf(`teacher-${place.seed}`, 'teacher')];
        for (const cell of teacher) finish(cell);
        const student = place.rho === undefined ? undefined : cellOf(`student-${name}`, 'student', teacher);
        if (student) finish(student, { switching: shares(place) });
        const runs = cellOf(`runs-${name}-${test}`, 'runs', student ? [student] : teacher);
        finish(runs, kind === 'lexical' ? { translated: { sw: 0.5 } } : {});
        const scores = cellOf(`scores-${name}-${test}`, 'scores', [runs]);
        const read = NEEDS_DATA.includes(kind)
          ? languages.filter((code) => !unseen.includes(code))
          : languages;
        const row = {
          arm,
          test,
          ...place,
          student,
          languages: kind === 'english-oracle' ? ['en'] : [...read, ...(isStudent(kind) ? ['en'] : [])],
        };
        rows.push({ ...row, scores });
        if (unfinished(row)) continue;
        finish(scores);
        writeFileSync(
          join(cellFolder(out, scores), 'scores.json'),
          JSON.stringify(
            Object.fromEntries(row.languages.map((code) => [code, scoresOf(row, code, measures, questions)])),
          ),
        );
      }
  const codes = [...new Set(Object.values(tests).flat())];
  const study = {
    arms,
    measures,
    teacher: { size: 'mini' },
    margin,
    languages: Object.fromEntries(
      codes.map((code) => [code, { low: LOW.includes(code), train: !unseen.includes(code) }]),
    ),
  };
  return { matrix: { rows, cells: table.cells }, study };
}

/** Arms that are compared in languages with training data alone; the lexical arm of a fusion needs a dictionary. */
const NEEDS_DATA: readonly string[] = ['lexical', 'mean-shift', 'fusion'];

/** Students are scored on English queries too. */
function isStudent(kind: string): boolean {
  return kind === 'optical' || kind === 'code-switched' || kind === 'contrastive';
}

type Place = Pick<MatrixRow, 'seed' | 'rho' | 'design'>;

function places(kind: string, seeds: readonly number[], rho: readonly number[]): Place[] {
  if (kind === 'lexical') return [{}];
  if (kind !== 'code-switched') return seeds.map((seed) => ({ seed }));
  return seeds.flatMap((seed) =>
    (['natural', 'matched'] as const).flatMap((design) => rho.map((share) => ({ seed, design, rho: share }))),
  );
}

/** The natural design switches less as the share rises. */
function shares({ rho = 0, design }: Place): CellResult['switching'] {
  const p = design === 'matched' ? 0.3 : 0.4 - 0.2 * rho;
  const languages = { sw: rho, de: 1 - rho };
  const quotas = design === 'matched' ? { short: 4 } : {};
  const coverage = { sw: 0.4, de: 0.7 };
  return { askedP: 0.5, p, askedRho: rho, rho: rho * 0.96, languages, coverage, questions: 2400, ...quotas };
}

/** Noise that belongs to the question comes back in every arm; a smaller one belongs to the run. */
function scoresOf(
  row: Omit<MatrixRow, 'scores'>,
  language: string,
  measures: readonly string[],
  questions: number,
) {
  const values = measures.map((measure): [string, Record<string, number>] => {
    const hard = new RandomStream(1, `${row.test} ${measure}`);
    const own = new RandomStream(
      row.seed ?? 0,
      `${row.arm} ${row.rho} ${row.design} ${row.test} ${language} ${measure}`,
    );
    const list = Array.from({ length: questions }, (_, q): [string, number] => {
      const value = trueMean(row, language) + 0.12 * (hard.uniform() - 0.5) + 0.08 * (own.uniform() - 0.5);
      return [`q${q}`, Math.min(1, Math.max(0, value))];
    });
    return [measure, Object.fromEntries(list)];
  });
  const means = values.map(([measure, each]) => {
    const all = Object.values(each);
    return [measure, all.reduce((sum, value) => sum + value, 0) / all.length];
  });
  return { queries: questions, means: Object.fromEntries(means), values: Object.fromEntries(values) };
}
