/**
 * What is costly to keep open, such as query encoders: opened when first used, no more than some at a time, and the
 * least recently used closed to make room.
 */

/** Something that is closed when it is no longer needed. */
export interface Closable {
  close(): Promise<void>;
}

interface Slot<Opened> {
  readonly opened: Promise<Opened>;
  users: number;
}

/**
 * A pool of at most `most` open things, by key. What is in use is never closed: where all are, the next waits.
 *
 * @example
 * const pool = new EncoderPool(2, (folder: string) => openEncoder(folder));
 * const vectors = await pool.use('packs/sw', (encoder) => encoder.queries(['maji safi']));
 */
export class EncoderPool<Key, Opened extends Closable> {
  private readonly most: number;
  private readonly open: (key: Key) => Promise<Opened>;
  /** In the order of their last use, the latest at the end. */
  private readonly slots = new Map<Key, Slot<Opened>>();
  private readonly waiting: (() => void)[] = [];
  private closing: Promise<void> = Promise.resolve();
  private closed = false;

  /**
   * @param most open things at a time, at least 1
   * @param open opens that of a key; where it fails the key may be tried again
   */
  constructor(most: number, open: (key: Key) => Promise<Opened>) {
    this.most = most;
    this.open = open;
  }

  /** Keys of what is open, the least recently used first. */
  keys(): Key[] {
    return [...this.slots.keys()];
  }

  /**
   * Opens what `key` names, unless it is open, and works with it; it stays open at least until the work is done. Once
   * `close` was called it throws, also where it was waiting for room.
   */
  async use<Result>(key: Key, work: (opened: Opened) => Promise<Result>): Promise<Result> {
    const slot = await this.slot(key);
    try {
      const opened = await slot.opened;
      return await work(opened);
    } finally {
      slot.users--;
      for (const wake of this.waiting.splice(0)) wake();
    }
  }

  /** The slot of `key`, counted as used once more. */
  private async slot(key: Key): Promise<Slot<Opened>> {
    for (;;) {
      if (this.closed) throw new Error('the encoders are closed');
      const slot = this.slots.get(key);
      if (slot !== undefined || this.makeRoom()) return this.taken(key, slot);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private taken(key: Key, known: Slot<Opened> | undefined): Slot<Opened> {
    // What was closed for it is gone before it is opened: memory never holds one more than `most`.
    const slot = known ?? { opened: this.closing.then(() => this.open(key)), users: 0 };
    slot.users++;
    this.slots.delete(key);
    this.slots.set(key, slot);
    if (known === undefined)
      slot.opened.catch(() => {
        if (this.slots.get(key) === slot) this.slots.delete(key);
      });
    return slot;
  }

  /** Whether there is room for one more, after the least recently used idle one was closed where that is needed. */
  private makeRoom(): boolean {
    if (this.slots.size < this.most) return true;
    return this.closeIdle();
  }

  /** Closes all that is open, each after the work with it; nothing is opened from then on. */
  async close(): Promise<void> {
    this.closed = true;
    for (const wake of this.waiting.splice(0)) wake();
    for (;;) {
      while (this.slots.size > 0 && this.closeIdle());
      if (this.slots.size === 0) break;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    await this.closing;
  }

  /** Begins to close the least recently used that nobody works with; false where there is none. */
  private closeIdle(): boolean {
    const idle = [...this.slots].find(([, { users }]) => users === 0);
    if (idle === undefined) return false;
    this.slots.delete(idle[0]);
    const before = this.closing;
    // One that fails to close must not keep others from being opened.
    this.closing = Promise.allSettled([before, idle[1].opened.then((each) => each.close())]).then(() => {});
    return true;
  }
}
