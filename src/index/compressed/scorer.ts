/** MaxSim over compressed segments: candidates by centroids, then exact scores from the compressed form. */
import { RefractError } from '../../errors.ts';
import type { Codec } from '../codec/codec.ts';
import { topK } from '../top-k.ts';
import type {
  AllowedWindows,
  SearchEffort,
  SegmentScorer,
  WindowHit,
  WindowPlace,
} from '../vector-storage.ts';
import { allowedSlots, bestSlots, candidateCount } from './candidates.ts';
import { ListVisitor, listsAreCheaper, PROBES } from './list-candidates.ts';
import { integerQuery, type QueryBlock } from './query-blocks.ts';
import { type PreparedQuery, SearchPhases, type SearchTimes } from './search-phases.ts';
import type { CompressedReader } from './segment-reader.ts';

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
  /** Windows that are not deleted, one a segment; all by default. */
  readonly live?: readonly AllowedWindows[];
}

/** Windows and their tokens. */
interface Counted {
  readonly windows: number;
  readonly tokens: number;
}

/**
 * Scores windows of some segments of one codec. Searches run one after the other, at first on the calling thread;
 * others join it when there has been work enough.
 */
export class CompressedScorer implements SegmentScorer {
  private readonly codec: Codec;
  private readonly readers: readonly CompressedReader[];
  private readonly settings: ScorerSettings;
  private readonly phases: SearchPhases;
  /** Tokens of windows that are not deleted. */
  private readonly liveTokens: number;
  /** What `allow` was told last, and counted. */
  private lastAllowed: { readonly given: readonly AllowedWindows[]; readonly counted: Counted } | undefined;
  private visitor: ListVisitor | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  /** Loads the codes of all segments. @throws RefractError `OUT_OF_MEMORY` */
  constructor(codec: Codec, readers: readonly CompressedReader[], settings: ScorerSettings) {
    this.codec = codec;
    this.readers = readers;
    this.settings = settings;
    this.phases = new SearchPhases(codec, readers, settings.threads, settings.plain ?? false);
    this.liveTokens = this.allow(settings.live ?? []).tokens;
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
      const { phases } = this;
      const permitted = this.allow(allowed);
      const wanted = candidateCount(permitted.windows, depth, effort);
      const prepared = phases.prepare(integers);
      const all = wanted === permitted.windows;
      const { candidates } = phases;
      const count = all
        ? allowedSlots(this.allowedBits(), phases.area.slots, candidates)
        : await this.findCandidates(prepared, wanted, permitted.tokens);
      const scores = await phases.score(prepared, count, !all && integers.blocks.length === 1);
      phases.times.searches++;
      return this.hits(candidates.subarray(0, count), scores, depth);
    });
  }

  score(query: Float32Array, tokens: number, windows: readonly WindowPlace[]): Promise<Float32Array> {
    return this.inTurn(async () => {
      const { phases } = this;
      const { plan, slots } = phases.area;
      const prepared = phases.prepare(integerQuery(query, tokens, this.codec));
      const { candidates } = phases;
      const all = new Float32Array(windows.length);
      for (let first = 0; first < windows.length; first += slots) {
        const some = windows.slice(first, first + slots);
        some.forEach(({ segment, window }, i) => {
          candidates[i] = plan.segments[segment].firstSlot + window;
        });
        all.set(await phases.score(prepared, some.length, false), first);
      }
      return all;
    });
  }

  /** Where the time went. */
  get times(): SearchTimes {
    return this.phases.times;
  }

  /** Threads that have started, the calling one included. */
  get serving(): number {
    return this.phases.team.serving;
  }

  /** Starts all threads and waits for them, which no search needs. @throws why one could not */
  started(): Promise<void> {
    return this.phases.team.started();
  }

  get failed(): boolean {
    return this.phases.team.failed;
  }

  /** Ends the threads, after the searches that were asked for. Those that are asked for later are refused. */
  async close(): Promise<void> {
    this.closed = true;
    await this.last;
    await this.phases.team.close();
  }

  /** Runs `job` when those before it have ended; none is taken once files and threads are about to go. */
  private async inTurn<T>(job: () => Promise<T>): Promise<T> {
    if (this.closed) throw new Error('the index is closed');
    const result = this.last.then(job);
    this.last = result.catch(() => undefined);
    return result;
  }

  private allowedBits(): Uint8Array {
    const { memory, plan, slots } = this.phases.area;
    return memory.u8.subarray(plan.allowed, plan.allowed + slots / 8);
  }

  /** Writes which slots may be found, unless that is what stands there, and counts them. */
  private allow(allowed: readonly AllowedWindows[]): Counted {
    if (this.lastAllowed?.given === allowed) return this.lastAllowed.counted;
    const bits = this.allowedBits();
    bits.fill(0);
    let [count, tokens] = [0, 0];
    this.phases.area.plan.segments.forEach(({ firstSlot, windows }, s) => {
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
    const counted = { windows: count, tokens };
    this.lastAllowed = { given: allowed, counted };
    return counted;
  }

  /** Writes the slots to score, of windows with so many tokens; how many. */
  private async findCandidates(query: PreparedQuery, wanted: number, tokens: number): Promise<number> {
    const { phases } = this;
    const { memory, plan, slots } = phases.area;
    const scanned = memory.u32.subarray(plan.scanned >>> 2, (plan.scanned >>> 2) + slots);
    scanned.fill(0);
    for (const block of query.blocks) {
      await phases.table(query, block);
      await phases.timed('candidates', async () => {
        const near = this.nearIfCheaper(block, tokens);
        if (near) this.visitor!.visit(near, scanned);
        else await phases.scan(block);
      });
    }
    const highest = 255 * query.blocks.reduce((sum, { width }) => sum + width, 0);
    return phases.timed('choice', async () =>
      bestSlots(scanned, this.allowedBits(), highest, wanted, phases.candidates),
    );
  }

  /** Near centroids of the block's tokens where visiting their lists is to be cheaper than the scan of so many tokens. */
  private nearIfCheaper(block: QueryBlock, tokens: number): number[][][] | undefined {
    const { source, probes = PROBES } = this.settings;
    const { memory, plan } = this.phases.area;
    const size = plan.centroidCount;
    const sizes = { centroids: size, liveTokens: this.liveTokens, allowedTokens: tokens };
    if (source === 'scan') return undefined;
    if (source === undefined && !listsAreCheaper(sizes, block.tokens, probes)) return undefined;
    this.visitor ??= new ListVisitor(
      this.readers.map((reader) => reader.lists()),
      this.phases.area,
    );
    const table = memory.u8.subarray(plan.bytes, plan.bytes + size * block.width);
    return this.visitor.near(table, block, probes);
  }

  /** The `depth` best candidates, best first; candidates ascend, so that equal scores are in the order of windows. */
  private hits(slots: Uint32Array, scores: Float32Array, depth: number): WindowHit[] {
    const order = topK(scores, depth);
    const { segments } = this.phases.area.plan;
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
