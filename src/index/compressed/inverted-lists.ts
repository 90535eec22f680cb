/**
 * The windows of each centroid, on the disk: 4 bytes with the size of the directory; the directory, which names for each
 * centroid that has windows its distance from the one before and the bytes of its list; the lists, each the distances
 * from window to window. Distances and sizes are LEB128 varints.
 */
import { damaged } from './segment-files.ts';

/** Bytes that grow as numbers are appended. */
class VarintBuffer {
  private bytes = new Uint8Array(1 << 16);
  length = 0;

  push(value: number): void {
    if (this.length + 5 > this.bytes.length) {
      const grown = new Uint8Array(2 * this.bytes.length);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    let rest = value;
    while (rest > 127) {
      this.bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** The file of a segment whose windows have these codes; `size` is the number of centroids. */
export function encodeLists(codes: readonly Uint16Array[], size: number): Uint8Array[] {
  // Windows by centroid, each once: in the order of windows, so that distances are positive.
  const starts = new Uint32Array(size + 1);
  const last = new Int32Array(size).fill(-1);
  const eachOnce = (visit: (code: number, window: number) => void) => {
    last.fill(-1);
    codes.forEach((window, w) => {
      for (const code of window) {
        if (last[code] === w) continue;
        last[code] = w;
        visit(code, w);
      }
    });
  };
  eachOnce((code) => starts[code + 1]++);
  for (let c = 0; c < size; c++) starts[c + 1] += starts[c];
  const windows = new Uint32Array(starts[size]);
  const next = starts.slice();
  eachOnce((code, w) => {
    windows[next[code]++] = w;
  });
  const directory = new VarintBuffer();
  const lists = new VarintBuffer();
  for (let c = 0, before = 0; c < size; c++) {
    if (starts[c] === starts[c + 1]) continue;
    const start = lists.length;
    for (let i = starts[c]; i < starts[c + 1]; i++) {
      lists.push(windows[i] - (i === starts[c] ? 0 : windows[i - 1]));
    }
    directory.push(c - before);
    directory.push(lists.length - start);
    before = c;
  }
  return [new Uint8Array(Uint32Array.of(directory.length).buffer), directory.written, lists.written];
}

/** The inverted lists of one segment, read into memory as they lie. */
export class InvertedLists {
  private readonly bytes: Uint8Array;
  private readonly path: string;
  private readonly windows: number;
  /** Where each centroid's list starts in the file, and the end of the last. */
  private readonly offsets: Uint32Array;

  /**
   * @param bytes the whole file; @param path where it lies, for errors; @param size number of centroids
   * @throws RefractError `CHECKPOINT_FORMAT` a damaged directory
   */
  constructor(bytes: Uint8Array, path: string, size: number, windows: number) {
    this.bytes = bytes;
    this.path = path;
    this.windows = windows;
    const lists =
      bytes.length < 4
        ? Number.POSITIVE_INFINITY
        : 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (lists > bytes.length) throw damaged(path, `the file has ${bytes.length} bytes, its directory more`);
    this.offsets = new Uint32Array(size + 1);
    let at = 4;
    const read = () => {
      let value = 0;
      for (let shift = 0; at < lists; shift += 7) {
        const byte = bytes[at++];
        value += (byte & 127) * 2 ** shift;
        if (!(byte & 128)) return value;
      }
      throw damaged(path, 'the directory ends within a number');
    };
    let [centroid, filled, position] = [0, 0, lists];
    while (at < lists) {
      centroid += read();
      const length = read();
      if (!(centroid < size)) throw damaged(path, `a list of centroid ${centroid} of ${size}`);
      this.offsets.fill(position, filled, centroid + 1);
      filled = centroid + 1;
      position += length;
    }
    this.offsets.fill(position, filled);
    if (position !== bytes.length)
      throw damaged(path, `the file has ${bytes.length} bytes instead of ${position}`);
  }

  /** The windows of a centroid, ascending. @throws RefractError `CHECKPOINT_FORMAT` */
  windowsOf(centroid: number): Uint32Array {
    const { bytes } = this;
    const start = this.offsets[centroid];
    const end = this.offsets[centroid + 1];
    const windows = new Uint32Array(end - start);
    let count = 0;
    for (let at = start, window = 0; at < end; count++) {
      let byte = bytes[at++];
      let distance = byte & 127;
      for (let shift = 7; byte & 128; shift += 7) {
        byte = bytes[at++];
        distance |= (byte & 127) << shift;
      }
      window += distance;
      if (!(window >= 0 && window < this.windows))
        throw damaged(this.path, `centroid ${centroid} has window ${window} of ${this.windows}`);
      windows[count] = window;
    }
    return windows.subarray(0, count);
  }
}
