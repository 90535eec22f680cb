/**
 * `writer.lock`: the one process that may change an index. The file appears whole, by a link that fails where there is
 * one already; a lock that a process left when it was killed is taken over.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FileSystem } from '../file-system.ts';
import { INDEX_FILES } from '../manifest.ts';
import { writeWhole } from '../streamed-file.ts';
import { isLiving, type LockHolder, readLock, refuseLiving } from './lock-holder.ts';
import { linked, takeOver } from './lock-takeover.ts';
import { thisProcess } from './process-identity.ts';

/** The right to change an index. */
export interface WriterLock {
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
        const held = readLock(place);
        if (held === undefined) continue; // released meanwhile
        refuseLiving(held.holder, place);
        if (!takeOver(place, own, held, files)) continue;
        notice(
          `The writer of ${path} (process ${held.holder.pid}) had ended without letting go; its lock was taken over.`,
        );
        break;
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
    release() {
      // Whoever removed it by hand may have taken it since.
      if (held && holds(place, me)) files.remove(place);
      held = false;
    },
  };
}

/** Who may be changing the index at `path`: a process that runs, or one of another machine. */
export function writerOf(path: string): LockHolder | undefined {
  const holder = readLock(join(path, INDEX_FILES.lock))?.holder;
  return holder !== undefined && isLiving(holder) ? holder : undefined;
}

function holds(place: string, me: LockHolder): boolean {
  try {
    const holder = readLock(place)?.holder;
    return holder?.pid === me.pid && holder.started === me.started && holder.since === me.since;
  } catch {
    return false; // not this one's in any case
  }
}
