/** Collections that the bench searches: token vectors in a float16 file, and the tokens of each passage. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFloat16, encodeFloat16 } from '../../src/data/half.ts';
import { openIndex } from '../../src/index/open-index.ts';
import { SyntheticCollection, type SyntheticSettings } from './synthetic.ts';

/** Passages by number. */
export interface Collection {
  readonly dim: number;
  readonly size: number;
  /** Token offset of each passage, and the total. */
  readonly offsets: Float64Array;
  tokens(p: number): number;
  /** Row-major [tokens, dim]. */
  vectors(p: number): Float32Array;
  close(): void;
}

/** Passages of a file of half-precision vectors. */
class VectorFile implements Collection {
  readonly dim: number;
  readonly offsets: Float64Array;
  private readonly file: number;

  constructor(path: string, dim: number, offsets: Float64Array) {
    this.dim = dim;
    this.offsets = offsets;
    this.file = openSync(path, 'r');
  }

  get size(): number {
    return this.offsets.length - 1;
  }

  tokens(p: number): number {
    return this.offsets[p + 1] - this.offsets[p];
  }

  vectors(p: number): Float32Array {
    const patterns = new Uint16Array(this.tokens(p) * this.dim);
    readSync(this.file, patterns, 0, patterns.byteLength, 2 * this.dim * this.offsets[p]);
    const out = new Float32Array(patterns.length);
    decodeFloat16(patterns, out);
    return out;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** The synthetic collection, written to `folder` unless it lies there. */
export function syntheticFile(folder: string, passages: number, settings: SyntheticSettings): Collection {
  const { dim, tokens, seed, centres, topics } = settings;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `vectors-${[passages, tokens, dim, centres, topics, seed].join('-')}.f16`);
  if (!existsSync(path)) {
    const source = new SyntheticCollection(settings);
    const file = openSync(`${path}.tmp`, 'w');
    for (let p = 0; p < passages; p++) writeSync(file, encodeFloat16(source.passage(p)));
    closeSync(file);
    renameSync(`${path}.tmp`, path);
  }
  return new VectorFile(
    path,
    dim,
    Float64Array.from({ length: passages + 1 }, (_, p) => p * tokens),
  );
}

/** The passages of an index that stores vectors as they are. */
export function indexFolder(folder: string): Collection {
  const index = openIndex(folder);
  const { dim, size } = index;
  const offsets = new Float64Array(size + 1);
  const tokens = (p: number) => index.windows(p).reduce((sum, count) => sum + count, 0);
  for (let p = 0; p < size; p++) offsets[p + 1] = offsets[p] + tokens(p);
  return { dim, size, offsets, tokens, vectors: (p) => index.vectors(p), close: () => void index.close() };
}
