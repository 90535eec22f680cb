/** What a lock file says: which process holds it, and whether that still runs. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { isOfThisMachine, isRunning } from './process-identity.ts';

const lockSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  machine: z.string(),
  started: z.string(),
  since: z.string(),
});

/** A process, and since when it holds a lock. */
export type LockHolder = z.infer<typeof lockSchema>;

/** A lock file that was read. */
export interface HeldLock {
  readonly holder: LockHolder;
  /** The file itself: no two locks of processes that have ended are the same. */
  readonly text: string;
}

/**
 * The lock at `place`; undefined when there is none.
 *
 * @throws RefractError `INDEX_LOCKED` a file that does not say whose it is
 */
export function readLock(place: string): HeldLock | undefined {
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { holder: lockSchema.parse(JSON.parse(text)), text };
  } catch (cause) {
    throw new RefractError('INDEX_LOCKED', 'the lock does not say whose it is', {
      at: place,
      hint: 'Remove this file when no process is changing the index.',
      cause,
    });
  }
}

/** Whether a holder runs, or may run where it cannot be told from here. */
export function isLiving(holder: LockHolder): boolean {
  return !isOfThisMachine(holder) || isRunning(holder);
}

/**
 * Refuses the lock at `place` when its holder runs, or may run.
 *
 * @throws RefractError `INDEX_LOCKED`
 */
export function refuseLiving(holder: LockHolder, place: string): void {
  const { pid, host, since } = holder;
  if (!isOfThisMachine(holder))
    throw new RefractError('INDEX_LOCKED', `process ${pid} on ${host} is changing the index since ${since}`, {
      at: place,
      hint: `Whether it still runs cannot be told from here. If it does not, remove ${place}.`,
    });
  if (!isRunning(holder)) return;
  throw new RefractError('INDEX_LOCKED', `process ${pid} is changing the index since ${since}`, {
    at: place,
    hint: 'Wait until it has finished, or stop it; searches may go on meanwhile.',
  });
}
