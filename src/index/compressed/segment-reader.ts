/** The compressed vectors of one segment, opened. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';
import { type Codec, decodeToken } from '../codec/codec.ts';
import type { VectorReader } from '../vector-storage.ts';
import { InvertedLists } from './inverted-lists.ts';
import { COMPRESSED_FILES, damaged } from './segment-files.ts';

/** Fills `into` from `position` of an open file. @throws RefractError `CHECKPOINT_FORMAT` */
export function readFully(file: number, path: string, into: NodeJS.ArrayBufferView, position: number): void {
  for (let done = 0; done < into.byteLength; ) {
    const got = readSync(file, into, done, into.byteLength - done, position + done);
    if (got === 0) throw damaged(path, 'the file ends too early');
    done += got;
  }
}

/** Reads windows of one segment; codes and residuals stay on the disk. */
export class CompressedReader implements VectorReader {
  readonly windows: number;
  readonly tokens: number;
  readonly codec: Codec;
  /** Token at which each window starts, and the total. */
  readonly starts: Uint32Array;
  /** Open files and their paths. */
  readonly files: Readonly<
    Record<keyof typeof COMPRESSED_FILES, { readonly file: number; readonly path: string }>
  >;
  private closed = false;

  /** @throws RefractError `CHECKPOINT_FORMAT`, `CHECKPOINT_INCOMPLETE` */
  constructor(
    codec: Codec,
    directory: string,
    { windows, tokens }: { readonly windows: number; readonly tokens: number },
  ) {
    this.codec = codec;
    this.windows = windows;
    this.tokens = tokens;
    const opened: { file: number; path: string }[] = [];
    const open = (name: string) => {
      const path = join(directory, name);
      try {
        opened.push({ file: openSync(path, 'r'), path });
      } catch (cause) {
        throw new RefractError('CHECKPOINT_INCOMPLETE', 'the segment lacks this file, or it cannot be read', {
          at: path,
          hint: 'Build the index again with `refract index`.',
          cause,
        });
      }
      return opened[opened.length - 1];
    };
    try {
      const { codes, residuals, counts, lists } = COMPRESSED_FILES;
      this.files = {
        codes: open(codes),
        residuals: open(residuals),
        counts: open(counts),
        lists: open(lists),
      };
      checkSize(this.files.codes, 2 * tokens);
      checkSize(this.files.residuals, tokens * (codec.packedBytes + 1));
      checkSize(this.files.counts, 2 * windows);
      const sizes = new Uint16Array(windows);
      readFully(this.files.counts.file, this.files.counts.path, sizes, 0);
      this.starts = new Uint32Array(windows + 1);
      for (let w = 0; w < windows; w++) {
        if (sizes[w] === 0) throw damaged(this.files.counts.path, `window ${w} has no tokens`);
        this.starts[w + 1] = this.starts[w] + sizes[w];
      }
      if (this.starts[windows] !== tokens) {
        throw damaged(
          this.files.counts.path,
          `windows have ${this.starts[windows]} tokens instead of ${tokens}`,
        );
      }
    } catch (error) {
      for (const { file } of opened) closeSync(file);
      throw error;
    }
  }

  tokenCount(window: number): number {
    return this.starts[window + 1] - this.starts[window];
  }

  /** A window as it lies in the files: centroids, and scale bytes followed by packed levels. */
  stored(window: number): { readonly codes: Uint16Array; readonly record: Uint8Array } {
    const { codec, starts, files } = this;
    const tokens = this.tokenCount(window);
    const codes = new Uint16Array(tokens);
    readFully(files.codes.file, files.codes.path, codes, 2 * starts[window]);
    checkCodes(codes, codec.size, files.codes.path);
    const bytes = codec.packedBytes + 1;
    const record = new Uint8Array(tokens * bytes);
    readFully(files.residuals.file, files.residuals.path, record, starts[window] * bytes);
    return { codes, record };
  }

  vectors(window: number): Float32Array {
    const { codec } = this;
    const { codes, record } = this.stored(window);
    const tokens = codes.length;
    const out = new Float32Array(tokens * codec.dim);
    for (let t = 0; t < tokens; t++) {
      const packed = record.subarray(tokens + t * codec.packedBytes, tokens + (t + 1) * codec.packedBytes);
      decodeToken(codec, codes[t], record[t], packed, out.subarray(t * codec.dim, (t + 1) * codec.dim));
    }
    return out;
  }

  /** Reads the centroid of every token into `codes`. */
  readCodes(codes: Uint16Array): void {
    const { file, path } = this.files.codes;
    readFully(file, path, codes, 0);
    checkCodes(codes, this.codec.size, path);
  }

  /** The inverted lists, read into memory. @throws RefractError `CHECKPOINT_FORMAT` */
  lists(): InvertedLists {
    const { file, path } = this.files.lists;
    const bytes = new Uint8Array(fstatSync(file).size);
    readFully(file, path, bytes, 0);
    return new InvertedLists(bytes, path, this.codec.size, this.windows);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { file } of Object.values(this.files)) closeSync(file);
  }
}

function checkSize({ file, path }: { readonly file: number; readonly path: string }, expected: number): void {
  const { size } = fstatSync(file);
  if (size !== expected) throw damaged(path, `the file has ${size} bytes instead of ${expected}`);
}

function checkCodes(codes: Uint16Array, size: number, path: string): void {
  for (const code of codes) {
    if (code >= size) throw damaged(path, `a token has centroid ${code} of ${size}`);
  }
}
