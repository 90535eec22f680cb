/**
 * Writing that is never half done: a file or directory is written beside its place and renamed into it.
 * A full disk or a missing permission becomes a `DISK_FULL` error and the partial output is removed.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { RefractError } from '../errors.ts';

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EISDIR', 'EFBIG']);

/** Turns an operating-system error about writing into a `DISK_FULL` error; other errors pass through. */
export function asWriteError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || !DISK_CODES.has(code)) return error;
  return new RefractError('DISK_FULL', `cannot write (${code})`, {
    at: path,
    hint: 'Free some space or choose another place with --out; nothing half-written was left there.',
    cause: error,
  });
}

/** Writes `content` to `path` atomically, creating parent directories. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asWriteError(error, path);
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
  const temporary = `${path}.${process.pid}.tmp`;
  const previous = `${path}.${process.pid}.old.tmp`;
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    const result = await fill(temporary);
    try {
      renameSync(path, previous);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    renameSync(temporary, path);
    rmSync(previous, { recursive: true, force: true });
    return result;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw asWriteError(error, path);
  }
}
