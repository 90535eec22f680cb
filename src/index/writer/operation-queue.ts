/** Operations that must not overlap, one after the other in the order of the calls. */
import { RefractError } from '../../errors.ts';

/** A queue; an operation that fails does not keep the next from running. */
export class OperationQueue {
  private last: Promise<unknown> = Promise.resolve();
  private readonly path: string;
  private readonly asError: (error: unknown) => unknown;
  /** Whether nothing is taken any more: the lock is let go of, or about to be. */
  closed = false;

  /** @param path the index; @param asError what is thrown in the place of an operation's error */
  constructor(path: string, asError: (error: unknown) => unknown) {
    this.path = path;
    this.asError = asError;
  }

  /** Runs what the user asks for. @throws RefractError as `checkOpen` */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    this.checkOpen();
    return this.run(work);
  }

  /** Runs what belongs to work that was taken before. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(work).catch((error: unknown) => {
      throw this.asError(error);
    });
    this.last = result.catch(() => {});
    return result;
  }

  /** @throws RefractError `SETTING_INVALID` when the writer is closed */
  checkOpen(): void {
    if (!this.closed) return;
    throw new RefractError('SETTING_INVALID', 'this writer of the index is closed', {
      at: this.path,
      hint: 'Open the index for changing again.',
    });
  }

  /** Waits for what was begun before; never rejects. */
  async settled(): Promise<void> {
    await this.last;
  }
}
