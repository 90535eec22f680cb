/**
 * What a study will cost, from a short probe: the same study with one seed, one share, one design and a few steps
 * of each training is run beside the output folder, and its cells stand for those of their group:
 *
 *     seconds = rest of the cell + steps * seconds of a step + dev measures * seconds of a measure
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetrics } from '../train/metrics-log.ts';
import type { Cell } from './cell.ts';
import { type CellRecord, cellFolder, readCell } from './cell-record.ts';
import { type Matrix, studyMatrix } from './matrix.ts';
import { type RunCellsOptions, runCells } from './run-cells.ts';
import { StudyFiles } from './study-files.ts';
import type { ArmSettings, Study } from './study-schema.ts';

/** Steps of each training of the probe: the first compiles and allocates, the others are timed. */
const PROBE_STEPS = 6;

/** What a cell will cost; nothing when it is finished. */
export interface CellCost {
  readonly name: string;
  readonly finished: boolean;
  readonly seconds: number;
  readonly bytes: number;
}

/** What a study will cost. */
export interface StudyCost {
  readonly cells: readonly CellCost[];
  /** Of the cells that are not finished, with as many jobs as asked for. */
  readonly seconds: number;
  readonly bytes: number;
  /** Peak of this process in the probe, its jobs taken together. */
  readonly memoryBytes: number;
  readonly probeSeconds: number;
}

/**
 * Predicts the cost of the cells that are not finished.
 *
 * @throws RefractError what `runCells` throws, also for stale cells in `options.out`
 */
export async function planStudy(
  files: StudyFiles,
  { cells }: Matrix,
  options: RunCellsOptions,
): Promise<StudyCost> {
  const { out, jobs = 1, redo } = options;
  const finished = new Set(cells.filter((cell) => readCell(out, cell, redo)?.state === 'finished'));
  const start = performance.now();
  const probed = finished.size === cells.length ? new Map<string, GroupCost>() : await probe(files, options);
  const costs = cells.map((cell): CellCost => {
    const { name, group, training } = cell;
    const cost = probed.get(group);
    if (finished.has(cell) || cost === undefined)
      return { name, finished: finished.has(cell), seconds: 0, bytes: 0 };
    const { steps = 0, evaluateEvery = 0 } = training ?? {};
    const measures = evaluateEvery > 0 ? Math.ceil(steps / evaluateEvery) : 0;
    const seconds = cost.rest + steps * cost.step + measures * cost.measure;
    return { name, finished: false, seconds, bytes: cost.bytes };
  });
  const sum = (of: 'seconds' | 'bytes') => costs.reduce((total, cost) => total + cost[of], 0);
  return {
    cells: costs,
    seconds: sum('seconds') / jobs,
    bytes: sum('bytes'),
    memoryBytes: process.resourceUsage().maxRSS * 1024,
    probeSeconds: (performance.now() - start) / 1000,
  };
}

/** Seconds of a cell's parts, and its size. */
interface GroupCost {
  readonly rest: number;
  readonly step: number;
  readonly measure: number;
  readonly bytes: number;
}

/** Runs the small study in a temporary folder and measures each group's cell. */
async function probe(files: StudyFiles, options: RunCellsOptions): Promise<Map<string, GroupCost>> {
  const folder = mkdtempSync(join(tmpdir(), 'refract-probe-'));
  try {
    const { cells } = studyMatrix(await StudyFiles.open(probeStudy(files.study), files.root));
    const records = await runCells(cells, { ...options, out: folder, jobs: 1 });
    return new Map(cells.map((cell) => [cell.group, costOf(folder, cell, records.get(cell.name)!)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function costOf(out: string, cell: Cell, { seconds, result }: CellRecord): GroupCost {
  const folder = cellFolder(out, cell);
  const bytes = sizeOf(folder);
  if (cell.training === undefined || !result.steps) return { rest: seconds, step: 0, measure: 0, bytes };
  const times = readMetrics(join(folder, 'metrics.jsonl'))
    .filter((line) => 'loss' in line)
    .map((line) => line.seconds);
  const step = times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : times[0];
  const { trainingSeconds = 0 } = result;
  const measure =
    cell.training.evaluateEvery > 0 ? Math.max(0, trainingSeconds - times[times.length - 1]) : 0;
  return { rest: Math.max(0, seconds - result.steps * step - measure), step, measure, bytes };
}

/** The study with one seed, share and design, and a few steps of each training. */
export function probeStudy(study: Study): Study {
  const few = (settings: Record<string, unknown> = {}, steps: number, measured: boolean) => ({
    ...settings,
    train: {
      ...(settings.train as Record<string, unknown> | undefined),
      steps,
      ...(measured && { evaluateEvery: steps }),
    },
  });
  // Arms that differ in their steps alone must not become one: each has a number of its own.
  const short = (arm: ArmSettings, place: number): ArmSettings => {
    switch (arm.kind) {
      case 'code-switched':
        return { ...arm, settings: few(arm.settings, PROBE_STEPS + place, false) };
      case 'optical':
      case 'sentence-mse':
      case 'contrastive':
        return { ...arm, settings: few(arm.settings, PROBE_STEPS + place, true) };
      default:
        return arm;
    }
  };
  const { teacher, reader } = study;
  return {
    ...study,
    seeds: study.seeds.slice(0, 1),
    rho: study.rho.slice(0, 1),
    designs: study.designs.slice(0, 1),
    teacher: 'size' in teacher ? { ...teacher, settings: few(teacher.settings, PROBE_STEPS, true) } : teacher,
    ...(reader && { reader: { ...reader, settings: few(reader.settings, PROBE_STEPS, true) } }),
    arms: Object.fromEntries(
      Object.entries(study.arms).map(([name, arm], place) => [name, short(arm, place)]),
    ),
  };
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}
