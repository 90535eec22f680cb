/** What a writer of an index is told, and what it says. */
import type { StageControl } from '../../stage.ts';
import type { FileSystem } from '../file-system.ts';

/** Choices for `IndexWriter.open`. */
export interface IndexWriterOptions {
  /** Memory that segments which are being written may hold, about; default 1 GiB. */
  readonly memoryBytes?: number;
  /** Threads of compressing, by default those of the machine. */
  readonly threads?: number;
  /** Hears what the user should know, such as that a dead process's lock was taken over. */
  readonly notice?: (sentence: string) => void;
  readonly files?: FileSystem;
}

/** Choices for `IndexWriter.add`. */
export interface AddOptions {
  /** A passage whose id is in the index takes the place of that one; refused without it. */
  readonly replace?: boolean;
}

/** Choices for `IndexWriter.merge`. */
export interface MergeOptions {
  /**
   * Everything becomes one segment, or as few as there can be of at most 262,144 passages and the memory given; what is so
   * already is left as it is.
   */
  readonly all?: boolean;
  readonly control?: StageControl;
}

/** What `add` did. */
export interface AddReport {
  readonly added: number;
  /** Those of the added that took the place of another. */
  readonly replaced: number;
}
