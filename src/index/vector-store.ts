/** Reading the files of an index directory: vectors, token ids, passages, offsets. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFloat16 } from '../data/half.ts';
import type { Passage } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { INDEX_FILES, type IndexManifest, vectorFile } from './manifest.ts';

/** Vectors that are read from the disk at a time. */
const CHUNK_TOKENS = 16384;

/** The open files of one index; positions come from `offsets.u64`. */
export class VectorStore {
  /** Token offset of each passage, and the total. */
  readonly tokenOffsets: Float64Array;
  private readonly byteOffsets: Float64Array;
  private readonly manifest: IndexManifest;
  private readonly path: string;
  private readonly vectorsFd: number;
  private readonly tokensFd: number;
  private readonly passagesFd: number;

  /** @throws RefractError `CHECKPOINT_FORMAT` when the offsets contradict the manifest */
  constructor(path: string, manifest: IndexManifest) {
    this.path = path;
    this.manifest = manifest;
    const raw = readFileSync(join(path, INDEX_FILES.offsets));
    const pairs = new BigUint64Array(new Uint8Array(raw).buffer);
    this.tokenOffsets = new Float64Array(pairs.length / 2).map((_, p) => Number(pairs[2 * p]));
    this.byteOffsets = new Float64Array(pairs.length / 2).map((_, p) => Number(pairs[2 * p + 1]));
    this.checkOffsets(this.tokenOffsets, manifest.tokens);
    this.checkOffsets(this.byteOffsets, manifest.files[INDEX_FILES.passages].bytes);
    this.vectorsFd = openSync(join(path, vectorFile(manifest.precision)), 'r');
    this.tokensFd = openSync(join(path, INDEX_FILES.tokens), 'r');
    this.passagesFd = openSync(join(path, INDEX_FILES.passages), 'r');
  }

  /** Every passage id, in order. */
  ids(): string[] {
    const lines = readFileSync(join(this.path, INDEX_FILES.ids), 'utf8').split('\n').slice(0, -1);
    if (lines.length !== this.manifest.passages) throw this.damaged(INDEX_FILES.ids);
    return lines.map((line) => String(this.parse(line, INDEX_FILES.ids)));
  }

  passage(ordinal: number): Passage {
    const start = this.byteOffsets[ordinal];
    const bytes = new Uint8Array(this.byteOffsets[ordinal + 1] - start);
    this.read(this.passagesFd, bytes, start);
    return this.parse(new TextDecoder().decode(bytes), INDEX_FILES.passages) as Passage;
  }

  tokenIds(ordinal: number): Int32Array {
    const start = this.tokenOffsets[ordinal];
    const ids = new Int32Array(this.tokenOffsets[ordinal + 1] - start);
    this.read(this.tokensFd, ids, 4 * start);
    return ids;
  }

  /** Reads `tokens` vectors from token `first` on into `rows`, one every `width` floats. */
  readVectors(first: number, tokens: number, rows: Float32Array, width: number): void {
    const { dim, precision } = this.manifest;
    for (let done = 0; done < tokens; done += CHUNK_TOKENS) {
      const count = Math.min(CHUNK_TOKENS, tokens - done);
      let values = new Float32Array(count * dim);
      if (precision === 'float16') {
        const patterns = new Uint16Array(count * dim);
        this.read(this.vectorsFd, patterns, 2 * dim * (first + done));
        decodeFloat16(patterns, values);
      } else {
        this.read(this.vectorsFd, values, 4 * dim * (first + done));
      }
      if (width !== dim) values = spread(values, dim, width);
      rows.set(values, done * width);
    }
  }

  close(): void {
    for (const fd of [this.vectorsFd, this.tokensFd, this.passagesFd]) closeSync(fd);
  }

  private read(fd: number, into: NodeJS.ArrayBufferView, position: number): void {
    for (let done = 0; done < into.byteLength; ) {
      const got = readSync(fd, into, done, into.byteLength - done, position + done);
      if (got === 0) throw this.damaged('a file');
      done += got;
    }
  }

  private parse(line: string, name: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      throw this.damaged(name);
    }
  }

  private checkOffsets(offsets: Float64Array, end: number): void {
    const rises = offsets.every((value, p) => (p === 0 ? value === 0 : value > offsets[p - 1]));
    if (!rises || offsets[offsets.length - 1] !== end) throw this.damaged(INDEX_FILES.offsets);
  }

  private damaged(name: string): RefractError {
    return new RefractError('CHECKPOINT_FORMAT', `${name} is damaged or was changed`, {
      at: this.path,
      hint: 'Build the index again with `refract index`.',
    });
  }
}

/** Rows of `dim` floats moved `width` floats apart, zeros between. */
function spread(values: Float32Array, dim: number, width: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array((values.length / dim) * width);
  for (let start = 0, to = 0; start < values.length; start += dim, to += width) {
    rows.set(values.subarray(start, start + dim), to);
  }
  return rows;
}
