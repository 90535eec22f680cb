/** Collections that the bench searches: token vectors in a float16 file, and the tokens of each passage. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { encodeFloat16 } from '../../src/data/half.ts';
import { decodeFloat16 } from '../../src/index/float16.ts';
import { SyntheticCollection, type SyntheticSettings } from './synthetic.ts';

/** Passages by number, their vectors read from the disk. */
export class Collection {
  readonly dim: number;
  /** Token offset of each passage, and the total. */
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

  /** Row-major [tokens, dim]. */
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
  return new Collection(
    path,
    dim,
    Float64Array.from({ length: passages + 1 }, (_, p) => p * tokens),
  );
}

/** The passages of an exact index of format version 1. */
export function indexFolder(folder: string): Collection {
  const { dim } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const pairs = new BigUint64Array(new Uint8Array(readFileSync(join(folder, 'offsets.u64'))).buffer);
  const offsets = new Float64Array(pairs.length / 2).map((_, p) => Number(pairs[2 * p]));
  return new Collection(join(folder, 'vectors.f16'), dim, offsets);
}
