/**
 * Exact MaxSim of many queries with many passages as matrix products. Passages of about equal length in a row cost the
 * least: those that are scored together are filled up to the longest of them.
 */
import { GraphSession, input, reshape } from '../graph/index.ts';
import { maxSim } from './colbert.ts';
import type { TextVectors } from './encoder.ts';

/** Unit vectors of a text's scored tokens, [count, dim] row-major. */
export type ScoredVectors = Pick<TextVectors, 'vectors' | 'count'>;

/** Queries and passages scored at once: memory stays flat however many there are. */
const QUERIES_PER_RUN = 64;
const PASSAGES_PER_RUN = 64;

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
    const queries = {
      vectors: reshape(input('q', 'float32', ['Q', 'M', dim]), [-1, dim]),
      mask: input('qMask', 'int32', ['Q', 'M']),
    };
    const passages = {
      vectors: reshape(input('p', 'float32', ['P', 'N', dim]), [-1, dim]),
      mask: input('pMask', 'int32', ['P', 'N']),
    };
    return new MaxSimScorer(
      await GraphSession.create({ scores: maxSim(queries, passages) }, { threads }),
      dim,
    );
  }

  /** Scores [queries, passages], row-major; `onQueries` hears how many queries are done. */
  async score(
    queries: readonly ScoredVectors[],
    passages: readonly ScoredVectors[],
    onQueries?: (done: number) => void,
  ): Promise<Float32Array> {
    const all = new Float32Array(queries.length * passages.length);
    const { length } = passages;
    for (let first = 0; first < queries.length; first += QUERIES_PER_RUN) {
      const asked = queries.slice(first, first + QUERIES_PER_RUN);
      const q = this.pack(asked);
      for (let start = 0; start < length; start += PASSAGES_PER_RUN) {
        const part = passages.slice(start, start + PASSAGES_PER_RUN);
        const p = this.pack(part);
        const { scores } = await this.session.run({
          q: q.vectors,
          qMask: q.mask,
          p: p.vectors,
          pMask: p.mask,
        });
        asked.forEach((_, i) => {
          const row = scores.data.subarray(i * part.length, (i + 1) * part.length);
          all.set(row, (first + i) * length + start);
        });
      }
      onQueries?.(first + asked.length);
    }
    return all;
  }

  private pack(texts: readonly ScoredVectors[]) {
    const length = texts.reduce((most, text) => Math.max(most, text.count), 1);
    const vectors = new Float32Array(texts.length * length * this.dim);
    const mask = new Int32Array(texts.length * length);
    texts.forEach((text, n) => {
      vectors.set(text.vectors, n * length * this.dim);
      mask.fill(1, n * length, n * length + text.count);
    });
    return {
      vectors: { data: vectors, shape: [texts.length, length, this.dim] },
      mask: { data: mask, shape: [texts.length, length] },
    };
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
