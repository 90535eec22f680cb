/** Makes cells in the order of their needs, several at a time, skipping those that are finished. */
import { existsSync } from 'node:fs';
import { interruption } from '../stage.ts';
import type { WorkControl } from '../train/work.ts';
import type { Cell } from './cell.ts';
import { type FailedCell, failureOf, messageOf, stopsStudy } from './cell-failure.ts';
import { type CellMaker, makeHere } from './cell-maker.ts';
import { type CellRecord, cellFolder, readCell, writeCell } from './cell-record.ts';
import { TimeLeft } from './time-left.ts';

/** How cells are made. */
export interface RunCellsOptions extends Omit<WorkControl, 'resume'> {
  /** The study's output folder. */
  readonly out: string;
  /** Cells that are made at a time; default 1. */
  readonly jobs?: number;
  /** Who makes them: by default this process, in which computing of several cells is one after the other. */
  readonly maker?: CellMaker;
  /** Make stale cells again instead of refusing them. */
  readonly redo?: boolean;
  /** Hears of each cell: when it begins, and when it is finished. */
  readonly tell?: (message: string) => void;
}

/**
 * Makes all cells that are not finished, and returns the records of all by name. When one fails, those that need it are
 * not begun, all others are made, and then the first error is thrown. When the work is stopped or the disk is full,
 * cells in hand come to their end or to a safe place and no further one is begun. Either way finished ones stay, and the
 * same call goes on from there.
 *
 * @param cells in an order in which each comes after those it needs
 * @throws RefractError `RESUME_MISMATCH` for a stale cell, before anything is made; `INTERRUPTED`; and what the first
 *   cell that failed threw, with the names of all that did
 * @example await runCells(studyMatrix(files).cells, { out: 'runs/study', jobs: 2 })
 */
export async function runCells(
  cells: readonly Cell[],
  { out, jobs = 1, maker = makeHere, redo, tell = () => {}, ...control }: RunCellsOptions,
): Promise<Map<string, CellRecord>> {
  const records = new Map<string, CellRecord>();
  const earlier = new Map(cells.map((cell) => [cell, readCell(out, cell, redo)]));
  const waiting = new Set<Cell>();
  const timeLeft = new TimeLeft();
  for (const cell of cells) {
    const record = earlier.get(cell);
    if (record?.state === 'finished' && existsSync(cellFolder(out, cell))) {
      records.set(cell.name, record);
      timeLeft.add(cell, record.seconds);
    } else waiting.add(cell);
  }
  const total = waiting.size;
  if (records.size > 0) tell(`${records.size} of ${cells.length} cells are finished`);
  let begun = 0;
  const failed: FailedCell[] = [];
  let stop: unknown;
  const inHand = new Set<Promise<void>>();
  const make = async (cell: Cell, resume: boolean, before: number) => {
    const start = performance.now();
    const seconds = () => before + (performance.now() - start) / 1000;
    const left = timeLeft.of([cell, ...waiting], jobs);
    tell(`${++begun}/${total} ${cell.name}${left === undefined ? '' : ` (${left})`}`);
    try {
      writeCell(out, cell, 'started', before);
      const result = await maker.make(cell, {
        folder: cellFolder(out, cell),
        folderOf: (need) => cellFolder(out, need),
        control: { ...control, resume },
      });
      const made = { result, memoryBytes: maker.peakMemory() };
      const record = writeCell(out, cell, 'finished', seconds(), made);
      records.set(cell.name, record);
      timeLeft.add(cell, record.seconds);
    } catch (error) {
      if (stopsStudy(error)) stop ??= error;
      else {
        failed.push({ cell, error });
        tell(`${cell.name} failed, others go on: ${messageOf(error)}`);
      }
      try {
        writeCell(out, cell, 'started', seconds());
      } catch (unwritten) {
        // No cell could be written any more; those in hand still come to their end.
        stop ??= unwritten;
      }
    }
  };
  while (stop === undefined && (waiting.size > 0 || inHand.size > 0)) {
    if (control.signal?.aborted) stop = interruption('the study was stopped between two cells', undefined);
    while (stop === undefined && inHand.size < jobs) {
      const ready = [...waiting].filter(({ needs }) => needs.every(({ name }) => records.has(name)));
      const cell = ready.find((each) => !maker.repeats(each)) ?? ready[0];
      if (cell === undefined) break;
      waiting.delete(cell);
      const record = earlier.get(cell);
      const work = make(cell, record?.state === 'started', record?.seconds ?? 0).finally(() =>
        inHand.delete(work),
      );
      inHand.add(work);
    }
    // What still waits with nothing in hand needs a cell that failed.
    if (inHand.size === 0) break;
    await Promise.race(inHand);
  }
  await Promise.all(inHand);
  if (stop !== undefined) throw stop;
  if (failed.length > 0) throw failureOf(failed, [...waiting]);
  return records;
}
