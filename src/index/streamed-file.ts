/** A file that is written in pieces with flat memory, counted and hashed on the way. */
import { createHash, type Hash } from 'node:crypto';
import { type FileSystem, nodeFileSystem, type OutputFile } from './file-system.ts';
import type { FileEntry } from './vector-storage.ts';

/** Bytes that are collected before they go to the disk. */
const BUFFER_BYTES = 1 << 18;

/** An append-only file; `finish` flushes it to the disk, `abandon` only closes it. */
export class StreamedFile {
  private readonly file: OutputFile;
  private readonly hash: Hash = createHash('sha256');
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  /** Bytes appended so far. */
  bytes = 0;

  private constructor(file: OutputFile) {
    this.file = file;
  }

  /** Creates the file; it must not exist. */
  static async create(path: string, files: FileSystem = nodeFileSystem): Promise<StreamedFile> {
    return new StreamedFile(await files.create(path));
  }

  /** Appends a copy of `data` (numbers in the machine's byte order, which is little-endian everywhere Node runs). */
  async append(data: string | ArrayBufferView): Promise<void> {
    const chunk =
      typeof data === 'string'
        ? new TextEncoder().encode(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.hash.update(chunk);
    this.pending.push(chunk);
    this.pendingBytes += chunk.length;
    this.bytes += chunk.length;
    if (this.pendingBytes >= BUFFER_BYTES) await this.flush();
  }

  /** Writes what is pending, syncs and closes; returns the manifest's entry. */
  async finish(): Promise<FileEntry> {
    await this.flush();
    await this.file.sync();
    await this.file.close();
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /** Closes the file as it is; does nothing when it is closed. */
  async abandon(): Promise<void> {
    this.pending = [];
    await this.file.close();
  }

  private async flush(): Promise<void> {
    if (this.pendingBytes === 0) return;
    const all = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    await this.file.write(all);
  }
}

/** Writes a small file whole and syncs it. */
export async function writeWhole(
  path: string,
  content: string | ArrayBufferView,
  files: FileSystem,
): Promise<FileEntry> {
  const file = await StreamedFile.create(path, files);
  try {
    await file.append(content);
    return await file.finish();
  } finally {
    await file.abandon();
  }
}
