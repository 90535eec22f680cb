/** A file that is written in pieces with flat memory, counted and hashed on the way. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that are collected before they go to the disk. */
const BUFFER_BYTES = 1 << 20;

/** An append-only file; `finish` flushes it to the disk, `abandon` only closes it. */
export class StreamedFile {
  readonly path: string;
  private readonly handle: FileHandle;
  private readonly hash: Hash = createHash('sha256');
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  /** Bytes appended so far. */
  bytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  /** Creates the file; it must not exist. */
  static async create(path: string): Promise<StreamedFile> {
    return new StreamedFile(path, await open(path, 'wx'));
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

  /** Writes what is pending, so that the file can be read; it goes on being appended to. */
  async flush(): Promise<void> {
    const all = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    for (let written = 0; written < all.length; ) {
      written += (await this.handle.write(all, written)).bytesWritten;
    }
  }

  /** Writes what is pending, syncs and closes; returns the manifest's entry. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.flush();
    await this.handle.sync();
    await this.handle.close();
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /** Closes the file as it is; does nothing when it is closed. */
  async abandon(): Promise<void> {
    if (this.handle.fd >= 0) await this.handle.close();
  }
}
