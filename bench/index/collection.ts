/**
 * The synthetic collection that all stages and systems of bench/index.ts are given, in a folder:
 *
 *     data.json         {passages, tokens, dim}: every passage has the same number of tokens
 *     vectors.f16       [passages, tokens, dim] row-major, float16
 *     NAME.f32          the vectors of the queries NAME (`dev`, `test`), one query after the other, [tokens, dim] each
 *     NAME.json         the tokens of each of these queries
 *     NAME.best.json    the ids of the best passages of each by exact MaxSim, best first
 */
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
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { decodeFloat16, encodeFloat16 } from '../../src/data/half.ts';
import type { QueryVectors } from '../../src/index/late-interaction.ts';
import { SyntheticCollection } from './synthetic.ts';

/** Passages that are written at a time. */
const BATCH = 256;

/** What data.json says. */
export interface CollectionShape {
  readonly passages: number;
  readonly tokens: number;
  readonly dim: number;
}

/** Passages by number, their vectors read from the disk. */
export class Collection implements CollectionShape {
  readonly folder: string;
  readonly passages: number;
  readonly tokens: number;
  readonly dim: number;
  private readonly file: number;

  /** Opens what `writeCollection` wrote. */
  constructor(folder: string) {
    const shape: CollectionShape = JSON.parse(readFileSync(join(folder, 'data.json'), 'utf8'));
    this.folder = folder;
    this.passages = shape.passages;
    this.tokens = shape.tokens;
    this.dim = shape.dim;
    this.file = openSync(join(folder, 'vectors.f16'), 'r');
  }

  /** Row-major [count, tokens, dim] of passages `first` and on. */
  vectors(first: number, count = 1): Float32Array {
    const numbers = this.tokens * this.dim;
    const halves = new Uint16Array(count * numbers);
    const bytes = new Uint8Array(halves.buffer);
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(this.file, bytes, done, bytes.length - done, 2 * first * numbers + done);
      if (got === 0) throw new Error('vectors.f16 is too short');
      done += got;
    }
    return decodeFloat16(halves);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** The settings of the synthetic collection; everything but the number of passages is the same at all sizes. */
export const SYNTHETIC = { dim: 128, tokens: 64, seed: 1, centres: 20_000, topics: 2_000 };
/** Tokens of a synthetic query. */
export const QUERY_TOKENS = 32;

/** Writes the first `passages` passages into `folder`, unless they lie there. */
export function writeCollection(folder: string, passages: number): void {
  if (existsSync(join(folder, 'data.json'))) return;
  mkdirSync(folder, { recursive: true });
  const source = new SyntheticCollection(SYNTHETIC);
  const path = join(folder, 'vectors.f16');
  const file = openSync(`${path}.tmp`, 'w');
  for (let first = 0; first < passages; first += BATCH) {
    const count = Math.min(BATCH, passages - first);
    const parts = Array.from({ length: count }, (_, i) => encodeFloat16(source.passage(first + i)));
    writeSync(file, Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer))));
  }
  closeSync(file);
  renameSync(`${path}.tmp`, path);
  const { tokens, dim } = SYNTHETIC;
  writeFileAtomic(join(folder, 'data.json'), JSON.stringify({ passages, tokens, dim }));
}

/** Writes `count` queries of the synthetic collection of `passages` into `folder`. */
export function writeSyntheticQueries(folder: string, name: string, count: number, passages: number): void {
  mkdirSync(folder, { recursive: true });
  const source = new SyntheticCollection(SYNTHETIC);
  const queries = Array.from({ length: count }, (_, q) => ({
    vectors: source.query(name, q, QUERY_TOKENS, passages),
    tokens: QUERY_TOKENS,
  }));
  writeQueries(folder, name, queries);
}

/** Writes queries under a name. */
export function writeQueries(folder: string, name: string, queries: readonly QueryVectors[]): void {
  const bytes = queries.map(({ vectors }) =>
    Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength),
  );
  writeFileAtomic(join(folder, `${name}.f32`), Buffer.concat(bytes));
  writeFileAtomic(join(folder, `${name}.json`), JSON.stringify(queries.map(({ tokens }) => tokens)));
}

/** Reads queries of `dim` numbers a token. */
export function readQueries(folder: string, name: string, dim: number): QueryVectors[] {
  const counts: number[] = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const all = new Float32Array(new Uint8Array(readFileSync(join(folder, `${name}.f32`))).buffer);
  let start = 0;
  return counts.map((tokens) => {
    const vectors = all.subarray(start, start + tokens * dim);
    start += vectors.length;
    return { vectors, tokens };
  });
}
