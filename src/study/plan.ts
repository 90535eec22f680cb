/** What a study will cost: the cells that are not finished, each at the cost of its group in a probe. */
import { availableParallelism } from 'node:os';
import { MOST_FLOATS } from '../train/teacher-vectors.ts';
import type { Cell } from './cell.ts';
import { peakMemory, readCell } from './cell-record.ts';
import { threadsOfEach } from './cell-workers.ts';
import { type GroupCost, groupCosts, sharesOf } from './extrapolation.ts';
import type { Matrix } from './matrix.ts';
import { type ProbePasses, probe, type WorkTime } from './probe.ts';
import type { RunCellsOptions } from './run-cells.ts';
import { encodingTime, type FreshPassages, freshPassages } from './shared-passages.ts';
import type { StudyFiles } from './study-files.ts';

/** What a cell will cost; nothing when it is finished. */
export interface CellCost {
  readonly name: string;
  readonly kind: Cell['kind'];
  readonly finished: boolean;
  /** With the threads of a job. */
  readonly seconds: number;
  /** Processor time, all cores together. */
  readonly processor: number;
  readonly bytes: number;
}

/** What a study will cost. */
export interface StudyCost {
  readonly cells: readonly CellCost[];
  /** Of the cells that are not finished, with as many jobs as asked for; reports are not counted. */
  readonly seconds: number;
  readonly processor: number;
  readonly bytes: number;
  /** Peak resident memory of all processes that make them. */
  readonly memoryBytes: number;
  readonly jobs: number;
  readonly probeSeconds: number;
}

/**
 * Predicts the cost of the cells that are not finished. The probe has the threads that one of the jobs will have.
 *
 * @throws RefractError what `runCells` throws, also for stale cells in `options.out`
 * @example (await planStudy(files, studyMatrix(files), { out: 'runs/study', jobs: 2 })).seconds
 */
export async function planStudy(
  files: StudyFiles,
  { cells }: Matrix,
  options: RunCellsOptions,
): Promise<StudyCost> {
  const { out, jobs = 1, redo, threads = jobs === 1 ? undefined : threadsOfEach(jobs) } = options;
  const finished = new Set(cells.filter((cell) => readCell(out, cell, redo)?.state === 'finished'));
  const start = performance.now();
  const waiting = cells.filter((cell) => !finished.has(cell));
  const probed = waiting.length === 0 ? undefined : await predict(files, waiting, { ...options, threads });
  const costs = cells.map((cell): CellCost => {
    const { seconds = 0, processor = 0, bytes = 0 } = probed?.times.get(cell) ?? {};
    return { name: cell.name, kind: cell.kind, finished: finished.has(cell), seconds, processor, bytes };
  });
  const sum = (of: 'seconds' | 'processor' | 'bytes') => costs.reduce((total, cost) => total + cost[of], 0);
  return {
    cells: costs,
    seconds: Math.max(
      timeWithJobs(waiting, (cell) => probed?.times.get(cell)?.seconds ?? 0, jobs),
      // More jobs than cores share these.
      jobs === 1 ? 0 : sum('processor') / availableParallelism(),
    ),
    processor: sum('processor'),
    bytes: sum('bytes'),
    memoryBytes: probed?.memoryBytes ?? 0,
    jobs,
    probeSeconds: probed ? (performance.now() - start) / 1000 : 0,
  };
}

/**
 * Buffers are freed late, and a run of hours comes to hold more of them at a time than the few steps of a probe: of
 * the study of bench/study-plan.ts, whose probe held as much as its largest cell, 1.3 to 1.6 times as much.
 */
const FREED_LATE = 1.25;

/** Times of cells, and the memory of the processes that make them, from a probe. */
async function predict(files: StudyFiles, cells: readonly Cell[], options: RunCellsOptions) {
  const handingOut = peakMemory();
  const { passes, loadedMemory } = await probe(files, options);
  const passages = (await files.passages(files.study.train.passages)).length;
  const groups = groupCosts(passes, files.study.depth);
  const fresh = freshPassages(cells, passages);
  const times = cellTimes(cells, groups, fresh.of, encodingTime(passes, passages));
  const ofJob = memoryOfJob(passes, groups, fresh.held, { loadedMemory, peak: peakMemory() });
  const { jobs = 1 } = options;
  // With several jobs, the process that hands out the work has read some of the data.
  return { times, memoryBytes: jobs === 1 ? ofJob : handingOut + jobs * ofJob };
}

/**
 * Seconds until all cells are made, each begun when what it needs is made and one of the jobs is free, in their order.
 *
 * @param cells each after those of them that it needs
 * @example timeWithJobs([teacher, one, two], () => 10, 2) // 20, where both need the teacher
 */
export function timeWithJobs(
  cells: readonly Cell[],
  secondsOf: (cell: Cell) => number,
  jobs: number,
): number {
  const free = new Array<number>(jobs).fill(0);
  const waiting = new Set(cells);
  const ends = new Map<string, number>();
  const readyAt = ({ needs }: Cell) => Math.max(0, ...needs.map(({ name }) => ends.get(name) ?? 0));
  while (waiting.size > 0) {
    const now = Math.min(...free);
    let next: { cell: Cell; at: number } | undefined;
    for (const cell of waiting) {
      if (cell.needs.some((need) => waiting.has(need))) continue;
      const at = Math.max(now, readyAt(cell));
      if (next === undefined || at < next.at) next = { cell, at };
      if (at === now) break;
    }
    if (next === undefined) throw new Error('cells need each other in a circle');
    const end = next.at + secondsOf(next.cell);
    free[free.indexOf(now)] = end;
    ends.set(next.cell.name, end);
    waiting.delete(next.cell);
  }
  return Math.max(0, ...free);
}

/** Time and size of each cell whose group was probed. */
export function cellTimes(
  cells: readonly Cell[],
  costs: ReadonlyMap<string, GroupCost>,
  fresh: FreshPassages['of'],
  perPassage: WorkTime,
): Map<Cell, CellTime> {
  const times = new Map<Cell, CellTime>();
  for (const cell of cells) {
    const cost = costs.get(cell.group);
    if (cost === undefined) continue;
    const { steps = 0, evaluateEvery = 0 } = cell.training ?? {};
    // The start is measured, too.
    const measures = evaluateEvery > 0 ? 1 + Math.ceil(steps / evaluateEvery) : 0;
    const encoded = fresh.get(cell) ?? 0;
    const of = (part: keyof WorkTime) =>
      cost.rest[part] + steps * cost.step[part] + measures * cost.measure[part] + encoded * perPassage[part];
    times.set(cell, { seconds: of('seconds'), processor: of('processor'), bytes: cost.bytes });
  }
  return times;
}

/** Time and size of a cell. */
export interface CellTime extends WorkTime {
  readonly bytes: number;
}

/** Vectors are held in single precision, and written to an index in half. */
const HELD = 2;
/** Students share no more bytes than this. */
const MOST_HELD = MOST_FLOATS * Float32Array.BYTES_PER_ELEMENT;

/**
 * Peak memory of a process that makes cells: that of the probe, or of one of its cells with what this cell holds at full
 * size beyond the probe, of an index that it searches or of vectors that students share.
 *
 * @param probed memory with all training data read, and the probe's peak
 */
export function memoryOfJob(
  passes: ProbePasses,
  costs: ReadonlyMap<string, GroupCost>,
  shared: number,
  { loadedMemory, peak }: { readonly loadedMemory: number; readonly peak: number },
): number {
  const indexes = new Map<string, number>();
  let vectors = 0;
  for (const [group, [{ cell, bytes }]] of passes.whole.groups) {
    if (cell.kind !== 'index') continue;
    const full = costs.get(group)?.bytes ?? bytes;
    const { collection } = sharesOf(passes, 'whole', cell);
    indexes.set(group, HELD * Math.max(0, full - bytes));
    vectors = Math.max(vectors, Math.min((HELD * full * shared) / Math.max(1, collection), MOST_HELD));
  }
  const beyond = ({ training, needs }: Cell) =>
    training?.lookUps ? vectors : Math.max(0, ...needs.map(({ group }) => indexes.get(group) ?? 0));
  const made = Object.values(passes).flatMap(({ groups }) => [...groups.values()].flat());
  const work = made.map(
    ({ cell, memoryBytes }) => FREED_LATE * Math.max(0, memoryBytes - loadedMemory) + beyond(cell),
  );
  return loadedMemory + Math.max(FREED_LATE * (peak - loadedMemory), ...work);
}
