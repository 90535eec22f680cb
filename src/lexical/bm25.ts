/**
 * BM25 (Robertson and Zaragoza 2009) over inverted lists in memory, exact, without a stop list; stemming only
 * where it is asked for.
 *
 *     score(q, d) = sum over terms t of q:  w_t · idf(t) · f / (f + k1 · (1 - b + b · |d| / avg|d|))
 *     idf(t)      = ln(1 + (N - n_t + 0.5) / (n_t + 0.5))
 *
 * f is the count of t in d, w_t its count in q (or a given weight), |d| the exact number of terms, N the
 * number of passages and n_t the number of them that hold t. This is Lucene's form: idf is never negative
 * and the constant factor k1 + 1 is left out. Passages that share no term with the query are never returned.
 * accumulators.ts has the search.
 */
import { type Passage, passageText } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { Stage, type StageControl } from '../stage.ts';
import { Accumulators, type ScoredTerm } from './accumulators.ts';
import {
  inverseFrequency,
  type LexicalIndex,
  lengthNorms,
  type TermPostings,
  USUAL_BM25,
} from './lexical-index.ts';
import { type Postings, PostingsBuilder } from './postings.ts';
import { words } from './terms.ts';
import type { LexicalHit } from './top-k.ts';

/** Settings of {@link Bm25Index}. */
export interface Bm25Options {
  /** Saturation of term counts, >= 0; default 1.2. */
  readonly k1?: number;
  /** Strength of length normalisation, 0 to 1; default 0.75. */
  readonly b?: number;
  /** Language of passages and queries (BCP 47); matters only for Turkish-like casing. */
  readonly language?: string;
  /** Stems a term of passages and queries, e.g. `englishStem`; default: terms stay as they are. */
  readonly stem?: (term: string) => string;
}

/**
 * A BM25 index of passages (title and text together).
 *
 * @example
 *   const passages = [{ id: 'a', text: 'Cholera is spread by water.' }, { id: 'b', text: 'Bus fares' }];
 *   const index = await Bm25Index.create(passages);
 *   index.search('safe water', 10); // [{ ordinal: 0, score: 0.268... }]
 */
export class Bm25Index implements LexicalIndex {
  /** Ids of the passages; a hit's `ordinal` points into it. */
  readonly ids: readonly string[];
  readonly k1: number;
  readonly b: number;
  private readonly language: string | undefined;
  private readonly stem: ((term: string) => string) | undefined;
  private readonly postings: Postings;
  /** [terms] the largest f / (f + norm) in the term's list. */
  private readonly peaks: Float64Array;
  /** Term number -> its count in every passage, for the terms in more than an eighth of the passages. */
  private readonly dense: ReadonlyMap<number, Uint16Array>;
  private readonly race: Accumulators;

  private constructor(
    ids: readonly string[],
    postings: Postings,
    { k1, b, language, stem }: Required<Pick<Bm25Options, 'k1' | 'b'>> & Bm25Options,
  ) {
    this.k1 = k1;
    this.b = b;
    this.language = language;
    this.stem = stem;
    this.ids = ids;
    this.postings = postings;
    const norms = lengthNorms(postings.lengths, k1, b);
    this.peaks = peakParts(postings, norms);
    this.dense = denseCounts(postings, ids.length);
    this.race = new Accumulators(norms);
  }

  /**
   * Indexes passages, in turns; a stream of them is never held as a whole.
   *
   * @throws RefractError `SETTING_INVALID` when k1 or b is out of range; `INTERRUPTED` when `control.signal`
   *   is aborted
   */
  static async create(
    passages: Iterable<Passage> | AsyncIterable<Passage>,
    options: Bm25Options = {},
    control: StageControl = {},
  ): Promise<Bm25Index> {
    const { k1 = USUAL_BM25.k1, b = USUAL_BM25.b, language, stem } = options;
    checkBm25({ k1, b });
    const ids: string[] = [];
    const builder = new PostingsBuilder();
    const total = Array.isArray(passages) ? passages.length : 0;
    const stage = new Stage('indexing words', total, 'passages', control);
    for await (const passage of passages) {
      builder.add(cut(passageText(passage), language, stem));
      ids.push(passage.id);
      if (stage.due()) await stage.turn(ids.length);
    }
    const postings = builder.finish();
    stage.end(`${ids.length} passages, ${postings.vocabulary.size} terms`);
    return new Bm25Index(ids, postings, { k1, b, language, stem });
  }

  /** Number of passages. */
  get size(): number {
    return this.ids.length;
  }

  /** Number of terms of each passage. */
  get lengths(): Uint32Array {
    return this.postings.lengths;
  }

  /** The terms of a text as the index has them: words, stemmed where passages are. */
  terms(text: string): string[] {
    return cut(text, this.language, this.stem);
  }

  /** The list of a term (as `terms` gives it), or undefined when no passage holds it. */
  termPostings(term: string): TermPostings | undefined {
    const t = this.postings.vocabulary.get(term);
    if (t === undefined) return undefined;
    const { starts, passages, frequencies } = this.postings;
    return {
      passages: passages.subarray(starts[t], starts[t + 1]),
      frequencies: frequencies.subarray(starts[t], starts[t + 1]),
    };
  }

  /** ln(1 + (N - n + 0.5) / (n + 0.5)) for a term that n of the N passages hold; n may be 0. */
  idf(term: string): number {
    return inverseFrequency(this.size, this.termPostings(term)?.passages.length ?? 0);
  }

  /** The `k` best passages for a text, best first; equal scores by ascending ordinal. */
  search(text: string, k: number, allowed?: Uint8Array): LexicalHit[] {
    const weights = new Map<string, number>();
    for (const term of this.terms(text)) weights.set(term, (weights.get(term) ?? 0) + 1);
    return this.race.search(this.scoredTerms(weights), k, allowed);
  }

  /**
   * The `k` best passages for weighted terms, e.g. the translations of a query.
   *
   * @param weights term (as `terms` gives it) -> weight; a weight of 0 or less leaves the term out
   */
  searchTerms(weights: ReadonlyMap<string, number>, k: number): LexicalHit[] {
    return this.race.search(this.scoredTerms(weights), k);
  }

  /** The terms that occur in the index. */
  private scoredTerms(weights: ReadonlyMap<string, number>): ScoredTerm[] {
    const terms: ScoredTerm[] = [];
    for (const [term, given] of weights) {
      const list = this.termPostings(term);
      if (list === undefined || !(given > 0)) continue;
      const t = this.postings.vocabulary.get(term)!;
      const weight = given * inverseFrequency(this.size, list.passages.length);
      terms.push({ ...list, weight, bound: weight * this.peaks[t], dense: this.dense.get(t) });
    }
    return terms;
  }
}

/** Refuses settings out of range with `SETTING_INVALID`. */
export function checkBm25({ k1, b }: { readonly k1: number; readonly b: number }): void {
  if (k1 >= 0 && Number.isFinite(k1) && b >= 0 && b <= 1) return;
  throw new RefractError('SETTING_INVALID', `BM25 with k1 = ${k1} and b = ${b}`, {
    hint: 'k1 must be at least 0 and b between 0 and 1; 1.2 and 0.75 are usual.',
  });
}

function cut(text: string, language: string | undefined, stem: Bm25Options['stem']): string[] {
  const terms = words(text, language);
  return stem === undefined ? terms : terms.map(stem);
}

/** [terms] the largest f / (f + norm) over the passages that hold the term. */
function peakParts({ starts, passages, frequencies }: Postings, norms: Float64Array): Float64Array {
  const peaks = new Float64Array(starts.length - 1);
  for (let t = 0; t < peaks.length; t++) {
    for (let i = starts[t]; i < starts[t + 1]; i++) {
      const part = frequencies[i] / (frequencies[i] + norms[passages[i]]);
      if (part > peaks[t]) peaks[t] = part;
    }
  }
  return peaks;
}

/** The counts of each common term spread over all passages, so that one can be read without a search. */
function denseCounts({ starts, passages, frequencies }: Postings, size: number): Map<number, Uint16Array> {
  const dense = new Map<number, Uint16Array>();
  for (let t = 0; t + 1 < starts.length; t++) {
    if (starts[t + 1] - starts[t] <= size / 8) continue;
    const counts = new Uint16Array(size);
    for (let i = starts[t]; i < starts[t + 1]; i++) counts[passages[i]] = frequencies[i];
    dense.set(t, counts);
  }
  return dense;
}
