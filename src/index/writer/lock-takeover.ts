/**
 * Taking over the lock of a process that has ended. Of those that want it the one wins that makes the claim on this very
 * lock, a file whose name is a hash of the lock's text; only it renames its own lock over the dead one. The place of the
 * lock is never free meanwhile, and who comes late, having read the dead lock before, finds another in its place.
 */
import { createHash } from 'node:crypto';
import type { FileSystem } from '../file-system.ts';
import { type HeldLock, readLock, refuseLiving } from './lock-holder.ts';

/** Names of claims within the index's folder; the first form is that of earlier versions. */
export const CLAIM_NAME = /^writer\.lock\.takeover(?:\.[0-9a-f]{16})?$/;

/** The file that gives the right to take over the lock at `place` (or a claim on it) that says `text`. */
export function claimOn(place: string, text: string): string {
  return `${place}.takeover.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** Gives the file `own` a second name; false when that exists. */
export function linked(own: string, name: string, files: FileSystem): boolean {
  try {
    files.link(own, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Puts `own` into the place of the lock of a process that has ended.
 *
 * @param dead what was read at `place`
 * @returns whether it did; if not there is another lock, or none, at `place` now
 * @throws RefractError `INDEX_LOCKED` another process is taking it over
 */
export function takeOver(place: string, own: string, dead: HeldLock, files: FileSystem): boolean {
  const isThere = () => readLock(place)?.text === dead.text;
  // Claims of processes that ended before they had the lock: whoever has the claim on the last of these is next.
  const former: string[] = [];
  let claim = claimOn(place, dead.text);
  while (!linked(own, claim, files)) {
    const other = readLock(claim);
    if (other === undefined || !isThere()) return false;
    refuseLiving(other.holder, claim);
    former.push(claim);
    claim = claimOn(place, other.text);
  }
  let mine: boolean;
  try {
    // Claims are removed when the lock is another: then this one says nothing.
    mine = isThere();
    if (mine) files.rename(own, place);
  } catch (error) {
    files.remove(claim);
    throw error;
  }
  try {
    for (const each of mine ? [...former, claim] : [claim]) files.remove(each);
  } catch {
    // It is a claim on a lock that is gone; the next writer removes it.
  }
  return mine;
}
