/** MaxSim over compressed segments: candidates by centroids, then exact scores from the compressed form. */
import { RefractError } from '../../errors.ts';
import type { Codec } from '../codec/codec.ts';
import { roundUp } from '../kernels/kernel-memory.ts';
import { MAX_CHUNKS, ThreadTeam } from '../kernels/thread-team.ts';
import { topK } from '../top-k.ts';
import type {
  AllowedWindows,
  SearchEffort,
  SegmentScorer,
  WindowHit,
  WindowPlace,
} from '../vector-storage.ts';
import { allowedSlots, bestSlots, candidateCount } from './candidates.ts';
import { ListVisitor } from './list-candidates.ts';
import { type IntegerQuery, integerQuery, type QueryBlock } from './query-blocks.ts';
import { type SearchMemory, searchMemory } from './search-memory.ts';
import { PHASE, SearchWork, TABLE_CHUNK } from './search-work.ts';
import type { CompressedReader } from './segment-reader.ts';

/** Windows of one chunk of the scan, and candidates of one chunk of scoring, at least. */
const SCAN_CHUNK = 1024;
const SCORE_CHUNK = 8;

/** How candidates are found: the cheaper way by default. */
export type CandidateSource = 'scan' | 'lists';

/** Settings of a scorer. */
export interface ScorerSettings {
  /** Threads, this one included. */
  readonly threads: number;
  /** Computes without WebAssembly, with the same result. */
  readonly plain?: boolean;
  /** Always this way. */
  readonly source?: CandidateSource;
  /** Centroids whose lists are visited for a query token. */
  readonly probes?: number;
}

/** Milliseconds that a part of a search took, all of them together. */
export interface SearchTimes {
  table: number;
  candidates: number;
  choice: number;
  scores: number;
  searches: number;
}

/** Centroids whose lists are visited for a query token, of as many as there are. */
export const PROBES = 16;
/**
 * Nanoseconds of a window in a list of mean length (near centroids have longer ones), of a list, of a centroid that may
 * be near to some token of a block, and of a token in the scan. The choice must not depend on threads or segments, which
 * the ranking does not depend on either: the scan is taken to have two threads.
 */
const COSTS = { visit: 70, list: 1000, centroid: 80, scanToken: 0.8 };

/** Scores windows of some segments of one codec. Searches run one after the other. */
export class CompressedScorer implements SegmentScorer {
  private readonly codec: Codec;
  private readonly readers: readonly CompressedReader[];
  private readonly settings: ScorerSettings;
  private readonly area: SearchMemory;
  private readonly team: ThreadTeam;
  private readonly largestCentroid: number;
  private visitor: ListVisitor | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;
  /** Where the time went. */
  readonly times: SearchTimes = { table: 0, candidates: 0, choice: 0, scores: 0, searches: 0 };

  /** Loads the codes of all segments and starts the threads. */
  static async open(
    codec: Codec,
    readers: readonly CompressedReader[],
    settings: ScorerSettings,
  ): Promise<CompressedScorer> {
    const scorer = new CompressedScorer(codec, readers, settings);
    try {
      await scorer.team.started();
    } catch (error) {
      await scorer.team.close();
      throw error;
    }
    return scorer;
  }

  private constructor(codec: Codec, readers: readonly CompressedReader[], settings: ScorerSettings) {
    this.codec = codec;
    this.readers = readers;
    this.settings = settings;
    this.area = searchMemory(codec, readers, settings.threads, settings.plain ?? false);
    const { memory, plan, team } = this.area;
    this.team = new ThreadTeam(memory, team, new SearchWork(memory, plan, 0), settings.threads, plan);
    this.largestCentroid = largestNorm(codec);
  }

  search(
    query: Float32Array,
    tokens: number,
    depth: number,
    allowed: readonly AllowedWindows[],
    { effort }: SearchEffort = {},
  ): Promise<WindowHit[]> {
    return this.inTurn(async () => {
      const integers = integerQuery(query, tokens, this.codec);
      if (effort !== undefined && !(effort >= 0 && effort <= 1)) {
        throw new RefractError('SETTING_INVALID', `an effort of ${effort}`, {
          hint: 'Give a number from 0 to 1.',
        });
      }
      const { windows, tokens: allowedTokens } = this.allow(allowed);
      const wanted = candidateCount(windows, depth, effort);
      const step = this.prepare(integers);
      const only = integers.blocks.length === 1;
      let count = wanted;
      if (wanted === windows) {
        const { memory, plan, slots } = this.area;
        const out = memory.u32.subarray(plan.candidates >>> 2, (plan.candidates >>> 2) + slots);
        count = allowedSlots(this.allowedBits(), slots, out);
      } else count = await this.findCandidates(integers, step, wanted, allowedTokens);
      const scores = await this.scoreCandidates(integers, step, count, only && wanted < windows);
      const { memory, plan } = this.area;
      this.times.searches++;
      return this.hits(
        memory.u32.subarray(plan.candidates >>> 2, (plan.candidates >>> 2) + count),
        scores,
        depth,
      );
    });
  }

  score(query: Float32Array, tokens: number, windows: readonly WindowPlace[]): Promise<Float32Array> {
    return this.inTurn(async () => {
      const integers = integerQuery(query, tokens, this.codec);
      const { memory, plan, slots } = this.area;
      const step = this.prepare(integers);
      const all = new Float32Array(windows.length);
      for (let first = 0; first < windows.length; first += slots) {
        const some = windows.slice(first, first + slots);
        some.forEach(({ segment, window }, i) => {
          memory.u32[(plan.candidates >>> 2) + i] = plan.segments[segment].firstSlot + window;
        });
        all.set(await this.scoreCandidates(integers, step, some.length, false), first);
      }
      return all;
    });
  }

  /** Threads that have started, the calling one included. */
  get serving(): number {
    return this.team.serving;
  }

  /** Ends the threads, after the searches that were asked for. Those that are asked for later are refused. */
  async close(): Promise<void> {
    this.closed = true;
    await this.last;
    await this.team.close();
  }

  /** Runs `job` when those before it have ended; none is taken once files and threads are about to go. */
  private async inTurn<T>(job: () => Promise<T>): Promise<T> {
    if (this.closed) throw new Error('the index is closed');
    const result = this.last.then(job);
    this.last = result.catch(() => undefined);
    return result;
  }

  private allowedBits(): Uint8Array {
    const { memory, plan, slots } = this.area;
    return memory.u8.subarray(plan.allowed, plan.allowed + slots / 8);
  }

  /** Writes which slots may be found; how many windows these are, and tokens. */
  private allow(allowed: readonly AllowedWindows[]): { readonly windows: number; readonly tokens: number } {
    const bits = this.allowedBits();
    bits.fill(0);
    let [count, tokens] = [0, 0];
    this.area.plan.segments.forEach(({ firstSlot, windows }, s) => {
      const given = allowed[s];
      const { starts } = this.readers[s];
      const to = firstSlot >>> 3;
      for (let at = 0; at < Math.ceil(windows / 8); at++) {
        const past = 8 * (at + 1) - windows;
        const byte = (given ? (given[at] ?? 0) : 255) & (past > 0 ? 255 >> past : 255);
        bits[to + at] = byte;
        count += ONES[byte];
        for (let rest = byte, w = 8 * at; rest > 0; rest >>= 1, w++) {
          if (rest & 1) tokens += starts[w + 1] - starts[w];
        }
      }
    });
    return { windows: count, tokens };
  }

  /** Writes the scales of this query's units, and finds how far products reach: the step of a byte. */
  private prepare({ blocks, unit }: IntegerQuery): number {
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
    return Math.fround(255 / (reach || 1));
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

  /** Products of a block's tokens with all centroids. */
  private async makeTable(block: QueryBlock, unit: number, step: number): Promise<void> {
    const start = performance.now();
    const { memory, plan } = this.area;
    memory.f32.set(this.floors(block, unit), plan.floors >>> 2);
    const job = plan.job >>> 2;
    memory.f32[job + 4] = unit * this.codec.unit;
    memory.f32[job + 5] = step;
    await this.run(PHASE.table, plan.centroidCount, TABLE_CHUNK, block);
    this.times.table += performance.now() - start;
  }

  private async run(phase: number, items: number, least: number, block: QueryBlock): Promise<void> {
    const { memory, plan } = this.area;
    const size = Math.max(least, roundUp(items / MAX_CHUNKS, least));
    memory.i32.set([block.width, size, items, block.tokens], plan.job >>> 2);
    await this.team.run(phase, Math.ceil(items / size));
  }

  /** Writes the slots to score; how many. */
  private async findCandidates(
    { blocks, unit }: IntegerQuery,
    step: number,
    wanted: number,
    tokens: number,
  ): Promise<number> {
    const { memory, plan, slots } = this.area;
    const scanned = memory.u32.subarray(plan.scanned >>> 2, (plan.scanned >>> 2) + slots);
    scanned.fill(0);
    for (const block of blocks) {
      await this.makeTable(block, unit, step);
      const start = performance.now();
      const near = this.nearIfCheaper(block, tokens);
      if (near) this.visitor!.visit(near, scanned);
      else await this.run(PHASE.scan, slots, SCAN_CHUNK, block);
      this.times.candidates += performance.now() - start;
    }
    const start = performance.now();
    const highest = 255 * blocks.reduce((sum, { width }) => sum + width, 0);
    const out = memory.u32.subarray(plan.candidates >>> 2, (plan.candidates >>> 2) + slots);
    const count = bestSlots(scanned, this.allowedBits(), highest, wanted, out);
    this.times.choice += performance.now() - start;
    return count;
  }

  /**
   * Near centroids of the block's tokens where visiting their lists is estimated to be cheaper than the scan of the
   * `tokens` that may be found. Tokens of deleted windows must not count: the ranking is the same after a merge.
   */
  private nearIfCheaper(block: QueryBlock, tokens: number): number[][][] | undefined {
    const { source, probes = PROBES } = this.settings;
    if (source === 'scan') return undefined;
    const { memory, plan } = this.area;
    const size = plan.centroidCount;
    const scan = COSTS.scanToken * tokens;
    const lists = Math.min(size, probes) * block.tokens;
    const visits = COSTS.centroid * size + lists * (COSTS.list + (COSTS.visit * tokens) / size);
    if (source === undefined && visits >= scan) return undefined;
    this.visitor ??= new ListVisitor(
      this.readers.map((reader) => reader.lists()),
      this.area,
    );
    const table = memory.u8.subarray(plan.bytes, plan.bytes + size * block.width);
    return this.visitor.near(table, block, probes);
  }

  /** Scores of the first `count` candidates; `tabled` where the table of the only block is there already. */
  private async scoreCandidates(
    { blocks, unit }: IntegerQuery,
    step: number,
    count: number,
    tabled: boolean,
  ): Promise<Float32Array> {
    const { memory, plan } = this.area;
    const scores = memory.f64.subarray(plan.scores >>> 3, (plan.scores >>> 3) + count);
    scores.fill(0);
    if (count === 0) return new Float32Array(0);
    for (const block of blocks) {
      if (!tabled) await this.makeTable(block, unit, step);
      const start = performance.now();
      await this.run(PHASE.score, count, SCORE_CHUNK, block);
      this.times.scores += performance.now() - start;
    }
    return Float32Array.from(scores);
  }

  /** The `depth` best candidates, best first; candidates ascend, so that equal scores are in the order of windows. */
  private hits(slots: Uint32Array, scores: Float32Array, depth: number): WindowHit[] {
    const order = topK(scores, depth);
    const { segments } = this.area.plan;
    return order.map((i) => {
      const slot = slots[i];
      let segment = segments.length - 1;
      while (segments[segment].firstSlot > slot || segments[segment].windows === 0) segment--;
      return { segment, window: slot - segments[segment].firstSlot, score: scores[i] };
    });
  }
}

/** Bits that are set in a byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function largestNorm({ centroids, paddedDim, unit }: Codec): number {
  let largest = 0;
  for (let start = 0; start < centroids.length; start += paddedDim) {
    let squares = 0;
    for (let d = start; d < start + paddedDim; d++) squares += centroids[d] ** 2;
    largest = Math.max(largest, squares);
  }
  return Math.sqrt(largest) * unit;
}
