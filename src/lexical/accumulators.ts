/**
 * Accumulators of a term-at-a-time search: the partial score of every passage seen so far. One set is made
 * for an index and reused by its searches; between searches every score is zero.
 */
import { type LexicalHit, topK } from './top-k.ts';

/** A query term ready to be scored: its range in the inverted lists, its weight and its bound. */
export interface ScoredTerm {
  /** First position of the term's list. */
  readonly from: number;
  /** One past the last. */
  readonly to: number;
  /** Weight of the term in the query times its idf; positive. */
  readonly weight: number;
  /** The most that the term can add to a passage's score. */
  readonly bound: number;
  /** [passages] the term's count in every passage, 0 where absent; kept for common terms only. */
  readonly dense: Uint16Array | undefined;
}

/** The inverted lists and length norms that scores are computed from. */
export interface Lists {
  readonly passages: Uint32Array;
  readonly frequencies: Uint16Array;
  /** [passages] the length part of BM25's denominator. */
  readonly norms: Float64Array;
}

/** Partial scores of the passages in the race. */
export class Accumulators {
  private readonly lists: Lists;
  private readonly scores: Float64Array;
  /** The passages in the race; the first `count` are valid. */
  private readonly racing: Uint32Array;
  private count = 0;

  constructor(lists: Lists) {
    this.lists = lists;
    this.scores = new Float64Array(lists.norms.length);
    this.racing = new Uint32Array(lists.norms.length);
  }

  /** Passages in the race. */
  get size(): number {
    return this.count;
  }

  /** Adds a term to every passage of its list; new passages join the race. */
  walk({ from, to, weight }: ScoredTerm): void {
    const { passages, frequencies, norms } = this.lists;
    const { scores, racing } = this;
    let count = this.count;
    for (let i = from; i < to; i++) {
      const passage = passages[i];
      const score = scores[passage];
      if (score === 0) racing[count++] = passage;
      const frequency = frequencies[i];
      scores[passage] = score + (weight * frequency) / (frequency + norms[passage]);
    }
    this.count = count;
  }

  /** Adds a term to the passages in the race only: by its dense counts, or by binary search in its list. */
  lookUp({ from, to, weight, dense }: ScoredTerm): void {
    const { frequencies, norms } = this.lists;
    const { scores, racing } = this;
    for (let i = 0; i < this.count; i++) {
      const passage = racing[i];
      const at = dense === undefined ? this.position(passage, from, to) : 0;
      const frequency = dense === undefined ? (at < 0 ? 0 : frequencies[at]) : dense[passage];
      if (frequency > 0) scores[passage] += (weight * frequency) / (frequency + norms[passage]);
    }
  }

  /** Where `passage` stands in the list `from..to`, or -1. */
  private position(passage: number, from: number, to: number): number {
    const { passages } = this.lists;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = low + ((high - low) >>> 1);
      if (passages[middle] < passage) low = middle + 1;
      else high = middle;
    }
    return low < to && passages[low] === passage ? low : -1;
  }

  /** Takes every passage with a score below `floor` out of the race. */
  dropBelow(floor: number): void {
    const { scores, racing } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const passage = racing[i];
      if (scores[passage] < floor) scores[passage] = 0;
      else racing[kept++] = passage;
    }
    this.count = kept;
  }

  /** The k-th highest score, or 0 while fewer than k passages are in the race. */
  kthScore(k: number): number {
    if (this.count < k) return 0;
    const { scores, racing } = this;
    const heap = new Float64Array(k); // smallest at the root
    for (let i = 0; i < k; i++) heap[i] = scores[racing[i]];
    heap.sort();
    let least = heap[0];
    for (let i = k; i < this.count; i++) {
      const score = scores[racing[i]];
      if (score <= least) continue;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= k) break;
        if (child + 1 < k && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= score) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = score;
      least = heap[0];
    }
    return least;
  }

  /** The best `k`, best first; empties the race. */
  take(k: number): LexicalHit[] {
    const hits = topK(this.racing, this.count, this.scores, k);
    for (let i = 0; i < this.count; i++) this.scores[this.racing[i]] = 0;
    this.count = 0;
    return hits;
  }
}
