/** What planned work will take, and how it is told from two small runs. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefractError } from '../errors.ts';
import type { TrainingReport } from '../train/loop.ts';
import { readMetrics } from '../train/metrics-log.ts';

/** The prediction for a piece of work. */
export interface WorkPlan {
  readonly seconds: number;
  /** Seconds of all cores together. */
  readonly processor: number;
  /** Bytes of the result. */
  readonly disk: number;
  /** The most memory that the process will hold, in bytes. */
  readonly memory: number;
  /** How many texts are longer than the encoder reads, and are cut; counted on a sample. */
  readonly truncated: readonly TruncatedTexts[];
}

/** Texts of a kind in a sample. */
export interface TruncatedTexts {
  /** `passages`, `queries`, `sentences`. */
  readonly kind: string;
  /** Longest text in tokens, special ones included. */
  readonly limit: number;
  readonly sample: number;
  readonly cut: number;
}

/** What a run of a sample took. */
export interface ProbeRun {
  /** Share of all data, from 0 to 1. */
  readonly share: number;
  readonly seconds: number;
  readonly processor: number;
  readonly bytes: number;
  /** Peak of the process at its end. */
  readonly peak: number;
  readonly training?: TrainingTimes;
}

/** Where the seconds of a training went. */
export interface TrainingTimes {
  /** The whole loop. */
  readonly loop: number;
  /** What the first step does once: compiling, allocating. */
  readonly first: number;
  readonly step: number;
  readonly measure: number;
}

/** How long a training will be. */
export interface TrainingLength {
  readonly steps: number;
  readonly measures: number;
}

/** Long runs hold more memory that is not freed yet than short ones. */
const UNFREED = 1.1;

/** Runs `work` and says what it took. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ result: T } & Pick<ProbeRun, 'seconds' | 'processor' | 'peak'>> {
  const start = performance.now();
  const used = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  return {
    result,
    seconds: (performance.now() - start) / 1000,
    processor: (user + system) / 1e6,
    peak: peakMemory(),
  };
}

/**
 * Plans in a temporary folder, which is removed.
 *
 * @throws RefractError what `plan` throws; of the folder, which no user knows, only what can be done about it:
 *   `DISK_FULL` when it cannot be made or filled, `INTERRUPTED` when it was stopped
 */
export async function inProbeFolder<T>(plan: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), 'refract-plan-'));
  } catch (cause) {
    throw noRoom(`no folder can be made for the probe (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
  try {
    return await plan(folder);
  } catch (error) {
    if (!(error instanceof RefractError)) throw error;
    if (error.code === 'INTERRUPTED')
      throw new RefractError('INTERRUPTED', 'planning was stopped', {
        hint: 'Nothing was left behind; run the same command again.',
        cause: error,
      });
    if (error.code === 'DISK_FULL' && error.at?.startsWith(folder))
      throw noRoom(`the probe ${error.what}`, error);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function noRoom(what: string, cause: unknown): RefractError {
  return new RefractError('DISK_FULL', what, {
    at: tmpdir(),
    hint: 'Free some space there, or name another folder for temporary files in TMPDIR.',
    cause,
  });
}

/** Runs a training on a share of the data, which writes to `out`, and says what it took. */
export async function probeTraining<T extends { readonly report: TrainingReport }>(
  out: string,
  share: number,
  training: () => Promise<T>,
): Promise<{ result: T; probe: ProbeRun }> {
  const { result, ...took } = await timed(training);
  const probe = { share, ...took, bytes: folderBytes(out), training: trainingTimes(out, result.report) };
  return { result, probe };
}

/** The most memory that this process has held so far, in bytes. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Bytes of the files in a folder. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Times of a training from its log and its report. */
export function trainingTimes(folder: string, report: TrainingReport): TrainingTimes {
  const lines = readMetrics(join(folder, 'metrics.jsonl'));
  const steps = lines.filter((line) => 'loss' in line).map(({ seconds }) => seconds);
  const dev = lines.filter((line) => 'dev' in line).map(({ seconds }) => seconds);
  const step = steps.length > 1 ? (steps[steps.length - 1] - steps[0]) / (steps.length - 1) : (steps[0] ?? 0);
  const before = dev.length > 1 ? dev[0] : 0;
  return {
    loop: report.seconds,
    first: steps.length > 0 ? Math.max(0, steps[0] - before - step) : 0,
    step,
    // The first measure, of the start, also compiles; the last comes after the last step.
    measure:
      dev.length > 1 && steps.length > 0
        ? Math.max(0, dev[dev.length - 1] - steps[steps.length - 1])
        : before,
  };
}

/** Dev measures of a training: of the start, every so many steps, and at the end. */
export function measuresOf({ steps, evaluateEvery }: { steps: number; evaluateEvery: number }): number {
  return evaluateEvery === 0 ? 0 : 1 + Math.ceil(steps / evaluateEvery);
}

/**
 * Carries two runs, on a small and on a larger share of the data, on to all of it along a line. What does not grow
 * between them does not grow; nothing is let shrink. Steps and dev measures are counted, not carried on. `grows` says
 * whether memory grows with the data at all.
 */
export function atFullSize(
  small: ProbeRun,
  large: ProbeRun,
  length: TrainingLength = { steps: 0, measures: 0 },
  grows: { readonly memory: boolean } = { memory: true },
): Omit<WorkPlan, 'truncated'> {
  const full = (of: (run: ProbeRun) => number) => {
    const slope = large.share > small.share ? (of(large) - of(small)) / (large.share - small.share) : 0;
    return of(large) + Math.max(0, slope) * Math.max(0, 1 - large.share);
  };
  const { training } = large;
  const beside = full(({ seconds, training: its }) => Math.max(0, seconds - (its?.loop ?? 0)));
  const steps = training
    ? training.first + training.step * length.steps + training.measure * length.measures
    : 0;
  const seconds = beside + steps;
  const processor = large.seconds > 0 ? (seconds * large.processor) / large.seconds : 0;
  return {
    seconds,
    processor,
    disk: full(({ bytes }) => bytes),
    memory: UNFREED * (grows.memory ? full(({ peak }) => peak) : large.peak),
  };
}
