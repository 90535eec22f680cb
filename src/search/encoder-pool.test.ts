/** The pool of open encoders: its bound, who is closed, who is waited for, and failures. */
import { describe, expect, it } from 'vitest';
import { EncoderPool } from './encoder-pool.ts';

/** A pool of names, with what was opened and closed, and the most that was open at once. */
function recorded(most: number) {
  const log: string[] = [];
  const state = { open: 0, peak: 0 };
  const pool = new EncoderPool(most, async (key: string) => {
    if (key === 'broken') throw new Error('cannot be opened');
    log.push(`+${key}`);
    state.peak = Math.max(state.peak, ++state.open);
    return {
      key,
      close: async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        log.push(`-${key}`);
        state.open--;
      },
    };
  });
  const use = (key: string) => pool.use(key, async ({ key: opened }) => opened);
  return { pool, log, state, use };
}

/** A promise and the way to fulfil it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('EncoderPool', () => {
  it('opens on first use, once, and closes the least recently used', async () => {
    const { pool, log, use } = recorded(2);
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await use(key)).toBe(key);
    expect(log).toEqual(['+a', '+b', '-b', '+c', '-c', '+b']);
    expect(pool.keys()).toEqual(['a', 'b']);
  });

  it('opens a thing once for uses at the same time', async () => {
    const { log, use } = recorded(2);
    await Promise.all([use('a'), use('a'), use('a')]);
    expect(log).toEqual(['+a']);
  });

  it('never closes what is in use, and never holds more than its bound', async () => {
    const { pool, log, state, use } = recorded(1);
    const busy = gate();
    const first = pool.use('a', () => busy.opened);
    const second = use('b');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log).toEqual(['+a']);
    busy.open();
    await first;
    expect(await second).toBe('b');
    expect(log).toEqual(['+a', '-a', '+b']);
    await Promise.all(['a', 'b', 'c', 'a', 'b', 'c'].map(use));
    expect(state.peak).toBe(1);
  });

  it('keeps nothing of what failed to open, and makes room for the next', async () => {
    const { pool, use } = recorded(1);
    await expect(use('broken')).rejects.toThrow('cannot be opened');
    expect(pool.keys()).toEqual([]);
    expect(await use('a')).toBe('a');
    await expect(use('broken')).rejects.toThrow('cannot be opened');
    expect(await use('b')).toBe('b');
  });

  it('frees its place when the work fails', async () => {
    const { pool, use } = recorded(1);
    await expect(pool.use('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await use('b')).toBe('b');
  });

  it('closes everything at the end, after the work', async () => {
    const { pool, log, state, use } = recorded(3);
    await use('a');
    const busy = gate();
    const work = pool.use('b', () => busy.opened);
    const closed = pool.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log).not.toContain('-b');
    busy.open();
    await Promise.all([work, closed]);
    expect(state.open).toBe(0);
  });

  it('opens nothing once it is closed, not even what waited for room', async () => {
    const { pool, log, use } = recorded(1);
    const busy = gate();
    const work = pool.use('a', () => busy.opened);
    const waiting = expect(use('b')).rejects.toThrow('closed');
    await new Promise((resolve) => setTimeout(resolve, 2));
    const closed = pool.close();
    await expect(use('a')).rejects.toThrow('closed');
    busy.open();
    await Promise.all([work, waiting, closed]);
    expect(log).toEqual(['+a', '-a']);
  });
});
