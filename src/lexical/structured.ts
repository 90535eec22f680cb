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

/** What a word of a query adds to a passage's score. */
export interface WordPart {
  /** Those of its translations that the passage holds; without translation, the word itself. */
  readonly translations: readonly string[];
  /** tf: their occurrences, weighted by probability where there is one. */
  readonly count: number;
  /** df: passages that hold a translation, or the expectation of it. */
  readonly passages: number;
  readonly score: number;
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
    const { scores, counts, holding, norms } = this;
    const { holders, idf } = this.gather(translations, frequency);
    let count = found;
    for (let i = 0; i < holders; i++) {
      const passage = holding[i];
      const tf = counts[passage];
      counts[passage] = 0;
      if (allowed !== undefined && !hasBit(allowed, passage)) continue;
      if (scores[passage] === 0) this.found[count++] = passage;
      scores[passage] += (weight * idf * tf) / (tf + norms[passage]);
    }
    return count;
  }

  /**
   * What each word of a query adds to the score of one passage; words that add nothing are left out.
   *
   * @example search.parts(terms, 'any', 4) // [{ translations: ['water'], count: 2, passages: 3, score: 1.31 }]
   */
  parts(query: readonly StructuredTerm[], frequency: DocumentFrequency, ordinal: number): WordPart[] {
    const { counts, holding, norms } = this;
    const parts: WordPart[] = [];
    for (const { weight, translations } of query) {
      const { holders, n, idf } = this.gather(translations, frequency);
      const tf = counts[ordinal];
      for (let i = 0; i < holders; i++) counts[holding[i]] = 0;
      if (tf === 0) continue;
      const held = [...translations.keys()].filter((term) => this.holds(term, ordinal));
      const score = (weight * idf * tf) / (tf + norms[ordinal]);
      parts.push({ translations: held, count: tf, passages: n, score });
    }
    return parts.sort((a, b) => b.score - a.score);
  }

  private holds(term: string, ordinal: number): boolean {
    return this.index.termPostings(term)?.passages.includes(ordinal) === true;
  }

  /** Counts a word's translations in `counts`, of the first `holders` passages of `holding`. */
  private gather(
    translations: ReadonlyMap<string, number>,
    frequency: DocumentFrequency,
  ): { holders: number; n: number; idf: number } {
    const { counts, holding, index } = this;
    let holders = 0;
    let expected = 0;
    for (const [term, p] of translations) {
      const list = index.termPostings(term);
      if (list === undefined || !(p > 0)) continue;
      const { passages, frequencies } = list;
      for (let i = 0; i < passages.length; i++) {
        const passage = passages[i];
        if (counts[passage] === 0) holding[holders++] = passage;
        counts[passage] += p * frequencies[i];
      }
      expected += p * passages.length;
    }
    const n = frequency === 'any' ? holders : Math.min(expected, index.size);
    return { holders, n, idf: inverseFrequency(index.size, n) };
  }
}
