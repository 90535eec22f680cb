/**
 * Exact MaxSim of many queries with many passages as matrix products. Passages of about equal length in a row cost the
 * least: those that are scored together are filled up to the longest of them.
 */
import { GraphSession, gemm, input, maxFirst, reshape } from '../graph/index.ts';
import type { TextVectors } from './encoder.ts';

/** Unit vectors of a text's scored tokens, [count, dim] row-major. */
export type ScoredVectors = Pick<TextVectors, 'vectors' | 'count'>;

/** Scored at once: products that stay in the processor's cache. */
const TOKENS_PER_RUN = 512;
const PASSAGES_PER_RUN = 16;

/** Passages that are scored together: [count, length, dim], each filled up with its first vector. */
interface Block {
  readonly first: number;
  readonly count: number;
  readonly vectors: { readonly data: Float32Array; readonly shape: readonly number[] };
  /** Which have no vectors, and so no maximum. */
  readonly empty: readonly number[];
}

/** The best similarity of a query token with a passage that has no tokens. */
const NONE = -1e4;

/** Passages, laid out to be scored any number of times; 4 * tokens * dim bytes and what fills them up. */
export class PassageBlocks {
  readonly count: number;
  readonly blocks: readonly Block[];

  /** @param passageAt the passage of an ordinal below `count`; asked for once, in order */
  constructor(count: number, passageAt: (ordinal: number) => ScoredVectors, dim: number) {
    this.count = count;
    const blocks: Block[] = [];
    for (let first = 0; first < count; first += PASSAGES_PER_RUN) {
      const length = Math.min(PASSAGES_PER_RUN, count - first);
      const passages = Array.from({ length }, (_, n) => passageAt(first + n));
      blocks.push(blockOf(passages, first, dim));
    }
    this.blocks = blocks;
  }
}

function blockOf(passages: readonly ScoredVectors[], first: number, dim: number): Block {
  const length = passages.reduce((most, { count }) => Math.max(most, count), 1);
  const data = new Float32Array(passages.length * length * dim);
  // A vector more often leaves the maximum as it is.
  passages.forEach(({ vectors, count }, n) => {
    const start = n * length * dim;
    data.set(vectors.subarray(0, count * dim), start);
    if (count > 0)
      for (let at = count; at < length; at++) data.set(vectors.subarray(0, dim), start + at * dim);
  });
  const empty = passages.flatMap(({ count }, n) => (count === 0 ? [n] : []));
  return { first, count: passages.length, vectors: { data, shape: [passages.length, length, dim] }, empty };
}

/**
 * MaxSim as a compiled graph over any numbers of queries and passages, on all threads.
 *
 * @example
 * const scorer = await MaxSimScorer.create(encoder.dim);
 * const scores = await scorer.score(await encoder.queries(questions), await encoder.passages(texts));
 * await scorer.close();
 */
export class MaxSimScorer {
  private readonly session: GraphSession;
  private readonly dim: number;

  private constructor(session: GraphSession, dim: number) {
    this.session = session;
    this.dim = dim;
  }

  static async create(dim: number, threads?: number): Promise<MaxSimScorer> {
    // Tokens of all queries in a row, so that none is filled up.
    const tokens = reshape(input('q', 'float32', ['T', dim]), ['T', dim]);
    const passages = reshape(input('p', 'float32', ['P', 'N', dim]), [-1, dim]);
    const similarity = reshape(gemm(tokens, passages, false, true), ['T', 'P', 'N']);
    return new MaxSimScorer(await GraphSession.create({ best: maxFirst(similarity, 2) }, { threads }), dim);
  }

  /** Scores [queries, passages], row-major; `onQueries` hears how many queries are done. */
  async score(
    queries: readonly ScoredVectors[],
    passages: readonly ScoredVectors[] | PassageBlocks,
    onQueries?: (done: number) => void,
  ): Promise<Float32Array> {
    const { blocks, count } =
      passages instanceof PassageBlocks
        ? passages
        : new PassageBlocks(passages.length, (n) => passages[n], this.dim);
    const all = new Float32Array(queries.length * count);
    for (let first = 0; first < queries.length; ) {
      const asked = takeTokens(queries, first);
      const tokens = this.tokensOf(asked);
      for (const block of tokens.shape[0] > 0 ? blocks : []) {
        const { best } = await this.session.run({ q: tokens, p: block.vectors });
        for (let row = 0; row < tokens.shape[0]; row++)
          for (const n of block.empty) best.data[row * block.count + n] = NONE;
        let row = 0;
        asked.forEach((query, q) => {
          const start = (first + q) * count + block.first;
          for (const end = row + query.count; row < end; row++)
            for (let n = 0; n < block.count; n++) all[start + n] += best.data[row * block.count + n];
        });
      }
      first += asked.length;
      onQueries?.(first);
    }
    return all;
  }

  private tokensOf(queries: readonly ScoredVectors[]) {
    const rows = queries.reduce((sum, { count }) => sum + count, 0);
    const data = new Float32Array(rows * this.dim);
    let row = 0;
    for (const { vectors, count } of queries) {
      data.set(vectors.subarray(0, count * this.dim), row * this.dim);
      row += count;
    }
    return { data, shape: [rows, this.dim] };
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Queries from `first` on that have no more tokens than are scored at once, and at least one query. */
function takeTokens(queries: readonly ScoredVectors[], first: number): readonly ScoredVectors[] {
  let end = first;
  let tokens = 0;
  do tokens += queries[end++].count;
  while (end < queries.length && tokens + queries[end].count <= TOKENS_PER_RUN);
  return queries.slice(first, end);
}
