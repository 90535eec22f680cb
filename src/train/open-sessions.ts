/** Compiled models that one piece of work opens and that must be closed together, however the work ends. */

/** What holds a session of the runtime. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * Keeps what was opened until `close`.
 *
 * @example
 * const sessions = new OpenSessions();
 * try {
 *   const encoder = sessions.keep(await Encoder.create(config, tensors, maker));
 *   const scorer = sessions.keep(await MaxSimScorer.create(64));
 * } finally {
 *   await sessions.close();
 * }
 */
export class OpenSessions {
  private readonly open: Closable[] = [];

  /** Remembers `session`, and returns it. */
  keep<T extends Closable>(session: T): T {
    this.open.push(session);
    return session;
  }

  /** Closes all that was kept. */
  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((session) => session.close()));
  }
}
