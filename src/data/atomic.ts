/**
 * Writing that is never half done: a file or directory is written beside its place and renamed into it.
 * A full disk or a missing permission becomes a `DISK_FULL` error and the partial output is removed.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { RefractError } from '../errors.ts';

const DISK_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EROFS',
  'EPERM',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'EFBIG',
  'ENAMETOOLONG',
  'EIO',
]);

/** The way out of a `DISK_FULL` error of commands that have `--out`. */
const OTHER_PLACE =
  'Free some space or choose another place with --out; nothing half-written was left there.';

/** Free space does not help a disk that cannot be read or written. */
const BAD_DISK =
  'The disk or the network it hangs on has failed: look into the log of the operating system, then repeat the command or take another disk.';

/** Turns an operating-system error about writing into a `DISK_FULL` error; other errors pass through. */
export function asWriteError(error: unknown, path: string, hint = OTHER_PLACE): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || !DISK_CODES.has(code)) return error;
  return new RefractError('DISK_FULL', `cannot write (${code})`, {
    at: path,
    hint: code === 'EIO' ? BAD_DISK : hint,
    cause: error,
  });
}

/** Whether a result may go to `path`: nothing is there, or an empty folder. */
export function isFreePlace(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return !existsSync(path); // a file, or a folder that may not be read
  }
}

/** Writes `content` to `path` atomically, creating parent directories. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  writePiecesAtomic(path, [content]);
}

/**
 * Writes `pieces` one after the other to `path` atomically, for content that is too large for one string.
 * When `pieces` throws, nothing is left behind and an older file stays.
 *
 * @example writePiecesAtomic('out.txt', ['first line\n', 'second line\n'])
 */
export function writePiecesAtomic(path: string, pieces: Iterable<string | Uint8Array>): void {
  const pending = new PendingFile(path);
  try {
    for (const piece of pieces) pending.write(piece);
    pending.finish();
  } catch (error) {
    throw pending.abandon(error);
  }
}

/** Text that is written at once, in characters. */
const BLOCK = 2 ** 16;

/**
 * Writes pieces to `path` as they come, atomically, as `writePiecesAtomic` does those that are there at once.
 *
 * Errors: `DISK_FULL`, and those of `pieces`.
 *
 * @example await streamPiecesAtomic('out.jsonl', linesOf(records))
 */
export async function streamPiecesAtomic(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const pending = new PendingFile(path);
  try {
    let block = '';
    for await (const piece of pieces) {
      block += piece;
      if (block.length < BLOCK) continue;
      pending.write(block);
      block = '';
    }
    pending.write(block);
    pending.finish();
  } catch (error) {
    throw pending.abandon(error);
  }
}

/** A file beside its place until it is whole. */
class PendingFile {
  private readonly path: string;
  private readonly temporary: string;
  private file: number | undefined;

  constructor(path: string) {
    this.path = path;
    this.temporary = `${path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.file = openSync(this.temporary, 'w');
    } catch (error) {
      throw this.abandon(error);
    }
  }

  write(piece: string | Uint8Array): void {
    writeFileSync(this.file!, piece);
  }

  finish(): void {
    fsyncSync(this.file!);
    this.close();
    renameSync(this.temporary, this.path);
  }

  /** Removes what was written; the error to throw. */
  abandon(error: unknown): unknown {
    this.close();
    removeQuietly(this.temporary);
    return asWriteError(error, this.path);
  }

  private close(): void {
    if (this.file === undefined) return;
    const file = this.file;
    this.file = undefined;
    closeSync(file);
  }
}

/**
 * Fills a fresh directory beside `path` and renames it into place when `fill` has succeeded; an older
 * directory at `path` is replaced only then. On failure nothing is left behind and the old one stays.
 */
export async function writeDirectoryAtomic<T>(
  path: string,
  fill: (directory: string) => Promise<T>,
): Promise<T> {
  // Neither `models/` nor `.` may put the temporary folder inside its own place.
  const place = join(path, '..', basename(resolve(path)));
  const temporary = `${place}.${process.pid}.tmp`;
  const previous = `${place}.${process.pid}.old.tmp`;
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    const result = await fill(temporary);
    const hadOld = moveIfPresent(place, previous);
    try {
      renameSync(temporary, place);
    } catch (error) {
      if (hadOld) renameSync(previous, place);
      throw error;
    }
    rmSync(previous, { recursive: true, force: true });
    return result;
  } catch (error) {
    removeQuietly(temporary);
    throw asWriteError(error, path);
  }
}

/** Whether there was something to move. */
function moveIfPresent(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

/** Removes a partial output; a failure here must not hide the error that made it partial. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // nothing was written where there is nothing to remove, e.g. below a file
  }
}
