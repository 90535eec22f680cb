/** What a BM25 index offers to searches, whether it lies in memory or in the segments of an index on disk. */
import type { LexicalHit } from './top-k.ts';

/** The list of one term. */
export interface TermPostings {
  /** Ordinals of the passages that hold the term, ascending. */
  readonly passages: Uint32Array;
  /** Its count in each of them; more than 65,535 is kept as 65,535. */
  readonly frequencies: Uint16Array;
}

/** Postings of `size` passages, which have the ordinals 0 to size - 1, and the settings of BM25. */
export interface LexicalIndex {
  readonly size: number;
  readonly k1: number;
  readonly b: number;
  /** [size] number of terms of each passage. */
  readonly lengths: Uint32Array;
  /** The terms of a text as the index has them: words, stemmed where passages are. */
  terms(text: string): string[];
  /** The list of a term (as `terms` gives it), or undefined when no passage holds it. */
  termPostings(term: string): TermPostings | undefined;
  /**
   * The `k` best passages for a text, best first; equal scores by ascending ordinal.
   *
   * @param allowed bit `p & 7` of byte `p >> 3`: which passages may be found; undefined is all. Scores do not depend on it
   */
  search(text: string, k: number, allowed?: Uint8Array): LexicalHit[];
}

/** BM25's settings where nothing else is said: saturation of counts, and strength of length normalisation. */
export const USUAL_BM25 = { k1: 1.2, b: 0.75 } as const;

/** [size] the length part of BM25's denominator, k1 · (1 - b + b · |d| / avg|d|). */
export function lengthNorms(lengths: Uint32Array, k1: number, b: number): Float64Array {
  let total = 0;
  for (const length of lengths) total += length;
  const average = total / lengths.length;
  return Float64Array.from(lengths, (length) => k1 * (1 - b + (total === 0 ? 0 : (b * length) / average)));
}

/** ln(1 + (N - n + 0.5) / (n + 0.5)) for a term that n of the N passages hold. */
export function inverseFrequency(N: number, n: number): number {
  return Math.log1p((N - n + 0.5) / (n + 0.5));
}
