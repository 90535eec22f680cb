/**
 * The operations that change an index's files. All of them go through this interface, so that tests can end the process
 * or fill the disk at any one of them.
 */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** A file that is being written, from its beginning to its end. */
export interface OutputFile {
  write(bytes: Uint8Array): Promise<void>;
  /** What was written is on the disk when it returns. */
  sync(): Promise<void>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** What the writer of an index does to the disk. Errors are those of the operating system. */
export interface FileSystem {
  /** Creates a file, which must not exist. */
  create(path: string): Promise<OutputFile>;
  /** Creates a folder and those above it; one that exists is fine. */
  makeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Gives a file a second name, which must not exist. */
  link(from: string, to: string): void;
  /** Removes a file, or a folder with all in it; nothing there is fine. */
  remove(path: string): void;
  /**
   * Names that were made, renamed or removed in the folder are on the disk when it returns; where the file system does not
   * sync folders, as soon as that sees to it.
   */
  syncDirectory(path: string): void;
}

/** What systems say that do not sync folders; anything else is a disk that may have lost something. */
const SYNC_NO_FOLDERS = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EISDIR', 'EBADF']);

/** The disk itself. */
export const nodeFileSystem: FileSystem = {
  async create(path) {
    const handle = await open(path, 'wx');
    let closed = false;
    return {
      async write(bytes) {
        for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
      },
      sync: () => handle.sync(),
      async close() {
        if (closed) return;
        closed = true;
        await handle.close();
      },
    };
  },
  makeDirectory(path) {
    mkdirSync(path, { recursive: true });
  },
  rename: renameSync,
  link: linkSync,
  remove(path) {
    rmSync(path, { recursive: true, force: true });
  },
  syncDirectory(path) {
    // Windows opens no folders; its renames are in the journal.
    if (process.platform === 'win32') return;
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } catch (error) {
      // Some file systems, of networks above all, sync no folders: theirs is to keep names.
      if (!SYNC_NO_FOLDERS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    } finally {
      closeSync(folder);
    }
  },
};
