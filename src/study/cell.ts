/**
 * A cell is a piece of a study's work with a folder of its own: a teacher, a student, an index, runs, answers, choices,
 * scores. Cells need other cells. Two that are made from the same settings, data and cells are one, and are made once.
 */
import { RefractError } from '../errors.ts';
import type { WorkControl } from '../train/work.ts';
import { identity } from './cell-identity.ts';
import type { CellResult } from './cell-result.ts';

/** What a cell is. */
export type CellKind =
  | 'teacher'
  | 'negatives'
  | 'student'
  | 'shift'
  | 'translations'
  | 'index'
  | 'reader'
  | 'runs'
  | 'answers'
  | 'choices'
  | 'scores';

/** How a cell is made. */
export interface CellWork {
  /** Where the cell goes; written atomically by `make`. */
  readonly folder: string;
  /** The folder of a cell that this one needs. */
  readonly folderOf: (cell: Cell) => string;
  /** `resume` is set when an earlier piece of work on this cell was stopped. */
  readonly control: WorkControl;
}

/** What decides how long a cell trains. */
export interface CellTraining {
  readonly steps: number;
  /** Steps between dev measures; 0 for none. */
  readonly evaluateEvery: number;
  /** Vectors of training passages that its steps look up, which students of one teacher share. */
  readonly lookUps?: {
    /** The teacher's cell. */
    readonly teacher: string;
    /** Passages of a step. */
    readonly perStep: number;
    /** Students with the same draws look up the same passages. */
    readonly draws: string;
  };
}

/** A cell to be made. */
export interface CellPlan {
  /** Its folder's name. */
  readonly name: string;
  readonly kind: CellKind;
  /** Cells of one group cost about the same: what `refract study plan` measures once. */
  readonly group: string;
  /** Everything that decides its content, beside data and needed cells. */
  readonly settings: unknown;
  readonly data: Readonly<Record<string, string>>;
  readonly needs: readonly Cell[];
  /** How it trains, where it does. */
  readonly training?: CellTraining;
  readonly make: (work: CellWork) => Promise<CellResult>;
}

/** A cell with its identity. */
export interface Cell extends CellPlan {
  readonly from: Readonly<Record<string, string>>;
  readonly identity: string;
}

/** The cells of a study, each once, in an order in which they can be made. */
export class CellTable {
  private readonly byIdentity = new Map<string, Cell>();
  private readonly names = new Map<string, string>();

  /** The cells, needed ones first. */
  get cells(): readonly Cell[] {
    return [...this.byIdentity.values()];
  }

  /**
   * The cell of a plan: the one that is there when it is the same work under any name, or a new one.
   *
   * @throws RefractError `SETTING_INVALID` when other work has the name
   */
  add(plan: CellPlan): Cell {
    const { kind, settings, data, needs } = plan;
    const from = Object.fromEntries(needs.map((need) => [need.name, need.identity]));
    const key = identity({ settings: { kind, settings }, data, from });
    const known = this.byIdentity.get(key);
    if (known) return known;
    if (this.names.has(plan.name))
      throw new RefractError('SETTING_INVALID', `two different cells would be called ${plan.name}`, {
        hint: 'Give the arm or the test set another name.',
      });
    const cell = { ...plan, settings: { kind, settings }, from, identity: key };
    this.names.set(plan.name, key);
    this.byIdentity.set(key, cell);
    return cell;
  }
}
