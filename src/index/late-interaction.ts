/** What every late-interaction index offers to the folders to its right, exact or compressed. */
import type { Passage } from '../data/records.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import type { FieldsView } from './fields/view.ts';
import type { SearchEffort } from './vector-storage.ts';

/** A passage that was found. */
export interface Hit {
  /** Position of the passage in the open view, 0-based. It means nothing in another view; the id stays. */
  readonly ordinal: number;
  readonly id: string;
  /** max over the passage's windows of sum_i max_j q_i . d_j. */
  readonly score: number;
}

/** What made the vectors: a query encoder must be of the same teacher and tokenizer, in whatever precision. */
export interface IndexFingerprint {
  readonly teacher: string;
  readonly tokenizer: string;
  /** What the teacher computed in, where it was not float32: its vectors are near, but not equal, to those. */
  readonly encoding?: 'float16' | 'int8';
}

/** The token vectors of one query, row-major `tokens x dim`. */
export interface QueryVectors {
  readonly vectors: Float32Array;
  readonly tokens: number;
}

/** What a search may be told. */
export interface SearchOptions extends SearchEffort {
  /** Passages that may be found: one bit an ordinal (bit `p & 7` of byte `p >> 3`). All when absent. */
  readonly allowed?: Uint8Array;
}

/**
 * A collection stored as one vector a passage token, searched by MaxSim:
 * score(q, d) = sum_i max_j q_i . d_j (Khattab and Zaharia 2020, ColBERT, https://arxiv.org/abs/2004.12832).
 */
export interface LateInteractionIndex {
  /** Size of a token vector. */
  readonly dim: number;
  /** Number of passages. */
  readonly size: number;
  readonly fingerprint: IndexFingerprint;
  /** The encoder's settings when the index was built, as given to the builder. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** BM25 over the same passages, by the same ordinals. */
  readonly lexical: LexicalIndex;
  /** Filters over the same ordinals. */
  readonly fields: FieldsView;
  /** The `k` best passages, best first; equal scores in passage order. Fewer when the index is smaller. */
  search(query: Float32Array, tokens: number, k: number, options?: SearchOptions): Promise<Hit[]>;
  /** `search` for many queries at once, in the order given. */
  searchBatch(queries: readonly QueryVectors[], k: number, options?: SearchOptions): Promise<Hit[][]>;
  /** Scores of the passages `ordinals`, in their order: for candidates that something else found. */
  score(query: Float32Array, tokens: number, ordinals: readonly number[]): Promise<Float32Array>;
  /** The stored passage. */
  passage(ordinal: number): Passage;
  /** The id of a passage, without reading its text. */
  id(ordinal: number): string;
  /** Where the passage `id` stands, or undefined. */
  ordinal(id: string): number | undefined;
  /** The passage's token vectors, row-major `tokens x dim`; of a long passage its windows one after the other. */
  vectors(ordinal: number): Float32Array;
  /** The number of tokens of each of the passage's windows. */
  windows(ordinal: number): readonly number[];
  /** The passage's token ids, one a vector; -1 where the builder was not told. */
  tokenIds(ordinal: number): Int32Array;
  /** Ends threads and closes the files; the index cannot be used afterwards. */
  close(): Promise<void>;
}
