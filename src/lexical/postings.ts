/**
 * Inverted lists in typed arrays: for each term the passages that hold it, ascending, and how often.
 *
 * Built in two passes over memory: passages are first appended as (term, frequency) pairs, then turned
 * round by a counting sort, which leaves every list in passage order. Six bytes a posting.
 */

/** The lists of a collection. `starts[t]..starts[t + 1]` is the range of term `t` in the other two arrays. */
export interface Postings {
  /** Term -> term number. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** [terms + 1] */
  readonly starts: Uint32Array;
  /** [postings] ordinals of passages, ascending within a term. */
  readonly passages: Uint32Array;
  /** [postings] occurrences of the term in the passage; a count beyond 65,535 is kept as 65,535. */
  readonly frequencies: Uint16Array;
  /** [passages] number of terms in each passage. */
  readonly lengths: Uint32Array;
}

const MOST = 65_535;

/** A typed array that doubles when full. */
class Growing {
  values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}

/** Collects passages one by one and inverts them at the end. */
export class PostingsBuilder {
  private readonly vocabulary = new Map<string, number>();
  private readonly terms = new Growing();
  private readonly counts = new Growing();
  private readonly ends = new Growing();
  private readonly lengths = new Growing();
  /** Occurrences in the passage at hand, by term; zero between passages. */
  private readonly occurrences: number[] = [];

  /** Postings so far. */
  get size(): number {
    return this.terms.length;
  }

  /** Adds the next passage, given its terms. */
  add(passage: readonly string[]): void {
    const distinct: number[] = [];
    for (const term of passage) {
      let number = this.vocabulary.get(term);
      if (number === undefined) {
        number = this.vocabulary.size;
        this.vocabulary.set(term, number);
        this.occurrences.push(0);
      }
      if (this.occurrences[number]++ === 0) distinct.push(number);
    }
    for (const number of distinct) {
      this.terms.push(number);
      this.counts.push(Math.min(this.occurrences[number], MOST));
      this.occurrences[number] = 0;
    }
    this.ends.push(this.terms.length);
    this.lengths.push(passage.length);
  }

  /** The inverted lists of all passages added. */
  finish(): Postings {
    const starts = new Uint32Array(this.vocabulary.size + 1);
    for (let i = 0; i < this.terms.length; i++) starts[this.terms.values[i] + 1]++;
    for (let t = 0; t < this.vocabulary.size; t++) starts[t + 1] += starts[t];
    const next = starts.slice();
    const passages = new Uint32Array(this.terms.length);
    const frequencies = new Uint16Array(this.terms.length);
    let i = 0;
    for (let ordinal = 0; ordinal < this.ends.length; ordinal++) {
      for (; i < this.ends.values[ordinal]; i++) {
        const at = next[this.terms.values[i]]++;
        passages[at] = ordinal;
        frequencies[at] = this.counts.values[i];
      }
    }
    const lengths = this.lengths.values.slice(0, this.lengths.length);
    return { vocabulary: this.vocabulary, starts, passages, frequencies, lengths };
  }
}
