/** Operations that must not overlap, one after the other in the order of the calls. */

/** A queue; an operation that fails does not keep the next from running. */
export class OperationQueue {
  private last: Promise<unknown> = Promise.resolve();
  private readonly asError: (error: unknown) => unknown;

  /** @param asError what is thrown in the place of an operation's error */
  constructor(asError: (error: unknown) => unknown) {
    this.asError = asError;
  }

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(work).catch((error: unknown) => {
      throw this.asError(error);
    });
    this.last = result.catch(() => {});
    return result;
  }

  /** Waits for what was begun before; never rejects. */
  async settled(): Promise<void> {
    await this.last;
  }
}
