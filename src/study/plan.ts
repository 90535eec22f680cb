/** What a study will cost: the cells that are not finished, each at the cost of its group in a probe. */
import { availableParallelism } from 'node:os';
import type { Cell } from './cell.ts';
import { peakMemory, readCell } from './cell-record.ts';
import { type GroupCost, groupCosts, ratio } from './extrapolation.ts';
import type { Matrix } from './matrix.ts';
import { type ProbePasses, probe, type WorkTime } from './probe.ts';
import type { RunCellsOptions } from './run-cells.ts';
import type { StudyFiles } from './study-files.ts';

/** What a cell will cost; nothing when it is finished. */
export interface CellCost {
  readonly name: string;
  readonly kind: Cell['kind'];
  readonly finished: boolean;
  /** Made alone. */
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
  /** Peak resident memory of the process that makes them. */
  readonly memoryBytes: number;
  readonly jobs: number;
  readonly probeSeconds: number;
}

/**
 * Predicts the cost of the cells that are not finished.
 *
 * @throws RefractError what `runCells` throws, also for stale cells in `options.out`
 * @example (await planStudy(files, studyMatrix(files), { out: 'runs/study', jobs: 2 })).seconds
 */
export async function planStudy(
  files: StudyFiles,
  { cells }: Matrix,
  options: RunCellsOptions,
): Promise<StudyCost> {
  const { out, jobs = 1, redo } = options;
  const finished = new Set(cells.filter((cell) => readCell(out, cell, redo)?.state === 'finished'));
  const start = performance.now();
  const nothing = finished.size === cells.length;
  const passages = nothing ? 0 : (await files.passages(files.study.train.passages)).length;
  const before = peakMemory();
  const passes = nothing ? undefined : await probe(files, options);
  const waiting = cells.filter((cell) => !finished.has(cell));
  const times = passes
    ? cellTimes(waiting, groupCosts(passes, files.study.depth), encodingTime(passes, passages), passages)
    : new Map<Cell, WorkTime & { readonly bytes: number }>();
  const costs = cells.map((cell): CellCost => {
    const { seconds = 0, processor = 0, bytes = 0 } = times.get(cell) ?? {};
    return { name: cell.name, kind: cell.kind, finished: finished.has(cell), seconds, processor, bytes };
  });
  const sum = (of: 'seconds' | 'processor' | 'bytes') => costs.reduce((total, cost) => total + cost[of], 0);
  const active = [...times.values()].reduce((total, cost) => total + cost.active, 0);
  return {
    cells: costs,
    seconds: timeWithJobs({ seconds: sum('seconds'), processor: sum('processor'), active }, jobs),
    processor: sum('processor'),
    bytes: sum('bytes'),
    memoryBytes: nothing ? 0 : before + jobs * (peakMemory() - before),
    jobs,
    probeSeconds: nothing ? 0 : (performance.now() - start) / 1000,
  };
}

/**
 * Seconds of work with several jobs in one process: no less than an equal part for each, than the processor time of
 * all cores, and than the time in which JavaScript, which runs one job at a time, is busy. Work that keeps all cores
 * busy by itself gains nothing.
 *
 * @example timeWithJobs({ seconds: 100, processor: 120, active: 30 }, 2, 2) // 60
 */
export function timeWithJobs(work: WorkTime, jobs: number, cores = availableParallelism()): number {
  const { seconds, processor, active } = work;
  return jobs === 1 ? seconds : Math.min(seconds, Math.max(seconds / jobs, processor / cores, active));
}

/**
 * How many different passages are expected in `draws` draws.
 *
 * @example expectedPassages(1000, 1000) // 632.3...
 */
export function expectedPassages(draws: number, passages: number): number {
  return passages === 0 ? 0 : passages * (1 - (1 - 1 / passages) ** draws);
}

/** Time to encode a passage for students: what the first of two that look up the same passages took longer. */
export function encodingTime({ training: { groups } }: Pick<ProbePasses, 'training'>, passages: number) {
  // Further groups find the vectors of the first: those of one teacher are shared.
  const [one, two] =
    [...groups.values()].find((made) => made.length > 1 && made[0].cell.training?.lookUps) ?? [];
  const steps = one?.cell.training?.steps ?? 0;
  const { perStep } = one?.cell.training?.lookUps ?? { perStep: 0 };
  if (!one?.training || !two?.training || perStep === 0) return { seconds: 0, processor: 0, active: 0 };
  const timed = expectedPassages(steps * perStep, passages) - expectedPassages(perStep, passages);
  const seconds = (Math.max(0, one.training.step - two.training.step) * (steps - 1)) / Math.max(1, timed);
  const [processor, active] = [ratio(one, 'processor'), ratio(one, 'active')];
  return { seconds, processor: seconds * processor, active: seconds * active };
}

/**
 * Time and size of each cell, in the order in which they are made: of students that share passage vectors, only the
 * first with its draws has passages to encode, and what is known is forgotten when another teacher's student comes.
 */
export function cellTimes(
  cells: readonly Cell[],
  costs: ReadonlyMap<string, GroupCost>,
  perPassage: WorkTime,
  passages: number,
): Map<Cell, WorkTime & { readonly bytes: number }> {
  let teacher: string | undefined;
  let draws = 0;
  const drawn = new Set<string>();
  const newPassages = ({ steps, lookUps }: NonNullable<Cell['training']>): number => {
    if (lookUps === undefined) return 0;
    if (lookUps.teacher !== teacher) {
      drawn.clear();
      draws = 0;
    }
    teacher = lookUps.teacher;
    if (drawn.has(lookUps.draws)) return 0;
    drawn.add(lookUps.draws);
    const known = expectedPassages(draws, passages);
    draws += steps * lookUps.perStep;
    return expectedPassages(draws, passages) - known;
  };
  const times = new Map<Cell, WorkTime & { readonly bytes: number }>();
  for (const cell of cells) {
    const { training } = cell;
    const fresh = training ? newPassages(training) : 0;
    const cost = costs.get(cell.group);
    if (cost === undefined) continue;
    const { steps = 0, evaluateEvery = 0 } = training ?? {};
    // The start is measured, too.
    const measures = evaluateEvery > 0 ? 1 + Math.ceil(steps / evaluateEvery) : 0;
    const of = (part: keyof WorkTime) =>
      cost.rest[part] + steps * cost.step[part] + measures * cost.measure[part] + fresh * perPassage[part];
    times.set(cell, {
      seconds: of('seconds'),
      processor: of('processor'),
      active: of('active'),
      bytes: cost.bytes,
    });
  }
  return times;
}
