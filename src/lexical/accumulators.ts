/**
 * Accumulators of a term-at-a-time search: the partial score of every passage seen so far. One set is made
 * for an index and reused by its searches; between searches every score is zero.
 */
import { hasBit } from '../data/bitmap.ts';
import type { TermPostings } from './lexical-index.ts';
import { type LexicalHit, topK } from './top-k.ts';

/** A query term ready to be scored: its list, its weight and its bound. */
export interface ScoredTerm extends TermPostings {
  /** Weight of the term in the query times its idf; positive. */
  readonly weight: number;
  /** The most that the term can add to a passage's score. */
  readonly bound: number;
  /** [passages] the term's count in every passage, 0 where absent; kept for common terms only. */
  readonly dense: Uint16Array | undefined;
}

/** Keeps a bound a bound although sums of floats are rounded. */
const SLACK = 1 + 1e-9;

/** Partial scores of the passages in the race. */
export class Accumulators {
  /** [passages] the length part of BM25's denominator. */
  private readonly norms: Float64Array;
  private readonly scores: Float64Array;
  /** The passages in the race; the first `count` are valid. */
  private readonly racing: Uint32Array;
  private count = 0;

  constructor(norms: Float64Array) {
    this.norms = norms;
    this.scores = new Float64Array(norms.length);
    this.racing = new Uint32Array(norms.length);
  }

  /**
   * The `k` best passages, best first; equal scores by ascending ordinal.
   *
   * Search goes term at a time, strongest first, and is exact: once the terms that remain cannot lift a passage not yet
   * seen into the top k (MaxScore, Turtle and Flood 1995), their long lists are no longer walked, only looked up for
   * the passages still in the race.
   *
   * @param allowed bit `p & 7` of byte `p >> 3`: which passages may be found; undefined is all
   */
  search(query: readonly ScoredTerm[], k: number, allowed?: Uint8Array): LexicalHit[] {
    const terms = [...query].sort((x, y) => y.bound - x.bound);
    // rest[i]: the most that terms i, i + 1, ... can add together.
    const rest = new Float64Array(terms.length + 1);
    for (let i = terms.length - 1; i >= 0; i--) rest[i] = rest[i + 1] + terms[i].bound * SLACK;
    let open = true; // whether a passage not yet seen can still reach the top k
    for (let i = 0; i < terms.length; i++) {
      if (open && this.count >= k && terms[i].passages.length > this.count)
        open = this.kthScore(k) <= rest[i];
      if (open) this.walk(terms[i], allowed);
      else {
        this.dropBelow(this.kthScore(k) / SLACK - rest[i]);
        this.lookUp(terms[i]);
      }
    }
    return this.take(k);
  }

  /** Adds a term to every passage of its list; new passages join the race. */
  private walk({ passages, frequencies, weight }: ScoredTerm, allowed: Uint8Array | undefined): void {
    const { scores, racing, norms } = this;
    let count = this.count;
    for (let i = 0; i < passages.length; i++) {
      const passage = passages[i];
      if (allowed !== undefined && !hasBit(allowed, passage)) continue;
      const score = scores[passage];
      if (score === 0) racing[count++] = passage;
      const frequency = frequencies[i];
      scores[passage] = score + (weight * frequency) / (frequency + norms[passage]);
    }
    this.count = count;
  }

  /** Adds a term to the passages in the race only: by its dense counts, its whole list, or binary search in it. */
  private lookUp({ passages, frequencies, weight, dense }: ScoredTerm): void {
    const { scores, racing, norms } = this;
    if (dense === undefined && this.count * Math.log2(passages.length + 1) > passages.length) {
      for (let i = 0; i < passages.length; i++) {
        const passage = passages[i];
        if (scores[passage] === 0) continue;
        scores[passage] += (weight * frequencies[i]) / (frequencies[i] + norms[passage]);
      }
      return;
    }
    for (let i = 0; i < this.count; i++) {
      const passage = racing[i];
      const at = dense === undefined ? position(passages, passage) : 0;
      const frequency = dense === undefined ? (at < 0 ? 0 : frequencies[at]) : dense[passage];
      if (frequency > 0) scores[passage] += (weight * frequency) / (frequency + norms[passage]);
    }
  }

  /** Takes every passage with a score below `floor` out of the race. */
  private dropBelow(floor: number): void {
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
  private kthScore(k: number): number {
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
  private take(k: number): LexicalHit[] {
    const hits = topK(this.racing, this.count, this.scores, k);
    for (let i = 0; i < this.count; i++) this.scores[this.racing[i]] = 0;
    this.count = 0;
    return hits;
  }
}

/** Where `passage` stands in an ascending list, or -1. */
function position(passages: Uint32Array, passage: number): number {
  let low = 0;
  let high = passages.length;
  while (low < high) {
    const middle = low + ((high - low) >>> 1);
    if (passages[middle] < passage) low = middle + 1;
    else high = middle;
  }
  return low < passages.length && passages[low] === passage ? low : -1;
}
