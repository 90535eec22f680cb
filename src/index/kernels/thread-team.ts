/**
 * A few threads that share a kernel memory and work through numbered chunks of a job. The calling thread works too, so
 * that a team of one needs no worker, and one whose workers have not started yet is slow but right. Which thread takes
 * a chunk is left to chance; what a chunk writes must not depend on it.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RefractError } from '../../errors.ts';
import type { KernelMemory, SharedKernelMemory } from './kernel-memory.ts';
import { errorOf, type PostedError } from './thread-errors.ts';

/** int32 at the start of the memory that threads speak through. */
export const TEAM_WORDS = 16;
const [GENERATION, NEXT, DONE, TOTAL, PHASE, FAILED, ENDED, SERVING] = [0, 1, 2, 3, 4, 5, 6, 7];
/** Generations and chunks share one int32, so that a chunk is taken only for the job it belongs to. */
const CHUNKS = 2 ** 16;
const CLOSED = CHUNKS - 1;
const GENERATIONS = 2 ** 14;
/** Milliseconds between looks at whether a worker has died. */
const PATIENCE = 20;

/** Most chunks of a job. */
export const MAX_CHUNKS = CHUNKS - 2;

/** What threads do. */
export interface Work {
  /** Does one chunk of the job `phase`. */
  run(phase: number, chunk: number): void;
}

/** Hears of what a chunk threw, and in which job. */
type OnError = (error: unknown, job: number) => void;

/** What a worker is started with. */
export interface WorkerStart {
  readonly shared: SharedKernelMemory;
  /** Address of the team's words. */
  readonly team: number;
  readonly thread: number;
  /** Names the work and says where its data lies. */
  readonly plan: unknown;
}

/** Does chunks of the current job until there are none left; errors are kept for the thread that leads. */
function takeChunks(words: Int32Array, work: Work, onError: OnError): void {
  const generation = Atomics.load(words, GENERATION);
  for (;;) {
    const next = Atomics.load(words, NEXT);
    const chunk = next % CHUNKS;
    if (Math.floor(next / CHUNKS) !== generation || chunk >= Atomics.load(words, TOTAL)) return;
    if (Atomics.compareExchange(words, NEXT, next, next + 1) !== next) continue;
    try {
      if (Atomics.load(words, FAILED) === 0) work.run(Atomics.load(words, PHASE), chunk);
    } catch (error) {
      Atomics.store(words, FAILED, 1);
      onError(error, generation);
    }
    Atomics.add(words, DONE, 1);
    Atomics.notify(words, DONE);
  }
}

/** The life of a worker: waits for jobs until the team ends. */
export function serve(memory: KernelMemory, team: number, work: Work, onError: OnError): void {
  const words = memory.i32.subarray(team >>> 2, (team >>> 2) + TEAM_WORDS);
  Atomics.add(words, SERVING, 1);
  Atomics.notify(words, SERVING);
  for (let seen = -1; ; ) {
    Atomics.wait(words, GENERATION, seen);
    if (Atomics.load(words, ENDED) !== 0) return;
    seen = Atomics.load(words, GENERATION);
    takeChunks(words, work, onError);
  }
}

/** Leads the threads of one memory. Workers are started by `start`; before, and until they serve, this thread does all. */
export class ThreadTeam {
  private readonly words: Int32Array<SharedArrayBuffer>;
  private readonly work: Work;
  private readonly threads: number;
  private readonly startOf: (thread: number) => WorkerStart;
  private readonly workers: Worker[] = [];
  /** The job that runs, or ran last, and the first error of it that has arrived. */
  private job = -1;
  private failure: unknown;
  private lost: Error | undefined;

  /**
   * @param team address of `TEAM_WORDS` int32; @param work what this thread does, as thread 0
   * @param threads all threads, this one included; @param plan is posted to the others
   */
  constructor(memory: KernelMemory, team: number, work: Work, threads: number, plan: unknown) {
    this.words = memory.i32.subarray(team >>> 2, (team >>> 2) + TEAM_WORDS);
    this.work = work;
    this.threads = threads;
    this.startOf = (thread) => ({ shared: memory.shared, team, thread, plan });
  }

  /** Starts the workers, unless that has been done. */
  start(): void {
    if (Atomics.load(this.words, ENDED) !== 0) return;
    while (this.workers.length < this.threads - 1) {
      const worker = startWorker(this.startOf(this.workers.length + 1));
      worker.on('message', (posted: PostedError) => {
        // Another worker's error may have ended its job before this one arrived.
        if (posted.job === this.job) this.failure ??= errorOf(posted);
      });
      worker.on('error', (error) => {
        this.lost ??= error;
      });
      worker.on('exit', (status) => {
        if (Atomics.load(this.words, ENDED) === 0) this.lost ??= endedEarly(status);
      });
      // After the listeners: adding them takes the reference back.
      worker.unref();
      this.workers.push(worker);
    }
  }

  /** Threads that take chunks: this one, and the workers that have started. */
  get serving(): number {
    return 1 + Atomics.load(this.words, SERVING);
  }

  /** Whether a worker has ended before its time; nothing is done any more then. */
  get failed(): boolean {
    return this.lost !== undefined;
  }

  /** Starts the workers and waits until every one serves. @throws why one could not, or `OUT_OF_MEMORY` where it ended unsaid */
  async started(): Promise<void> {
    this.start();
    while (this.serving < this.threads) {
      if (this.lost) throw this.lost;
      // Not a worker's event: those do not keep the process alive.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Does chunks 0 to `chunks - 1` (at most `MAX_CHUNKS`) of `phase`. @throws what `work` threw, or as `started` */
  async run(phase: number, chunks: number): Promise<void> {
    const { words } = this;
    if (this.lost) throw this.lost;
    const generation = (Atomics.load(words, GENERATION) + 1) % GENERATIONS;
    this.job = generation;
    this.failure = undefined;
    Atomics.store(words, NEXT, generation * CHUNKS + CLOSED);
    Atomics.store(words, TOTAL, chunks);
    Atomics.store(words, PHASE, phase);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, FAILED, 0);
    Atomics.store(words, NEXT, generation * CHUNKS);
    Atomics.store(words, GENERATION, generation);
    if (chunks > 1) Atomics.notify(words, GENERATION);
    takeChunks(words, this.work, (error) => {
      this.failure ??= error;
    });
    for (;;) {
      const done = Atomics.load(words, DONE);
      if (done >= chunks) break;
      // Others are at their last chunk: that is shorter than a turn of the event loop.
      if (Atomics.wait(words, DONE, done, PATIENCE) === 'timed-out') {
        await new Promise((resolve) => setImmediate(resolve));
        if (this.lost) throw this.lost;
      }
    }
    if (Atomics.load(words, FAILED) === 0) return;
    // A worker's error is a message that may still be on its way.
    while (this.failure === undefined) {
      if (this.lost) throw this.lost;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw this.failure;
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    Atomics.store(this.words, ENDED, 1);
    Atomics.add(this.words, GENERATION, 1);
    Atomics.notify(this.words, GENERATION);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function endedEarly(status: number): RefractError {
  return new RefractError('OUT_OF_MEMORY', `a thread of the index ended by itself, with status ${status}`, {
    hint: 'Open the index again, with fewer threads where memory is short.',
  });
}

/** The worker's file is in TypeScript where this one is; a worker does not inherit the loader that reads it. */
function startWorker(workerData: WorkerStart): Worker {
  const kind = extname(fileURLToPath(import.meta.url));
  const file = new URL(`../compressed/thread-worker${kind}`, import.meta.url);
  if (kind !== '.ts') return new Worker(file, { workerData });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx'));
  // What `tsx/esm/api` is for an import; `resolve` would give what it is for a require.
  const loader = new URL('./esm/api/index.mjs', tsx).href;
  const [api, entry] = [loader, file.href].map((each) => JSON.stringify(each));
  return new Worker(`import(${api}).then(({ tsImport }) => tsImport(${entry}, ${entry}))`, {
    eval: true,
    workerData,
  });
}
