/** Reads a part of an open file from front to back, a buffer at a time. */
import { readSync } from 'node:fs';

/** Bytes that are read together, unless one record is larger. */
const BUFFER_BYTES = 1 << 18;

/** Fills `bytes` from position `at` of an open file; RangeError when the file ends before. */
export function readFully(file: number, bytes: Uint8Array, at: number): Uint8Array {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) throw new RangeError('bytes behind the end');
    done += read;
  }
  return bytes;
}

/** Records of a file, one after the other. */
export class SequentialFile {
  private readonly file: number;
  private readonly end: number;
  private position: number;
  private buffer: Uint8Array = new Uint8Array(0);
  private at = 0;

  /** @param file an open file; the part from `from` to before `end` is read */
  constructor(file: number, from: number, end: number) {
    this.file = file;
    this.position = from;
    this.end = end;
  }

  get done(): boolean {
    return this.at === this.buffer.length && this.position === this.end;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 0x80) {
      if (this.at === this.buffer.length) this.fill(1);
      const byte = this.buffer[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number without end');
  }

  /** The next bytes; they stay as they are until the next read. */
  take(count: number): Uint8Array {
    if (this.buffer.length - this.at < count) this.fill(count);
    this.at += count;
    return this.buffer.subarray(this.at - count, this.at);
  }

  /** Makes `count` bytes available. */
  private fill(count: number): void {
    const rest = this.buffer.subarray(this.at);
    const left = this.end - this.position;
    if (rest.length + left < count) throw new RangeError('bytes behind the end');
    const more = Math.min(left, Math.max(BUFFER_BYTES, count - rest.length));
    const next = new Uint8Array(rest.length + more);
    next.set(rest);
    readFully(this.file, next.subarray(rest.length), this.position);
    this.position += more;
    this.buffer = next;
    this.at = 0;
  }
}
