/**
 * The measure that early stopping watches: RR@10 of dev queries over a pool of passages, by exact MaxSim.
 * The pool is every dev query's passage and, up to its size, passages that are relevant to none of them.
 */
import { GraphSession, input, reshape } from '../graph/index.ts';
import { maxSim } from '../model/colbert.ts';
import type { Encoder, TextVectors } from '../model/encoder.ts';
import type { EncoderInput } from '../model/input.ts';
import type { OnPart } from './work.ts';

/** Dev data as encoder inputs; `relevant[q]` holds the ordinals in `passages` that answer query q. */
export interface DevSet {
  readonly queries: readonly EncoderInput[];
  readonly passages: readonly EncoderInput[];
  readonly relevant: readonly ReadonlySet<number>[];
}

/** Queries and passages scored at once: memory stays flat however many there are. */
const QUERIES_PER_RUN = 64;
const PASSAGES_PER_RUN = 64;

/** MaxSim as a compiled graph over any numbers of queries and passages. */
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
    queries: readonly TextVectors[],
    passages: readonly TextVectors[],
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

  private pack(texts: readonly TextVectors[]) {
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

/**
 * Reciprocal rank at 10, averaged over the queries of `dev`; ties are resolved against the system. A text
 * encoded and a query scored count 1 each for `onPart`.
 */
export async function devReciprocalRank(
  encoder: Encoder,
  scorer: MaxSimScorer,
  dev: DevSet,
  onPart?: OnPart,
): Promise<number> {
  const texts = dev.queries.length + dev.passages.length;
  const after = (earlier: number) => (done: number) => onPart?.(earlier + done, texts + dev.queries.length);
  const queries = await encoder.encode(dev.queries, after(0));
  const passages = await encoder.encode(dev.passages, after(queries.length));
  return reciprocalRank(scorer, queries, passages, dev.relevant, after(texts));
}

/** RR@10 of vectors that are there already; `onQueries` hears how many queries are scored. */
export async function reciprocalRank(
  scorer: MaxSimScorer,
  queries: readonly TextVectors[],
  passages: readonly TextVectors[],
  relevant: readonly ReadonlySet<number>[],
  onQueries?: (done: number) => void,
): Promise<number> {
  const scores = await scorer.score(queries, passages, onQueries);
  let total = 0;
  queries.forEach((_, q) => {
    const row = scores.subarray(q * passages.length, (q + 1) * passages.length);
    let best = -Infinity;
    for (const p of relevant[q]) best = Math.max(best, row[p]);
    let rank = 1;
    for (let p = 0; p < row.length; p++) if (row[p] >= best && !relevant[q].has(p)) rank++;
    if (rank <= 10) total += 1 / rank;
  });
  return total / queries.length;
}
