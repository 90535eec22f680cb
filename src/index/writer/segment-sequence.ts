/** Passages written to one segment after the other: one is closed when it is large, or its parts hold much memory. */
import type { EncodedPassage } from '../encoded-passage.ts';
import type { FileSystem } from '../file-system.ts';
import { SEGMENT_PARTS } from '../segments/parts.ts';
import type { SegmentEntry } from '../segments/segment-entry.ts';
import type { SegmentContext, SegmentPart } from '../segments/segment-part.ts';
import type { SegmentReader } from '../segments/segment-reader.ts';
import { SegmentWriter } from '../segments/segment-writer.ts';
import type { VectorStorage } from '../vector-storage.ts';
import { MOST_PASSAGES } from './merge-policy.ts';

/** Where segments go. */
export interface SequencePlace {
  readonly directory: string;
  readonly storage: VectorStorage;
  readonly context: SegmentContext;
  /** Parts of the segments, `SEGMENT_PARTS` unless told otherwise. */
  readonly parts?: readonly SegmentPart[];
  readonly files: FileSystem;
  /** The name of the next segment. */
  readonly nextName: () => string;
  /** Stops the closing of a segment, whose words may be many. */
  readonly signal?: AbortSignal;
  /** What the parts of a segment may hold in memory. */
  readonly heldBytes: number;
}

/** Segments that are being written. */
export class SegmentSequence {
  private readonly place: SequencePlace;
  private current: SegmentWriter | undefined;
  private readonly closed: SegmentEntry[] = [];

  constructor(place: SequencePlace) {
    this.place = place;
  }

  /** The segments that are closed. */
  get entries(): readonly SegmentEntry[] {
    return this.closed;
  }

  /** Passages of the segment that is open. */
  get openPassages(): number {
    return this.current?.passages ?? 0;
  }

  /** Whether the open segment holds as many passages, or as much memory, as it may. */
  get full(): boolean {
    const { passages, heldBytes } = this.current ?? { passages: 0, heldBytes: 0 };
    return passages >= MOST_PASSAGES || heldBytes >= this.place.heldBytes;
  }

  async add(passage: EncodedPassage): Promise<void> {
    await (await this.open()).add(passage);
  }

  async copy(from: SegmentReader, passage: number): Promise<void> {
    await (await this.open()).copy(from, passage);
  }

  /** Closes the open segment, with all on the disk; undefined when there is none. */
  async closeSegment(): Promise<SegmentEntry | undefined> {
    const { current } = this;
    if (current === undefined) return undefined;
    const { heldBytes } = this.place;
    const held = current.heldBytes >= heldBytes && current.passages < MOST_PASSAGES;
    const written = await current.finish({ signal: this.place.signal });
    const { files, ...counts } = written;
    const entry = held ? { ...counts, held: heldBytes, files } : written;
    this.current = undefined;
    this.closed.push(entry);
    return entry;
  }

  /** Removes the open segment, and with `all` the closed ones too. */
  async abandon(all: boolean): Promise<void> {
    await this.current?.abandon();
    this.current = undefined;
    if (!all) return;
    for (const { name } of this.closed) this.place.files.remove(`${this.place.directory}/${name}`);
    this.closed.length = 0;
  }

  private async open(): Promise<SegmentWriter> {
    const { directory, storage, files, nextName, context, parts = SEGMENT_PARTS } = this.place;
    this.current ??= await SegmentWriter.create(
      { directory, name: nextName(), storage, files, context },
      parts,
    );
    return this.current;
  }
}
