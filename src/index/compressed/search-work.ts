/** One thread's share of a search: products with centroids, the scan for candidates, and exact scores. */
import { readSync } from 'node:fs';
import { RefractError } from '../../errors.ts';
import type { CodeBits } from '../codec/codec.ts';
import { type KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import type { Work } from '../kernels/thread-team.ts';

/** Query tokens that are worked on at a time; queries with more go in blocks. */
export const BLOCK_TOKENS = 32;
/** Document tokens that are decoded at a time. */
const TILE = 64;
/** Centroids of one chunk of `TABLE`. */
export const TABLE_CHUNK = 256;

/** Jobs of a search. */
export const PHASE = { table: 0, scan: 1, score: 2, rows: 3 } as const;

/** A segment in the order of the search. */
export interface PlacedSegment {
  /** Open file of its residuals. */
  readonly file: number;
  readonly path: string;
  /** Slot of its first window, a multiple of 8; slots between segments are empty windows. */
  readonly firstSlot: number;
  readonly windows: number;
  /** Its first token among those of all segments. */
  readonly firstToken: number;
}

/** Where everything lies; can be posted to a worker. Addresses are bytes. */
export interface SearchPlan {
  readonly kind: 'search';
  readonly dim: number;
  readonly bits: CodeBits;
  readonly packedBytes: number;
  readonly centroidCount: number;
  readonly segments: readonly PlacedSegment[];
  /** int32 [4]: width, items of a chunk, items, query tokens of the block; float32 [2] behind: unit, step. */
  readonly job: number;
  /** int16 [size, dim]. */
  readonly centroids: number;
  /** int16 packed block of the query. */
  readonly queryBlock: number;
  /** float32 [BLOCK_TOKENS]. */
  readonly floors: number;
  /** float32 [256]: scale of each byte by the units of the query and the levels. */
  readonly scales: number;
  /** int8 [16], or int16 levels of each byte. */
  readonly levels: number;
  /** float32 [size, width], and bytes of the same shape. */
  readonly table: number;
  readonly bytes: number;
  /** uint32 [size]: rows of the table that are to be made, where not all are. */
  readonly rows: number;
  /** uint16 [tokens]; uint32 [slots + 1]. */
  readonly codes: number;
  readonly starts: number;
  /** Bits by slot. */
  readonly allowed: number;
  /** uint32 [slots]: scores of the scan. */
  readonly scanned: number;
  /** uint32 [slots]: slots to score; float64 [slots]: their scores. */
  readonly candidates: number;
  readonly scores: number;
  readonly scratch: number;
  readonly scratchBytes: number;
}

/** Bytes of one thread's scratch, for windows of at most `longest` tokens. */
export function searchScratchBytes(dim: number, packedBytes: number, longest: number): number {
  return (
    roundUp(longest * (packedBytes + 1), 64) +
    roundUp(2 * TILE * dim, 64) +
    4 * TILE * BLOCK_TOKENS +
    4 * BLOCK_TOKENS
  );
}

/** Does chunks of the jobs in `PHASE`. */
export class SearchWork implements Work {
  private readonly memory: KernelMemory;
  private readonly plan: SearchPlan;
  private readonly record: number;
  private readonly rows: number;
  private readonly sums: number;
  private readonly best: number;

  constructor(memory: KernelMemory, plan: SearchPlan, thread: number) {
    this.memory = memory;
    this.plan = plan;
    const end = plan.scratch + (thread + 1) * plan.scratchBytes;
    this.best = end - 4 * BLOCK_TOKENS;
    this.sums = this.best - 4 * TILE * BLOCK_TOKENS;
    this.rows = this.sums - roundUp(2 * TILE * plan.dim, 64);
    this.record = plan.scratch + thread * plan.scratchBytes;
  }

  run(phase: number, chunk: number): void {
    const job = this.plan.job >>> 2;
    const [width, size, items] = this.memory.i32.subarray(job, job + 3);
    const first = chunk * size;
    const last = Math.min(first + size, items);
    if (phase === PHASE.table) this.table(first, last, width);
    else if (phase === PHASE.scan) this.scan(first, last, width);
    else if (phase === PHASE.rows) this.listedRows(first, last, width);
    else for (let i = first; i < last; i++) this.score(i, width);
  }

  private table(first: number, last: number, width: number): void {
    const { memory, plan } = this;
    const { dim } = plan;
    const unit = memory.f32[(plan.job >>> 2) + 4];
    const step = memory.f32[(plan.job >>> 2) + 5];
    const out = plan.table + 4 * width * first;
    const count = last - first;
    memory.kernels.dotRows(plan.queryBlock, width, plan.centroids + 2 * dim * first, count, dim, out);
    memory.kernels.centroidTable(out, count, width, unit, plan.floors, step, plan.bytes + width * first);
  }

  /** The listed rows `first` to `last`, as `table` makes them. */
  private listedRows(first: number, last: number, width: number): void {
    const { memory, plan } = this;
    const rows = plan.rows >>> 2;
    for (let i = first; i < last; i++) {
      const row = memory.u32[rows + i];
      this.table(row, row + 1, width);
    }
  }

  private scan(first: number, last: number, width: number): void {
    const { codes, starts, allowed, bytes, scanned } = this.plan;
    this.memory.kernels.scan(codes, starts, first, last, allowed, bytes, width, scanned);
  }

  /** Adds to the score of candidate `i` what the tokens of this block give. */
  private score(i: number, width: number): void {
    const { memory, plan } = this;
    const { kernels, u32, f32 } = memory;
    const { dim, packedBytes } = plan;
    const slot = u32[(plan.candidates >>> 2) + i];
    const token = u32[(plan.starts >>> 2) + slot];
    const tokens = u32[(plan.starts >>> 2) + slot + 1] - token;
    this.read(slot, token, tokens);
    const best = this.best >>> 2;
    f32.fill(-Infinity, best, best + width);
    for (let first = 0; first < tokens; first += TILE) {
      const count = Math.min(TILE, tokens - first);
      const packed = this.record + tokens + first * packedBytes;
      this.decode(packed, count * packedBytes);
      kernels.dotRows(plan.queryBlock, width, this.rows, count, dim, this.sums);
      const codes = plan.codes + 2 * (token + first);
      kernels.maxOver(
        this.sums,
        count,
        width,
        codes,
        plan.table,
        this.record + first,
        plan.scales,
        this.best,
      );
    }
    let score = memory.f64[(plan.scores >>> 3) + i];
    const lanes = memory.i32[(plan.job >>> 2) + 3];
    for (let lane = 0; lane < lanes; lane++) score += f32[best + lane];
    memory.f64[(plan.scores >>> 3) + i] = score;
  }

  private decode(packed: number, bytes: number): void {
    const { kernels } = this.memory;
    const { bits, levels } = this.plan;
    if (bits === 4) kernels.decodeFour(packed, bytes, levels, this.rows);
    else if (bits === 2) kernels.decodeTwo(packed, bytes, levels, this.rows);
    else kernels.decodeOne(packed, bytes, levels, this.rows);
  }

  /** Reads a window's scale bytes and levels. */
  private read(slot: number, token: number, tokens: number): void {
    const { plan, memory } = this;
    const { segments } = plan;
    let [low, high] = [0, segments.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (segments[middle].firstSlot <= slot) low = middle;
      else high = middle - 1;
    }
    const { file, path, firstToken } = segments[low];
    const bytes = tokens * (plan.packedBytes + 1);
    const position = (token - firstToken) * (plan.packedBytes + 1);
    for (let done = 0; done < bytes; ) {
      const got = readSync(file, memory.u8, this.record + done, bytes - done, position + done);
      if (got === 0) throw shortFile(path);
      done += got;
    }
  }
}

/** The error of a file that ends too early. */
export function shortFile(path: string): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', 'the file ends too early: it was cut off while it was open', {
    at: path,
    hint: 'Build the index again with `refract index`.',
  });
}
