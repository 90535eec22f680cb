/** Bytes that grow, and a cursor over bytes, both with numbers of variable length (LEB128: 7 bits a byte, low first). */

/** Appends bytes and numbers; `take` gives what was written and starts again. */
export class ByteBuffer {
  private bytes = new Uint8Array(1 << 12);
  length = 0;

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written since the last `clear`; it changes with the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Reads bytes from front to back. A read behind the end throws a RangeError, which readers name as damage. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  varint(): number {
    const { bytes } = this;
    let value = 0;
    for (let scale = 1; this.at < bytes.length && scale < 2 ** 53; scale *= 0x80) {
      const byte = bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number without end');
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw new RangeError('bytes behind the end');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}
