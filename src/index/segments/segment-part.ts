/**
 * What a segment is made of. Each kind of data of its passages (texts, ids, token ids, fields, postings) is a part: a
 * few files of its own in the segment's folder, written passage by passage and opened as a whole.
 */
import type { StageControl } from '../../stage.ts';
import type { EncodedPassage } from '../encoded-passage.ts';
import type { FieldSchema } from '../fields/schema.ts';
import type { FileSystem } from '../file-system.ts';
import type { LexicalSettings } from '../lexical/lexical-files.ts';
import type { FileEntries } from '../vector-storage.ts';

/** What a part may know of its segment when it is opened. */
export interface SegmentShape {
  readonly passages: number;
  readonly windows: number;
  readonly tokens: number;
  /** The files of the whole segment, as the manifest has them. */
  readonly files: FileEntries;
  /** Where the tokens of each passage begin, and their number at the end. */
  tokenOffsets(): Float64Array;
}

/** What the segments of an index share. */
export interface SegmentContext {
  /** Fields and their types; passages with new ones add to it. */
  readonly schema: FieldSchema;
  /** How passages are cut into words. */
  readonly words: LexicalSettings;
}

/** What a part is told of a passage. */
export type PartPassage = Pick<EncodedPassage, 'passage' | 'tokens' | 'tokenIds' | 'windows'>;

/** Writes one part of a segment. */
export interface PartWriter<Reader> {
  /** About how much memory the part holds until `finish`; a segment is closed when its parts hold much. */
  readonly heldBytes: number;
  /** @throws RefractError what the part cannot keep, such as `FIELD_TYPE` */
  add(passage: PartPassage): Promise<void>;
  /** Takes over a passage of another segment, whose reader stays open until `finish`; passages ascend. */
  copy(from: Reader, passage: number): Promise<void>;
  /**
   * Flushes to the disk and closes.
   *
   * @throws RefractError `INTERRUPTED` where that is long work and was stopped
   */
  finish(control?: StageControl): Promise<FileEntries>;
  /** Closes without finishing; does nothing after `finish`. */
  abandon(): Promise<void>;
}

/** An open part; its files can be read until `close`, even when they are unlinked meanwhile. */
export interface PartReader {
  close(): void;
}

/** A kind of part. `parts.ts` lists those of a segment. */
export interface SegmentPart<Reader extends PartReader = PartReader> {
  readonly name: string;
  /** What the names of its files begin with, up to the first dot. */
  readonly filePrefix: string;
  /** Files are made in `directory`, which exists. */
  writer(directory: string, files: FileSystem, context: SegmentContext): Promise<PartWriter<Reader>>;
  /** @throws RefractError `CHECKPOINT_FORMAT`, `CHECKPOINT_INCOMPLETE` */
  reader(directory: string, shape: SegmentShape): Reader;
}
