/** An open segment: its vectors and its parts, which stay readable until it is closed, even when its files are gone. */
import type { Passage } from '../../data/records.ts';
import type { VectorReader, VectorStorage } from '../vector-storage.ts';
import { fieldsPart } from './fields-part.ts';
import { idsPart } from './ids-part.ts';
import { SEGMENT_PARTS } from './parts.ts';
import { passagesPart } from './passages-part.ts';
import type { SegmentEntry } from './segment-entry.ts';
import { SegmentFile } from './segment-file.ts';
import type { PartReader, SegmentPart } from './segment-part.ts';
import { windowsPart } from './windows-part.ts';

/** Where the segments of a folder lie, and in what their vectors are stored. */
export interface SegmentSource {
  /** The folder with the segments' folders. */
  readonly directory: string;
  readonly storage: VectorStorage;
  /** The parts that the segments have, `SEGMENT_PARTS` unless told otherwise. */
  readonly parts?: readonly SegmentPart[];
}

/** An immutable run of passages. */
export class SegmentReader {
  readonly entry: SegmentEntry;
  readonly directory: string;
  readonly storage: VectorStorage;
  readonly vectors: VectorReader;
  private readonly parts = new Map<SegmentPart, PartReader>();
  private offsets: Float64Array | undefined;

  /**
   * Opens all its files.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` a file that is missing; `CHECKPOINT_FORMAT` one of another size, or damaged
   */
  constructor({ directory, storage, parts = SEGMENT_PARTS }: SegmentSource, entry: SegmentEntry) {
    this.entry = entry;
    this.storage = storage;
    this.directory = `${directory}/${entry.name}`;
    for (const [name, { bytes }] of Object.entries(entry.files))
      new SegmentFile(this.directory, name, bytes).close();
    const { passages, windows, tokens, files } = entry;
    this.vectors = storage.reader(this.directory, { windows, tokens });
    const shape = { passages, windows, tokens, files, tokenOffsets: () => this.tokenOffsets() };
    try {
      for (const part of parts) this.parts.set(part, part.reader(this.directory, shape));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether the segment was opened with a part. */
  has(kind: SegmentPart): boolean {
    return this.parts.has(kind);
  }

  /** An open part; one that the segment was opened with. */
  part<Reader extends PartReader>(kind: SegmentPart<Reader>): Reader {
    return this.parts.get(kind as unknown as SegmentPart) as Reader;
  }

  id(passage: number): string {
    return this.part(idsPart).id(passage);
  }

  /** A passage with its language and its metadata. */
  passage(passage: number): Passage {
    const fields = this.part(fieldsPart);
    const language = fields.value('language', passage);
    const metadata = fields.metadata(passage);
    return {
      ...this.part(passagesPart).passage(passage),
      ...(typeof language === 'string' && { language }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
    };
  }

  /** Tokens of each window of a passage. */
  windowTokens(passage: number): number[] {
    const map = this.part(windowsPart);
    const first = map.first(passage);
    return Array.from({ length: map.first(passage + 1) - first }, (_, i) =>
      this.vectors.tokenCount(first + i),
    );
  }

  /** The vectors of a passage, its windows one after the other. */
  passageVectors(passage: number): Float32Array {
    const map = this.part(windowsPart);
    const [first, end] = [map.first(passage), map.first(passage + 1)];
    if (end - first === 1) return this.vectors.vectors(first);
    const windows = Array.from({ length: end - first }, (_, i) => this.vectors.vectors(first + i));
    const rows = new Float32Array(windows.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const window of windows) {
      rows.set(window, at);
      at += window.length;
    }
    return rows;
  }

  close(): void {
    this.vectors.close();
    for (const part of this.parts.values()) part.close();
  }

  /** Where the tokens of each passage begin, and their number at the end. */
  tokenOffsets(): Float64Array {
    if (this.offsets !== undefined) return this.offsets;
    const { passages } = this.entry;
    const map = this.part(windowsPart);
    const offsets = new Float64Array(passages + 1);
    for (let passage = 0, window = 0; passage < passages; passage++) {
      let sum = offsets[passage];
      for (const end = map.first(passage + 1); window < end; window++) sum += this.vectors.tokenCount(window);
      offsets[passage + 1] = sum;
    }
    this.offsets = offsets;
    return offsets;
  }
}
