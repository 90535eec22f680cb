/**
 * `writer.lock`: the one process that may change an index. The file appears whole, by a link that fails where there is
 * one already; a lock that a process left when it was killed is taken over.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import type { FileSystem } from '../file-system.ts';
import { INDEX_FILES } from '../manifest.ts';
import { writeWhole } from '../streamed-file.ts';
import { isRunning, thisProcess } from './process-identity.ts';

const lockSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
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
  const own = `${place}.${process.pid}.tmp`;
  const me = { ...thisProcess(), since: new Date().toISOString() };
  files.remove(own);
  await writeWhole(own, `${JSON.stringify(me)}\n`, files);
  try {
    for (;;) {
      if (linked(own, place, files)) break;
      const holder = readHolder(place);
      if (holder === undefined) continue; // released meanwhile
      refuseLiving(holder, place);
      takeAway(place, holder, files);
      notice(
        `The writer of ${path} (process ${holder.pid}) had ended without letting go; its lock was taken over.`,
      );
    }
  } finally {
    files.remove(own);
  }
  let held = true;
  return {
    since: statSync(place).mtimeMs,
    release() {
      if (held) files.remove(place);
      held = false;
    },
  };
}

/** Who may be changing the index at `path`: a process that runs, or one of another machine. */
export function writerOf(path: string): LockHolder | undefined {
  const holder = readHolder(join(path, INDEX_FILES.lock));
  if (holder === undefined) return undefined;
  return holder.host !== thisProcess().host || isRunning(holder) ? holder : undefined;
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
  if (host !== thisProcess().host)
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

/** Removes a dead process's lock, unless another process did so first and has its own there now. */
function takeAway(place: string, dead: LockHolder, files: FileSystem): void {
  const aside = `${place}.${process.pid}.stale`;
  try {
    files.rename(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && (moved.pid !== dead.pid || moved.started !== dead.started))
    linked(aside, place, files);
  files.remove(aside);
}
