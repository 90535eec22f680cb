/** What a study has measured, arranged for its report: conditions (an arm at a point) with the scores of all seeds. */
import { type CellRecord, cellFolder, readCell } from '../cell-record.ts';
import type { Matrix, MatrixRow } from '../matrix.ts';
import { readScores, type Scores } from '../scores.ts';
import type { StudyLanguages } from '../study-languages.ts';

/** What a report must know of an arm. */
export interface ReportedArm {
  readonly kind: string;
  /** How a lexical arm translates. */
  readonly translate?: string;
  /** How many packs an optical arm makes of its languages. */
  readonly packs?: 'one' | 'each';
  /** The arms that a fusion is of. */
  readonly of?: readonly string[];
}

/** What a report must know of a study; a `Study` is one. */
export interface ReportedStudy extends StudyLanguages {
  /** By name. */
  readonly arms: Readonly<Record<string, ReportedArm>>;
  /** The first is what the report is about. */
  readonly measures: readonly string[];
  /** With `size` where teachers are trained. */
  readonly teacher: object;
  /** Changes below it, in units of the measure, count as none. */
  readonly margin: number;
  /** Test sets, languages and arms that a reader was limited to. */
  readonly reader?: {
    readonly tests?: readonly string[];
    readonly languages?: readonly string[];
    readonly arms?: readonly string[];
  };
}

/** The scores of one training run, or of an arm that draws nothing (no seed). */
export interface SeedScores {
  readonly seed?: number;
  readonly scores: Scores;
}

/** Shares of code switching as training realised them. */
export type Shares = NonNullable<CellRecord['result']['switching']>;

/** An arm at one point of the matrix, over all its seeds. */
export interface Condition {
  readonly arm: string;
  readonly kind: string;
  readonly design?: MatrixRow['design'];
  /** As asked for. */
  readonly rho?: number;
  /** Of each training run, in the order of the seeds. */
  readonly shares: readonly Shares[];
  /** Test set -> finished scores, in the order of the seeds. */
  readonly tests: ReadonlyMap<string, readonly SeedScores[]>;
}

/** What is there and what is not. */
export interface StudyState {
  readonly conditions: readonly Condition[];
  /** Rows whose scores are not finished. */
  readonly missing: readonly MatrixRow[];
}

/** A condition while it is filled. */
interface Growing extends Omit<Condition, 'shares' | 'tests'> {
  readonly shares: Map<string, Shares>;
  readonly tests: Map<string, SeedScores[]>;
}

/**
 * Reads every finished score of a study, in the order of the matrix.
 *
 * @throws RefractError `RESUME_MISMATCH` for a stale cell
 */
export function readConditions(matrix: Matrix, study: ReportedStudy, out: string): StudyState {
  const found = new Map<string, Growing>();
  const missing: MatrixRow[] = [];
  for (const row of matrix.rows) {
    const { arm, design, rho, seed, test, student } = row;
    if (readCell(out, row.scores)?.state !== 'finished') {
      missing.push(row);
      continue;
    }
    const key = JSON.stringify([arm, design, rho]);
    const condition: Growing = found.get(key) ?? {
      arm,
      kind: study.arms[arm]?.kind ?? '',
      design,
      rho,
      shares: new Map(),
      tests: new Map(),
    };
    found.set(key, condition);
    const list = condition.tests.get(test) ?? [];
    list.push({ seed, scores: readScores(cellFolder(out, row.scores)) });
    condition.tests.set(test, list);
    const switching = student && readCell(out, student)?.result.switching;
    if (student && switching) condition.shares.set(student.name, switching);
  }
  const conditions = [...found.values()].map(
    (each): Condition => ({ ...each, shares: [...each.shares.values()] }),
  );
  return { conditions, missing };
}

/**
 * How a condition is called in tables and sentences.
 *
 * @example conditionName({ arm: 'switched', design: 'matched', rho: 0.5 }) // 'switched, matched, rho 0.5'
 */
export function conditionName({ arm, design, rho }: Pick<Condition, 'arm' | 'design' | 'rho'>): string {
  return [arm, ...(design === undefined ? [] : [design]), ...(rho === undefined ? [] : [`rho ${rho}`])].join(
    ', ',
  );
}

/** The share of low-resource languages that training realised, over seeds; the asked one where none is told. */
export function realisedRho({ shares, rho = 0 }: Pick<Condition, 'shares' | 'rho'>): number {
  return shares.length === 0 ? rho : shares.reduce((sum, each) => sum + each.rho, 0) / shares.length;
}
