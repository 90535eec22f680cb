/** Who makes the cells of a study: this process, or several workers. */
import type { Cell, CellWork } from './cell.ts';
import { peakMemory } from './cell-record.ts';
import type { CellResult } from './cell-result.ts';

/** Makes cells. */
export interface CellMaker {
  /** Makes a cell whose needs are made. Errors: those of the cell. */
  make(cell: Cell, work: CellWork): Promise<CellResult>;
  /** Whether making the cell now would compute again what a busy worker has at hand. */
  repeats(cell: Cell): boolean;
  /** The most memory that making cells has held so far, in bytes. */
  peakMemory(): number;
}

/** Makes cells in this process. */
export const makeHere: CellMaker = {
  make: (cell, work) => cell.make(work),
  repeats: () => false,
  peakMemory,
};
