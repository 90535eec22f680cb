/** Exact MaxSim over the plain vectors of a view: all of them in memory, in shards, scored one by one. */
import { type PackedQuery, packQuery, paddedDim, SHARD_BYTES, Shard } from '../shard.ts';
import { topK } from '../top-k.ts';
import type { AllowedWindows, SegmentScorer, WindowHit, WindowPlace } from '../vector-storage.ts';
import type { PlainReader } from './plain-reader.ts';

/** Queries scored in one pass over the vectors. */
const BATCH = 32;

/** A query as `SegmentScorer.searchBatch` takes it. */
interface QueryRows {
  readonly vectors: Float32Array;
  readonly tokens: number;
}

/** Scores every window; vectors are read into memory as float32 at the first search. */
export class PlainScorer implements SegmentScorer {
  private readonly readers: readonly PlainReader[];
  private readonly dim: number;
  private readonly shardBytes: number;
  /** Windows before each segment, and their number at the end. */
  private readonly bases: Float64Array;
  private loaded: Shard[] | undefined;

  constructor(readers: readonly PlainReader[], dim: number, shardBytes = SHARD_BYTES) {
    this.readers = readers;
    this.dim = dim;
    this.shardBytes = shardBytes;
    this.bases = new Float64Array(readers.length + 1);
    for (const [i, { windows }] of readers.entries()) this.bases[i + 1] = this.bases[i] + windows;
  }

  async search(
    query: Float32Array,
    tokens: number,
    depth: number,
    allowed: readonly AllowedWindows[],
  ): Promise<WindowHit[]> {
    const [hits] = await this.searchBatch([{ vectors: query, tokens }], depth, allowed);
    return hits;
  }

  /** `search` for many queries: each window's vectors are scored for up to 32 of them while they are at hand. */
  async searchBatch(
    queries: readonly QueryRows[],
    depth: number,
    allowed: readonly AllowedWindows[],
  ): Promise<WindowHit[][]> {
    const windows = this.bases[this.readers.length];
    const chosen = this.positions(allowed);
    const count = chosen?.length ?? windows;
    const results: WindowHit[][] = [];
    for (let start = 0; start < queries.length; start += BATCH) {
      const batch = queries.slice(start, start + BATCH).map((query) => this.pack(query));
      const scores = batch.map(() => new Float32Array(count));
      let done = 0;
      for (const shard of this.shards()) {
        let end = done;
        if (chosen !== undefined) while (end < count && chosen[end] < shard.first + shard.size) end++;
        if (chosen === undefined) shard.scoreAll(batch, scores);
        else shard.scoreSome(batch, chosen.subarray(done, end), scores, done);
        done = end;
      }
      for (const row of scores)
        results.push(
          topK(row, depth).map((place) => ({
            ...this.placeOf(chosen === undefined ? place : chosen[place]),
            score: row[place],
          })),
        );
    }
    return results;
  }

  async score(query: Float32Array, tokens: number, windows: readonly WindowPlace[]): Promise<Float32Array> {
    const packed = this.pack({ vectors: query, tokens });
    const shards = this.shards();
    return Float32Array.from(windows, ({ segment, window }) => {
      const position = this.bases[segment] + window;
      const shard = shards.find(({ first, size }) => position < first + size);
      return shard === undefined ? Number.NaN : shard.scoreOne(packed, position);
    });
  }

  async close(): Promise<void> {
    this.loaded = undefined;
  }

  private pack({ vectors, tokens }: QueryRows): PackedQuery {
    return packQuery(vectors, tokens, this.dim);
  }

  /** Positions of the windows that may be found, ascending; undefined where all may. */
  private positions(allowed: readonly AllowedWindows[]): Uint32Array | undefined {
    if (allowed.every((each) => each === undefined)) return undefined;
    const positions: number[] = [];
    for (const [segment, bits] of allowed.entries()) {
      const base = this.bases[segment];
      for (let window = 0; window < this.readers[segment].windows; window++)
        if (bits === undefined || (bits[window >> 3] >> (window & 7)) & 1) positions.push(base + window);
    }
    return Uint32Array.from(positions);
  }

  private placeOf(position: number): WindowPlace {
    let segment = 0;
    while (this.bases[segment + 1] <= position) segment++;
    return { segment, window: position - this.bases[segment] };
  }

  /** All vectors in memory, cut into shards at window boundaries. */
  private shards(): Shard[] {
    if (this.loaded !== undefined) return this.loaded;
    const limit = Math.floor(this.shardBytes / (4 * paddedDim(this.dim)));
    const shards: Shard[] = [];
    for (const [segment, reader] of this.readers.entries()) {
      const { offsets, windows } = reader;
      for (let first = 0; first < windows; ) {
        let end = first + 1;
        while (end < windows && offsets[end + 1] - offsets[first] <= limit) end++;
        const base = offsets[first];
        const local = offsets.slice(first, end + 1).map((offset) => offset - base);
        const fill = (rows: Float32Array, width: number) =>
          reader.readInto(rows, width, base, local[local.length - 1]);
        shards.push(new Shard(this.bases[segment] + first, local, this.dim, fill));
        first = end;
      }
    }
    this.loaded = shards;
    return shards;
  }
}
