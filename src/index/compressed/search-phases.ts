/** The steps of a search that threads share: products with centroids, the scan of the codes, and exact scores. */
import type { Codec } from '../codec/codec.ts';
import { roundUp } from '../kernels/kernel-memory.ts';
import { MAX_CHUNKS, ThreadTeam } from '../kernels/thread-team.ts';
import type { IntegerQuery, QueryBlock } from './query-blocks.ts';
import { type SearchMemory, searchMemory } from './search-memory.ts';
import { PHASE, SearchWork, TABLE_CHUNK } from './search-work.ts';
import type { CompressedReader } from './segment-reader.ts';

/** Windows of one chunk of the scan, and candidates of one chunk of scoring, at least. */
const SCAN_CHUNK = 1024;
const SCORE_CHUNK = 8;
/**
 * Multiply-adds after which workers are started: one thread does them in about the processor time that starting a worker
 * takes (90 ms). So a process that searches once does not pay for threads that come too late.
 */
const WORK_ALONE = 2 ** 31;
/** Rows of the table are made one by one for candidates with at most this share of as many tokens as there are rows. */
const FEW_ROWS = 0.35;

/** Milliseconds that a part of a search took, all of them together. */
export interface SearchTimes {
  table: number;
  candidates: number;
  choice: number;
  scores: number;
  searches: number;
}

/** A query whose scales are in the memory; `step` is that of a byte of the table. */
export interface PreparedQuery extends IntegerQuery {
  readonly step: number;
}

/** Leads the threads of one memory through one search at a time. */
export class SearchPhases {
  readonly area: SearchMemory;
  readonly team: ThreadTeam;
  readonly times: SearchTimes = { table: 0, candidates: 0, choice: 0, scores: 0, searches: 0 };
  private readonly codec: Codec;
  private readonly largestCentroid: number;
  /** Centroids of candidates: those of this stamp are listed already. */
  private readonly stamps: Uint32Array;
  private stamp = 0;
  /** Tokens of a window, on average, and multiply-adds so far. */
  private readonly meanTokens: number;
  private done = 0;

  /** Loads the codes of all segments; the threads are started when they are worth it, and are not waited for. */
  constructor(codec: Codec, readers: readonly CompressedReader[], threads: number, plain: boolean) {
    this.codec = codec;
    this.area = searchMemory(codec, readers, threads, plain);
    const { memory, plan, team } = this.area;
    this.team = new ThreadTeam(memory, team, new SearchWork(memory, plan, 0), threads, plan);
    this.largestCentroid = largestNorm(codec);
    this.stamps = new Uint32Array(codec.size);
    const total = (of: (reader: CompressedReader) => number) =>
      readers.reduce((sum, reader) => sum + of(reader), 0);
    this.meanTokens =
      total(({ tokens }) => tokens) /
      Math.max(
        1,
        total(({ windows }) => windows),
      );
  }

  /** Room for the slots that are scored, ascending or as they were given. */
  get candidates(): Uint32Array {
    const { memory, plan, slots } = this.area;
    return memory.u32.subarray(plan.candidates >>> 2, (plan.candidates >>> 2) + slots);
  }

  /** Writes the scales of a query's units, and finds how far products reach. */
  prepare(query: IntegerQuery): PreparedQuery {
    const { blocks, unit } = query;
    const { memory, plan } = this.area;
    const { scales, levelUnit } = this.codec;
    for (let b = 0; b < 256; b++) memory.f32[(plan.scales >>> 2) + b] = scales[b] * levelUnit * unit;
    let reach = 0;
    for (const block of blocks) {
      const floors = this.floors(block, unit);
      block.norms.forEach((norm, i) => {
        reach = Math.max(reach, norm * this.largestCentroid - floors[i]);
      });
    }
    return { ...query, step: Math.fround(255 / (reach || 1)) };
  }

  /** Products of a block's tokens with all centroids, also as bytes. */
  table(query: PreparedQuery, block: QueryBlock): Promise<void> {
    return this.timed('table', async () => {
      this.begin(query, block);
      const { centroidCount } = this.area.plan;
      this.count(centroidCount, block);
      await this.run(PHASE.table, centroidCount, TABLE_CHUNK, block);
    });
  }

  /** Adds the block's part of each allowed window's score by bytes. */
  scan(block: QueryBlock): Promise<void> {
    return this.run(PHASE.scan, this.area.slots, SCAN_CHUNK, block);
  }

  /** Scores of the first `count` candidates; `tabled` where the table of the only block is there already. */
  async score(query: PreparedQuery, count: number, tabled: boolean): Promise<Float32Array> {
    const { memory, plan } = this.area;
    const scores = memory.f64.subarray(plan.scores >>> 3, (plan.scores >>> 3) + count);
    scores.fill(0);
    if (count === 0) return new Float32Array(0);
    const rows = tabled ? undefined : this.listRows(count);
    for (const block of query.blocks) {
      if (rows !== undefined) await this.rows(query, block, rows);
      else if (!tabled) await this.table(query, block);
      this.count(count * this.meanTokens, block);
      await this.timed('scores', () => this.run(PHASE.score, count, SCORE_CHUNK, block));
    }
    return Float32Array.from(scores);
  }

  /** Adds the time of a part. */
  async timed<Result>(part: keyof SearchTimes, work: () => Promise<Result>): Promise<Result> {
    const start = performance.now();
    const result = await work();
    this.times[part] += performance.now() - start;
    return result;
  }

  /** Products with the listed centroids only. */
  private rows(query: PreparedQuery, block: QueryBlock, count: number): Promise<void> {
    return this.timed('table', async () => {
      this.begin(query, block);
      await this.run(PHASE.rows, count, TABLE_CHUNK, block);
    });
  }

  /** Lists the centroids of the first `count` candidates, each once; how many, undefined where the whole table is cheaper. */
  private listRows(count: number): number | undefined {
    const { memory, plan } = this.area;
    const { candidates, stamps } = this;
    const [starts, codes, listed] = [plan.starts >>> 2, plan.codes >>> 1, plan.rows >>> 2];
    let tokens = 0;
    for (let i = 0; i < count; i++) {
      tokens += memory.u32[starts + candidates[i] + 1] - memory.u32[starts + candidates[i]];
      if (tokens > FEW_ROWS * plan.centroidCount) return undefined;
    }
    if (this.stamp === 2 ** 32 - 1) {
      stamps.fill(0);
      this.stamp = 0;
    }
    const stamp = ++this.stamp;
    let rows = 0;
    for (let i = 0; i < count; i++) {
      const end = memory.u32[starts + candidates[i] + 1];
      for (let token = memory.u32[starts + candidates[i]]; token < end; token++) {
        const centroid = memory.u16[codes + token];
        if (stamps[centroid] === stamp) continue;
        stamps[centroid] = stamp;
        memory.u32[listed + rows++] = centroid;
      }
    }
    return rows;
  }

  /** Writes what the phases that make the table read. */
  private begin({ unit, step }: PreparedQuery, block: QueryBlock): void {
    const { memory, plan } = this.area;
    memory.f32.set(this.floors(block, unit), plan.floors >>> 2);
    const job = plan.job >>> 2;
    memory.f32[job + 4] = unit * this.codec.unit;
    memory.f32[job + 5] = step;
  }

  /** The mean product of each token of a block with centroids: what a byte of 0 stands for. */
  private floors(block: QueryBlock, unit: number): Float32Array {
    const { memory, plan, probeRows, probeSums, probes } = this.area;
    const { width } = block;
    memory.i16.set(block.packed, plan.queryBlock >>> 1);
    memory.kernels.dotRows(plan.queryBlock, width, probeRows, probes, plan.dim, probeSums);
    const floors = new Float32Array(width);
    for (let lane = 0; lane < width; lane++) {
      let sum = 0;
      for (let i = 0; i < probes; i++) sum += memory.i32[(probeSums >>> 2) + i * width + lane];
      floors[lane] = (sum / probes) * unit * this.codec.unit;
    }
    return floors;
  }

  /** Counts the products of a block with so many rows as work, and starts the workers when it has become much. */
  private count(rows: number, { width }: QueryBlock): void {
    this.done += rows * width * this.area.plan.dim;
    if (this.done >= WORK_ALONE) this.team.start();
  }

  private async run(phase: number, items: number, least: number, block: QueryBlock): Promise<void> {
    const { memory, plan } = this.area;
    const size = Math.max(least, roundUp(items / MAX_CHUNKS, least));
    memory.i32.set([block.width, size, items, block.tokens], plan.job >>> 2);
    await this.team.run(phase, Math.ceil(items / size));
  }
}

function largestNorm({ centroids, paddedDim, unit }: Codec): number {
  let largest = 0;
  for (let start = 0; start < centroids.length; start += paddedDim) {
    let squares = 0;
    for (let d = start; d < start + paddedDim; d++) squares += centroids[d] ** 2;
    largest = Math.max(largest, squares);
  }
  return Math.sqrt(largest) * unit;
}
