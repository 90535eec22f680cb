/**
 * Structured queries over a BM25 index: the translations of a query word count as one term (Pirkola 1998, the
 * operator #syn of Inquery), each with its probability where there is one (Darwish and Oard 2003).
 *
 *     tf(f, d) = sum over translations e of f:  p(e | f) · tf(e, d)
 *     df(f)    = the number of passages with any e          ("any", for synonyms, where p = 1)
 *              = sum over e:  p(e | f) · df(e)              ("expected", for probabilities)
 *
 * and BM25 with these in place of the counts of a term. A passage of which every translation is rare is thus
 * not preferred to one with the right translation, as it is where translations are terms of their own.
 */
import { hasBit } from '../data/bitmap.ts';
import { inverseFrequency, type LexicalIndex, lengthNorms } from './lexical-index.ts';
import { type LexicalHit, topK } from './top-k.ts';

/** A word of the query, by its translations. */
export interface StructuredTerm {
  /** How often it counts; positive. */
  readonly weight: number;
  /** Term of the index (as `LexicalIndex.terms` gives it) -> p(e | f), or 1 for a synonym; positive. */
  readonly translations: ReadonlyMap<string, number>;
}

/** How the document frequency of a word comes from those of its translations. */
export type DocumentFrequency = 'any' | 'expected';

/**
 * Searches one index with structured queries; memory of one number a passage is reused between searches.
 *
 * @example
 * const search = new StructuredSearch(index);
 * const maji = { weight: 1, translations: new Map([['water', 0.9], ['liquid', 0.1]]) };
 * search.search([maji], 10, 'expected'); // [{ ordinal: 4, score: 3.1 }, ...]
 */
export class StructuredSearch {
  private readonly index: LexicalIndex;
  /** [passages] the length part of BM25's denominator. */
  private readonly norms: Float64Array;
  /** [passages] score so far, and tf of the word at hand; 0 between searches, and between words. */
  private readonly scores: Float64Array;
  private readonly counts: Float64Array;
  /** Passages with a score, and with a count. */
  private readonly found: Uint32Array;
  private readonly holding: Uint32Array;

  constructor(index: LexicalIndex) {
    this.index = index;
    const { lengths, k1, b, size } = index;
    this.norms = lengthNorms(lengths, k1, b);
    this.scores = new Float64Array(size);
    this.counts = new Float64Array(size);
    this.found = new Uint32Array(size);
    this.holding = new Uint32Array(size);
  }

  /**
   * The `k` best passages, best first; equal scores by ascending ordinal.
   *
   * @param allowed bit `p & 7` of byte `p >> 3`: which passages may be found; undefined is all
   */
  search(
    query: readonly StructuredTerm[],
    k: number,
    frequency: DocumentFrequency,
    allowed?: Uint8Array,
  ): LexicalHit[] {
    const { scores, found } = this;
    let count = 0;
    for (const term of query) count = this.add(term, frequency, count, allowed);
    const hits = topK(found, count, scores, k);
    for (let i = 0; i < count; i++) scores[found[i]] = 0;
    return hits;
  }

  /** Adds a word to the scores; returns how many passages have one. */
  private add(
    { weight, translations }: StructuredTerm,
    frequency: DocumentFrequency,
    found: number,
    allowed: Uint8Array | undefined,
  ): number {
    const { scores, counts, holding, norms, index } = this;
    let any = 0;
    let expected = 0;
    for (const [term, p] of translations) {
      const list = index.termPostings(term);
      if (list === undefined || !(p > 0)) continue;
      const { passages, frequencies } = list;
      for (let i = 0; i < passages.length; i++) {
        const passage = passages[i];
        if (counts[passage] === 0) holding[any++] = passage;
        counts[passage] += p * frequencies[i];
      }
      expected += p * passages.length;
    }
    const n = frequency === 'any' ? any : Math.min(expected, index.size);
    const idf = inverseFrequency(index.size, n);
    let count = found;
    for (let i = 0; i < any; i++) {
      const passage = holding[i];
      const tf = counts[passage];
      counts[passage] = 0;
      if (allowed !== undefined && !hasBit(allowed, passage)) continue;
      if (scores[passage] === 0) this.found[count++] = passage;
      scores[passage] += (weight * idf * tf) / (tf + norms[passage]);
    }
    return count;
  }
}
