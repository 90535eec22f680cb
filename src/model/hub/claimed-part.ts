/**
 * The unfinished part of a blob, held by one process at a time. `HASH.part` is nobody's; `HASH.HOST-PID-COUNT.part` is
 * that process's, which touches it every few seconds. A part is taken over by renaming it, which succeeds for one
 * process alone; whoever finds it held waits for the blob.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noteOf } from '../../data/transfer/part-file.ts';

/** Milliseconds without a touch after which nobody is behind a part any more, whatever its process number says. */
const ABANDONED = 600_000;
const TOUCH = 5_000;
const LOOK = 250;
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
let claims = 0;

/** A part that is held. */
export interface ClaimedPart {
  readonly path: string;
  /** Lets it go: what has arrived is there for the next one. */
  readonly release: () => string;
}

/**
 * Takes over the part of `blob`, or begins one; undefined when another process has finished the blob meanwhile.
 * `waiting` is called once when another process holds it.
 *
 * @throws the reason of `signal` when it is aborted; the operating system's errors of writing
 */
export async function claimPart(
  blob: string,
  { signal, waiting }: { readonly signal?: AbortSignal; readonly waiting?: () => void } = {},
): Promise<ClaimedPart | undefined> {
  mkdirSync(dirname(blob), { recursive: true });
  for (let told = false; ; ) {
    if (existsSync(blob)) return undefined;
    const parts = partsOf(blob);
    if (parts.some(isHeld)) {
      if (!told) waiting?.();
      told = true;
      await sleep(LOOK, undefined, { signal });
      continue;
    }
    const own = `${blob}.${HOST}-${process.pid}-${++claims}.part`;
    const [largest, ...others] = parts.sort((a, b) => sizeOf(b) - sizeOf(a));
    if (largest === undefined) closeSync(openSync(own, 'w'));
    else if (!move(largest, own)) continue; // another process was faster
    for (const other of others) discard(other);
    return hold(blob, own);
  }
}

/** Bytes of a blob that have arrived, in the largest part. */
export function arrivedOf(blob: string): number {
  return Math.max(0, ...partsOf(blob).map(sizeOf));
}

function hold(blob: string, path: string): ClaimedPart {
  const touch = () => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // it begins again, or has become the blob
    }
  };
  touch();
  const timer = setInterval(touch, TOUCH);
  timer.unref();
  return {
    path,
    release() {
      clearInterval(timer);
      const free = `${blob}.part`;
      if (sizeOf(path) > sizeOf(free)) move(path, free);
      else discard(path);
      return free;
    },
  };
}

function partsOf(blob: string): string[] {
  const start = `${basename(blob)}.`;
  if (!existsSync(dirname(blob))) return [];
  return readdirSync(dirname(blob))
    .filter((name) => name.startsWith(start) && name.endsWith('.part'))
    .map((name) => join(dirname(blob), name));
}

function isHeld(part: string): boolean {
  const owner = /\.([0-9a-f]{8})-(\d+)-\d+\.part$/.exec(part);
  if (owner === null) return false;
  const [, host, pid] = owner;
  if (host === HOST && !isAlive(Number(pid))) return false;
  const touched = statSync(part, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched < ABANDONED;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the part was there to be moved, with its note. */
function move(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    // Without a note the part is thrown away, so that a process that ends here costs time alone.
    renameSync(noteOf(from), noteOf(to));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return existsSync(to);
    throw error;
  }
}

function discard(part: string): void {
  rmSync(part, { force: true });
  rmSync(noteOf(part), { force: true });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
