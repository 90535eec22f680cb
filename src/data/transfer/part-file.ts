/**
 * The part of a file that has arrived, and beside it, in `PATH.source`, where it comes from and which version (ETag
 * or date) it is a part of.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

/** An unfinished file on disk. A part that comes from another source, or from an unknown one, is thrown away. */
export class PartFile {
  readonly path: string;
  private known: string | undefined;
  private readonly source: string;
  private readonly note: string;
  private handle: number | undefined;
  private written: number;

  /** `source` says what it is a part of, in one line: an address, or the hash of the whole. */
  constructor(path: string, source: string) {
    this.path = path;
    this.note = noteOf(path);
    this.source = source;
    this.written = existsSync(path) ? statSync(path).size : 0;
    const [knownSource, version] = existsSync(this.note) ? readFileSync(this.note, 'utf8').split('\n') : [];
    if (this.written > 0 && knownSource !== source) this.restart();
    else this.known = version === '' ? undefined : version;
  }

  /** Bytes that are there. */
  get size(): number {
    return this.written;
  }

  /** The version of the whole as its server names it. */
  get version(): string | undefined {
    return this.known;
  }

  restart(): void {
    this.close();
    rmSync(this.path, { force: true });
    this.written = 0;
    this.known = undefined;
  }

  remember(version: string | undefined): void {
    this.known = version;
    writeFileSync(this.note, `${this.source}\n${version ?? ''}\n`);
  }

  /** Returns the bytes that are there now. */
  append(chunk: Uint8Array): number {
    this.handle ??= openSync(this.path, 'a');
    for (let at = 0; at < chunk.length; ) at += writeSync(this.handle, chunk, at);
    this.written += chunk.length;
    return this.written;
  }

  close(): void {
    if (this.handle === undefined) return;
    const handle = this.handle;
    this.handle = undefined;
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }

  /** Removes the note, once the file has its name. */
  forget(): void {
    rmSync(this.note, { force: true });
  }

  /** Removes all of it. */
  remove(): void {
    this.restart();
    this.forget();
  }
}

/** The file beside a part that says what it is a part of. */
export function noteOf(part: string): string {
  return `${part}.source`;
}
