/** Trying again, with growing pauses, what a network or a busy server made fail. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgressFactory } from '../../progress.ts';

/** How a download goes on. */
export interface TransferControl {
  readonly progress?: ProgressFactory;
  /** Aborting keeps what has arrived. */
  readonly signal?: AbortSignal;
  /** Tries after the first that are made when the connection breaks or the server is busy. Default 4. */
  readonly retries?: number;
  /** Milliseconds before the first of them; doubled each time. Default 1000. */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which a try counts as failed. Default 60,000. */
  readonly patience?: number;
}

/** A failure that another try may mend. */
export class Passing extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly wait?: number } = {}) {
    super(message, options);
    this.wait = options.wait;
  }
}

/** A failure that no other try mends, such as redirects in a circle. */
export class Lasting extends Error {}

/** The longest pause that is made because a server asks for it. */
const LONGEST_WAIT = 120_000;
/** Bytes of new progress that make a try count as none: a line that breaks now and then still gets to the end. */
const PROGRESS = 2 ** 20;

/** What becomes of work that could not be done. */
export interface GivingUp {
  /** The error of work that failed on every try, or for good. */
  readonly failed: (error: Passing | Lasting) => Error;
  /** The error of work that was stopped. */
  readonly interrupted: () => Error;
  /** Bytes that have arrived, over all tries. */
  readonly arrived?: () => number;
}

/**
 * The result of `work`, which is tried again while it throws `Passing`, and not after `Lasting`; other errors pass through. Where bytes keep
 * arriving, tries are counted from the last megabyte.
 *
 * @example await withRetries(() => ask(url), { retries: 4 }, { failed, interrupted })
 */
export async function withRetries<Result>(
  work: () => Promise<Result>,
  { retries = 4, retryDelay = 1000, signal }: TransferControl,
  { failed, interrupted, arrived = () => 0 }: GivingUp,
): Promise<Result> {
  let most = arrived();
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted === true) throw interrupted();
      if (error instanceof Lasting) throw failed(error);
      if (!(error instanceof Passing)) throw error;
      if (arrived() >= most + PROGRESS) {
        most = arrived();
        attempt = 0;
      }
      const { wait = 0 } = error;
      if (attempt >= retries || wait > LONGEST_WAIT) throw failed(error);
      await sleep(Math.max(retryDelay * 2 ** attempt, wait), undefined, { signal }).catch(() => {
        throw interrupted();
      });
    }
  }
}
