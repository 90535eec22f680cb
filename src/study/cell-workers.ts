/** Several processes that make the cells of a study, each one cell at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import type { Progress } from '../progress.ts';
import type { Cell, CellWork } from './cell.ts';
import type { CellMaker } from './cell-maker.ts';
import { peakMemory } from './cell-record.ts';
import type { CellResult } from './cell-result.ts';
import type { StudyFiles } from './study-files.ts';
import { heardError, type OpenMessage, type Request, replySchema } from './worker-messages.ts';

/** How workers compute. */
export interface CellWorkersOptions {
  /** Where cells go. */
  readonly out: string;
  readonly jobs: number;
  readonly device?: Device;
  /** Threads of each; by default an equal part of the cores. */
  readonly threads?: number;
}

/** What a worker is doing. */
interface Task {
  /** Starts progress of a stage, where it is shown. */
  readonly begin?: (label: string, total: number, unit: string) => Progress;
  readonly stages: Map<number, Progress>;
  readonly resolve: (result: CellResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Workers of a study. Each holds the vectors of training passages by the teacher whose students it trains.
 *
 * @example
 * const workers = await CellWorkers.start(files, { out: 'runs/study', jobs: 4 });
 * try {
 *   await runCells(studyMatrix(files).cells, { out: 'runs/study', jobs: 4, maker: workers });
 * } finally {
 *   workers.close();
 * }
 */
export class CellWorkers implements CellMaker {
  private readonly workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.workers = workers;
  }

  /** Starts the processes, and gives them the study. Errors: what opening it throws there. */
  static async start(
    { study, root }: StudyFiles,
    { out, jobs, device, threads = threadsOfEach(jobs) }: CellWorkersOptions,
  ): Promise<CellWorkers> {
    const open: OpenMessage = { kind: 'open', study, root, out, device, threads };
    const workers = new CellWorkers(Array.from({ length: jobs }, () => new Worker(open)));
    try {
      await Promise.all(workers.workers.map((worker) => worker.start()));
    } catch (error) {
      workers.close();
      throw error;
    }
    return workers;
  }

  async make(cell: Cell, { control: { signal, resume = false, progress } }: CellWork): Promise<CellResult> {
    const teacher = cell.training?.lookUps?.teacher;
    const idle = this.workers.filter(({ busy }) => !busy);
    const worker =
      idle.find((each) => teacher !== undefined && each.teacher === teacher) ??
      idle.find((each) => teacher === undefined || each.teacher === undefined) ??
      idle[0];
    if (worker === undefined) throw new Error(`no worker is idle for ${cell.name}`);
    worker.busy = true;
    const stop = () => worker.send({ kind: 'stop' });
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const started = worker.start();
      // At once, for who asks what others have at hand.
      if (teacher !== undefined) worker.teacher = teacher;
      await started;
      // It may have been stopped before it could hear of it.
      if (signal?.aborted) stop();
      return await worker.ask(
        { kind: 'make', cell: cell.name, resume },
        progress && ((label, total, unit) => progress(`${cell.name}: ${label}`, total, unit)),
      );
    } finally {
      signal?.removeEventListener('abort', stop);
      worker.busy = false;
    }
  }

  repeats({ training }: Cell): boolean {
    const teacher = training?.lookUps?.teacher;
    if (teacher === undefined) return false;
    const holders = this.workers.filter((worker) => worker.teacher === teacher);
    return holders.length > 0 && holders.every(({ busy }) => busy);
  }

  /** Of this process and of all workers, each at its peak. */
  peakMemory(): number {
    return this.workers.reduce((sum, { memoryBytes }) => sum + memoryBytes, peakMemory());
  }

  /** Ends the processes; what they are at is given up. */
  close(): void {
    for (const worker of this.workers) worker.close();
  }
}

/**
 * An equal part of the cores for each job.
 *
 * @example threadsOfEach(2, 8) // 4
 */
export function threadsOfEach(jobs: number, cores = availableParallelism()): number {
  return Math.max(1, Math.floor(cores / jobs));
}

/** One process, or none while it is not started. */
class Worker {
  /** Whether it has a cell to make. */
  busy = false;
  /** The teacher whose passage vectors it holds. */
  teacher: string | undefined;
  /** The most memory that its processes have held. */
  memoryBytes = 0;
  private readonly open: OpenMessage;
  private process: ChildProcess | undefined;
  private task: Task | undefined;

  constructor(open: OpenMessage) {
    this.open = open;
  }

  /** Starts the process if there is none, at first or since the last one died, and gives it the study. */
  async start(): Promise<void> {
    if (this.process) return;
    const started = forkWorker();
    this.process = started;
    this.teacher = undefined;
    const ended = (error: Error) => {
      if (this.process !== started) return;
      this.process = undefined;
      this.finish()?.reject(error);
    };
    started.on('message', (message) => {
      if (this.process !== started) return;
      try {
        this.hear(message);
      } catch (error) {
        // What it says next would be as little to be trusted.
        this.process = undefined;
        started.disconnect();
        this.finish()?.reject(error as Error);
      }
    });
    started.on('error', ended);
    started.on('exit', (code, signal) => ended(endOf(code, signal)));
    await this.ask(this.open);
  }

  send(request: Request): void {
    if (this.process?.connected) this.process.send(request);
  }

  /** Sends a request, and waits until it is done. */
  ask(request: Request, begin?: Task['begin']): Promise<CellResult> {
    return new Promise((resolve, reject) => {
      this.task = { begin, stages: new Map(), resolve, reject };
      this.send(request);
    });
  }

  close(): void {
    const { process: started } = this;
    this.process = undefined;
    if (started?.connected) started.disconnect();
  }

  private hear(message: unknown): void {
    const reply = replySchema.parse(message);
    const stages = this.task?.stages;
    if (reply.kind === 'begins') {
      const progress = this.task?.begin?.(reply.label, reply.total, reply.unit);
      if (progress) stages?.set(reply.stage, progress);
    } else if (reply.kind === 'progress') stages?.get(reply.stage)?.update(reply.done, reply.note);
    else if (reply.kind === 'ends') stages?.get(reply.stage)?.end(reply.note);
    else {
      const task = this.finish();
      if (reply.kind !== 'opened') this.memoryBytes = Math.max(this.memoryBytes, reply.memoryBytes);
      if (reply.kind === 'failed') task?.reject(heardError(reply.error));
      else task?.resolve(reply.kind === 'made' ? reply.result : {});
    }
  }

  private finish(): Task | undefined {
    const { task } = this;
    this.task = undefined;
    return task;
  }
}

/** Why a process ended that was to go on. */
function endOf(code: number | null, signal: NodeJS.Signals | null): Error {
  const what = `a worker of the study ended early (${signal ?? `exit code ${code}`})`;
  // What a system does that has no memory left, and no program to itself.
  return signal === 'SIGKILL'
    ? new RefractError('OUT_OF_MEMORY', what, {
        hint: 'If nobody killed it, memory was short: take fewer --jobs. The same command goes on from there.',
      })
    : new Error(what);
}

/** The worker's file is beside this one, in TypeScript where this one is. */
function forkWorker(): ChildProcess {
  const kind = extname(fileURLToPath(import.meta.url));
  const file = fileURLToPath(new URL(`./cell-worker${kind}`, import.meta.url));
  const loader =
    kind === '.ts' ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  // Ctrl-C reaches all processes of a terminal's group. Workers are in another: the study's process tells them to stop.
  return fork(file, { execArgv: loader, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
}
