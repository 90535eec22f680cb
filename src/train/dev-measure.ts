/**
 * The measure that early stopping watches: RR@10 of dev queries over a pool of passages, by exact MaxSim.
 * The pool is every dev query's passage and, up to its size, passages that are relevant to none of them.
 */
import type { Encoder, TextVectors } from '../model/encoder.ts';
import type { EncoderInput } from '../model/input.ts';
import type { MaxSimScorer } from '../model/maxsim-scorer.ts';
import type { OnPart } from './work.ts';

/** Dev data as encoder inputs; `relevant[q]` holds the ordinals in `passages` that answer query q. */
export interface DevSet {
  readonly queries: readonly EncoderInput[];
  readonly passages: readonly EncoderInput[];
  readonly relevant: readonly ReadonlySet<number>[];
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
