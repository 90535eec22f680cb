/**
 * The windows of each centroid, on the disk: 4 bytes with the size of the directory; the directory, which names for each
 * centroid that has windows its distance from the one before and the bytes of its list; the lists, each the distances
 * from window to window. Distances and sizes are LEB128 varints.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { damaged } from './segment-files.ts';
import { readFully } from './segment-reader.ts';

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

/** Sizes that a file of lists must agree with. */
interface ListSizes {
  readonly centroids: number;
  readonly windows: number;
}

/** The inverted lists of one segment; the directory is in memory, lists are read when they are asked for. */
export class InvertedLists {
  private readonly file: number;
  private readonly path: string;
  private readonly windows: number;
  /** Where each centroid's list starts in the file, and the end of the last. */
  private readonly offsets: Float64Array;

  /** Opens a file by itself. @throws RefractError `CHECKPOINT_FORMAT` */
  static open(path: string, sizes: ListSizes): InvertedLists {
    return new InvertedLists({ file: openSync(path, 'r'), path }, sizes);
  }

  /** Reads the directory of an open file. @throws RefractError `CHECKPOINT_FORMAT` a damaged directory */
  constructor(
    { file, path }: { readonly file: number; readonly path: string },
    { centroids: size, windows }: ListSizes,
  ) {
    this.file = file;
    this.path = path;
    this.windows = windows;
    const bytes = fstatSync(file).size;
    const header = new Uint32Array(1);
    readFully(file, path, header, 0);
    if (header[0] + 4 > bytes) throw damaged(path, `a directory of ${header[0]} bytes in a file of ${bytes}`);
    const directory = new Uint8Array(header[0]);
    readFully(file, path, directory, 4);
    this.offsets = new Float64Array(size + 1);
    let at = 0;
    const read = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = directory[at++];
        value += (byte & 127) * 2 ** shift;
        if (!(byte & 128)) return value;
      }
    };
    let [centroid, position] = [0, 4 + header[0]];
    let filled = 0;
    while (at < directory.length) {
      centroid += read();
      const length = read();
      if (!(centroid < size) || at > directory.length) throw damaged(path, 'the directory is damaged');
      this.offsets.fill(position, filled, centroid + 1);
      filled = centroid + 1;
      position += length;
    }
    this.offsets.fill(position, filled);
    if (position !== bytes) throw damaged(path, `the file has ${bytes} bytes instead of ${position}`);
  }

  /** Bytes of a centroid's list, about the number of its windows. */
  bytesOf(centroid: number): number {
    return this.offsets[centroid + 1] - this.offsets[centroid];
  }

  /** The windows of a centroid, ascending. @throws RefractError `CHECKPOINT_FORMAT` */
  windowsOf(centroid: number): Uint32Array {
    const { file, path } = this;
    const bytes = new Uint8Array(this.bytesOf(centroid));
    readFully(file, path, bytes, this.offsets[centroid]);
    const windows = new Uint32Array(bytes.length);
    let count = 0;
    for (let at = 0, window = 0; at < bytes.length; count++) {
      let byte = bytes[at++];
      let distance = byte & 127;
      for (let shift = 7; byte & 128; shift += 7) {
        byte = bytes[at++];
        distance |= (byte & 127) << shift;
      }
      window += distance;
      windows[count] = window;
    }
    if (count > 0 && !(windows[count - 1] < this.windows))
      throw damaged(path, `centroid ${centroid} has a window too many`);
    return windows.subarray(0, count);
  }

  close(): void {
    closeSync(this.file);
  }
}
