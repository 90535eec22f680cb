/**
 * How the vectors of a segment are stored and scored. A segment is an immutable folder of passages; its vectors are
 * cut into windows (a passage has one or more), and a window is what MaxSim scores.
 */

import type { FileSystem } from './file-system.ts';

/** What the manifest says of a file. */
export interface FileEntry {
  readonly bytes: number;
  /** SHA-256 in hexadecimal digits. */
  readonly sha256: string;
}

/** Entries by the file's name within the segment's folder. */
export type FileEntries = Readonly<Record<string, FileEntry>>;

/** How far vectors lie from the centroids that stand for them. */
export interface CentroidFit {
  /** Token vectors that were compressed. */
  readonly tokens: number;
  /** Mean of |x - centroid(x)|^2; 0 to 4 for unit vectors. */
  readonly residual: number;
  /** Mean of |x - decoded(x)|^2, what compression loses. */
  readonly error: number;
}

/** Writes the vectors of one segment, window by window. */
export interface VectorWriter {
  /** Adds a window: token vectors, row-major [tokens, dim]; the array may be used again when it returns. */
  add(vectors: Float32Array, tokens: number): Promise<void>;
  /** Takes over a window of a segment of the same storage as it lies there, without loss. */
  copy(from: VectorReader, window: number): Promise<void>;
  /** About how much memory it holds until `finish`, in bytes. */
  readonly heldBytes: number;
  /** Flushes to the disk and closes. */
  finish(): Promise<{ readonly files: FileEntries; readonly fit?: CentroidFit }>;
  /** Closes without finishing; does nothing after `finish`. */
  abandon(): Promise<void>;
}

/** The vectors of one segment, opened; its files stay open until `close`, even when they are unlinked meanwhile. */
export interface VectorReader {
  readonly windows: number;
  readonly tokens: number;
  tokenCount(window: number): number;
  /** The token vectors of a window (decoded), row-major [tokens, dim]. */
  vectors(window: number): Float32Array;
  close(): void;
}

/** Which windows of a segment may be found: bit `w & 7` of byte `w >> 3`; undefined is all. */
export type AllowedWindows = Uint8Array | undefined;

/** A window by its segment's place in the view and its place in the segment. */
export interface WindowPlace {
  readonly segment: number;
  readonly window: number;
}

/** A window that was found. */
export interface WindowHit extends WindowPlace {
  /** sum_i max_j q_i . d_j, from the stored form. */
  readonly score: number;
}

/** How a search spends its time. */
export interface SearchEffort {
  /**
   * The dial between speed and recall, 0 to 1: how many candidates are scored exactly. 1 scores every window.
   * Undefined takes the default of the collection's size.
   */
  readonly effort?: number;
}

/** MaxSim over the segments of a view. */
export interface SegmentScorer {
  /**
   * The `depth` best windows, best first; of equal scores the earlier segment, then the earlier window.
   * @param query row-major [tokens, dim]; @param allowed one a segment; an array that is given
   *   again is taken to say the same again
   */
  search(
    query: Float32Array,
    tokens: number,
    depth: number,
    allowed: readonly AllowedWindows[],
    options?: SearchEffort,
  ): Promise<WindowHit[]>;
  /** `search` for many queries at once, where that is faster than one after the other. */
  searchBatch?(
    queries: readonly { readonly vectors: Float32Array; readonly tokens: number }[],
    depth: number,
    allowed: readonly AllowedWindows[],
    options?: SearchEffort,
  ): Promise<WindowHit[][]>;
  /** Scores of the windows given, in their order. */
  score(query: Float32Array, tokens: number, windows: readonly WindowPlace[]): Promise<Float32Array>;
  /** Whether its threads have failed: it answers no more, and another is to be opened. */
  readonly failed?: boolean;
  /** Ends threads and frees memory; the readers stay open. */
  close(): Promise<void>;
}

/** How a view is scored. */
export interface ScorerOptions {
  readonly threads?: number;
  /** Windows that are not deleted, one a segment: a storage estimates its work by them. All when absent. */
  readonly live?: readonly AllowedWindows[];
}

/** One way of storing vectors: as numbers (`float16`, `float32`) or as centroids and residuals of a few bits. */
export interface VectorStorage {
  readonly dim: number;
  /** Files are made in `directory`, which exists, by way of `files`. */
  writer(directory: string, files?: FileSystem): Promise<VectorWriter>;
  /** @throws RefractError `CHECKPOINT_FORMAT` when files contradict the sizes */
  reader(directory: string, sizes: { readonly windows: number; readonly tokens: number }): VectorReader;
  scorer(readers: readonly VectorReader[], options?: ScorerOptions): Promise<SegmentScorer>;
}
