/**
 * `writer.lock`: the one process that may change an index. The file appears whole, by a link that fails where there is
 * one already; a lock that a process left when it was killed is taken over.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import type { FileSystem } from '../file-system.ts';
import { INDEX_FILES } from '../manifest.ts';
import { writeWhole } from '../streamed-file.ts';
import { isOfThisMachine, isRunning, thisProcess } from './process-identity.ts';

const lockSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  machine: z.string(),
  started: z.string(),
  since: z.string(),
});

type LockHolder = z.infer<typeof lockSchema>;

/** The right to change an index. */
export interface WriterLock {
  /** When it was taken, in milliseconds of the clock of the disk. */
  readonly since: number;
  release(): void;
}

/**
 * Takes the lock of the index at `path`, a folder that exists.
 *
 * @param notice hears that a dead process's lock was taken over
 * @throws RefractError `INDEX_LOCKED` when another process holds it, or may hold it on another machine
 */
export async function lockForWriting(
  path: string,
  files: FileSystem,
  notice: (sentence: string) => void = () => {},
): Promise<WriterLock> {
  const place = join(path, INDEX_FILES.lock);
  // Several of one process, or of machines where it has the same number, are not in each other's way.
  const own = `${place}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  const me = { ...thisProcess(), since: new Date().toISOString() };
  const write = () => writeWhole(own, `${JSON.stringify(me)}\n`, files);
  await write();
  try {
    for (;;) {
      try {
        if (linked(own, place, files)) break;
        const holder = readHolder(place);
        if (holder === undefined) continue; // released meanwhile
        refuseLiving(holder, place);
        if (!takeOver(place, own, files)) continue;
        notice(
          `The writer of ${path} (process ${holder.pid}) had ended without letting go; its lock was taken over.`,
        );
      } catch (error) {
        // Removed by a writer of another machine, to which this process seemed dead.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        await write();
      }
    }
  } finally {
    files.remove(own);
  }
  let held = true;
  return {
    since: statSync(place).mtimeMs,
    release() {
      // Whoever removed it by hand may have taken it since.
      if (held && holds(place, me)) files.remove(place);
      held = false;
    },
  };
}

/** Who may be changing the index at `path`: a process that runs, or one of another machine. */
export function writerOf(path: string): LockHolder | undefined {
  const holder = readHolder(join(path, INDEX_FILES.lock));
  if (holder === undefined) return undefined;
  return isLiving(holder) ? holder : undefined;
}

/** Whether a holder runs, or may run where it cannot be told from here. */
function isLiving(holder: LockHolder): boolean {
  return !isOfThisMachine(holder) || isRunning(holder);
}

function holds(place: string, me: LockHolder): boolean {
  try {
    return isSame(readHolder(place), me);
  } catch {
    return false; // not this one's in any case
  }
}

function isSame(a: LockHolder | undefined, b: LockHolder): boolean {
  return a !== undefined && a.pid === b.pid && a.started === b.started && a.since === b.since;
}

function linked(own: string, place: string, files: FileSystem): boolean {
  try {
    files.link(own, place);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(place: string): LockHolder | undefined {
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RefractError('INDEX_LOCKED', 'the lock does not say whose it is', {
      at: place,
      hint: 'Remove this file when no process is changing the index.',
      cause,
    });
  }
}

function refuseLiving(holder: LockHolder, place: string): void {
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

/**
 * Removes a dead process's lock; one process at a time, which looks again whose it is when it is alone.
 *
 * @returns whether it did
 */
function takeOver(place: string, own: string, files: FileSystem): boolean {
  const takeover = `${place}.takeover`;
  if (!linked(own, takeover, files)) {
    const other = readHolder(takeover);
    if (other === undefined) return false;
    refuseLiving(other, takeover);
    takeAway(takeover, other, files);
    return false;
  }
  try {
    const holder = readHolder(place);
    if (holder === undefined || isLiving(holder)) return false;
    files.remove(place);
    return true;
  } finally {
    files.remove(takeover);
  }
}

/** Removes a dead process's file, unless another process did so first and has its own there now. */
function takeAway(place: string, dead: LockHolder, files: FileSystem): void {
  const aside = `${place}.${process.pid}.stale`;
  try {
    files.rename(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && !isSame(moved, dead)) linked(aside, place, files);
  files.remove(aside);
}
