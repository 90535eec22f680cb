/**
 * Many queries against every passage of an index. The index's own search takes a query at a time through its kernel;
 * here blocks of queries and passages are multiplied on all threads, about four times as fast for hundreds of queries.
 */
import type { Hit, LateInteractionIndex, QueryVectors } from '../index/late-interaction.ts';
import { topK } from '../index/top-k.ts';
import { MaxSimScorer, PassageBlocks } from '../model/maxsim-scorer.ts';
import { Stage, type StageControl } from '../stage.ts';

/** Queries that are scored before progress is told. */
const QUERIES_PER_TURN = 64;

/** Threads of the products, progress, and stopping. */
export interface IndexScorerControl extends StageControl {
  readonly threads?: number;
}

/**
 * An index with its vectors in memory, 4 * tokens * dim bytes and a little more.
 *
 * @example
 * const scorer = await IndexScorer.open(index);
 * const hits = await scorer.search(queries, 100);
 * await scorer.close();
 */
export class IndexScorer {
  private readonly index: LateInteractionIndex;
  private readonly scorer: MaxSimScorer;
  /** The passage of each window, the shortest window first, and their vectors in that order. */
  private readonly order: Int32Array;
  private readonly passages: PassageBlocks;

  private constructor(
    index: LateInteractionIndex,
    scorer: MaxSimScorer,
    order: Int32Array,
    passages: PassageBlocks,
  ) {
    this.index = index;
    this.scorer = scorer;
    this.order = order;
    this.passages = passages;
  }

  /** Reads the vectors of an index, which must stay open. */
  static async open(index: LateInteractionIndex, { threads }: IndexScorerControl = {}): Promise<IndexScorer> {
    const windows: { readonly ordinal: number; readonly start: number; readonly count: number }[] = [];
    for (let ordinal = 0; ordinal < index.size; ordinal++) {
      let start = 0;
      for (const count of index.windows(ordinal)) {
        windows.push({ ordinal, start, count });
        start += count;
      }
    }
    windows.sort((a, b) => a.count - b.count || a.ordinal - b.ordinal);
    const vectorsOf = ({ ordinal, start, count }: (typeof windows)[number]) => {
      const { dim } = index;
      return { vectors: index.vectors(ordinal).subarray(start * dim, (start + count) * dim), count };
    };
    const passages = new PassageBlocks(windows.length, (n) => vectorsOf(windows[n]), index.dim);
    const order = Int32Array.from(windows, ({ ordinal }) => ordinal);
    // The session last: what fails before it leaves none open.
    return new IndexScorer(index, await MaxSimScorer.create(index.dim, threads), order, passages);
  }

  /**
   * The `k` best passages of each query, best first; equal scores in passage order, as `index.searchBatch` gives them,
   * up to rounding in the last digits.
   *
   * @throws RefractError `INTERRUPTED`
   */
  async search(
    queries: readonly QueryVectors[],
    k: number,
    control: IndexScorerControl = {},
  ): Promise<Hit[][]> {
    const { size } = this.index;
    const stage = new Stage('searching', queries.length, 'queries', control);
    const found: Hit[][] = [];
    for (let first = 0; first < queries.length; first += QUERIES_PER_TURN) {
      const asked = queries.slice(first, first + QUERIES_PER_TURN);
      const scores = await this.scorer.score(
        asked.map(({ vectors, tokens }) => ({ vectors, count: tokens })),
        this.passages,
      );
      for (let q = 0; q < asked.length; q++) {
        const row = new Float32Array(size).fill(Number.NEGATIVE_INFINITY);
        const windows = this.order.length;
        for (let w = 0; w < windows; w++) {
          const score = scores[q * windows + w];
          if (score > row[this.order[w]]) row[this.order[w]] = score;
        }
        found.push(
          topK(row, k).map((ordinal) => ({ ordinal, id: this.index.id(ordinal), score: row[ordinal] })),
        );
      }
      await stage.turn(found.length);
    }
    stage.end();
    return found;
  }

  close(): Promise<void> {
    return this.scorer.close();
  }
}
