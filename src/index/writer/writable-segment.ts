/** A segment in the hands of a writer: open, with the passages that are deleted and will be at the next commit. */
import { join } from 'node:path';
import { countBits, emptyBitmap, hasBit, setBit } from '../../data/bitmap.ts';
import type { FileSystem } from '../file-system.ts';
import { readDeleted } from '../open-index.ts';
import { idsPart } from '../segments/ids-part.ts';
import type { SegmentEntry } from '../segments/segment-entry.ts';
import { SegmentReader, type SegmentSource } from '../segments/segment-reader.ts';
import { windowsPart } from '../segments/windows-part.ts';
import { writeWhole } from '../streamed-file.ts';
import { type MergeCandidate, MOST_PASSAGES } from './merge-policy.ts';

/** An open segment and its deletions. */
export class WritableSegment {
  readonly reader: SegmentReader;
  /** What the manifest says, or will say if it is committed as it is. */
  entry: SegmentEntry;
  private bitmap: Uint8Array | undefined;
  private readonly directory: string;
  /** Whether passages were deleted since the entry was written. */
  private changed = false;

  constructor(source: SegmentSource, entry: SegmentEntry) {
    this.directory = source.directory;
    this.entry = entry;
    this.reader = new SegmentReader(source, entry);
    try {
      this.bitmap = readDeleted(source.directory, entry);
    } catch (error) {
      this.reader.close();
      throw error;
    }
  }

  get live(): number {
    return this.entry.passages - this.deletedCount;
  }

  /** A copy of the passages that are deleted now. */
  deletedNow(): Uint8Array | undefined {
    return this.bitmap?.slice();
  }

  isLive(passage: number): boolean {
    return this.bitmap === undefined || !hasBit(this.bitmap, passage);
  }

  /** The passage with an id that is not deleted. */
  find(id: string): number | undefined {
    return this.reader.part(idsPart).find(id, (passage) => this.isLive(passage));
  }

  delete(passage: number): void {
    this.bitmap ??= emptyBitmap(this.entry.passages);
    setBit(this.bitmap, passage);
    this.changed = true;
  }

  /** For the merge policy of a writer whose segments may hold so much memory. */
  candidate(heldBytes: number): MergeCandidate {
    const { passages, tokens, held = 0 } = this.entry;
    const full = passages >= MOST_PASSAGES || held >= heldBytes;
    return { passages, deleted: this.deletedCount, tokens, full };
  }

  /** Writes the bitmap of a commit, where it has changed; the entry then names it. */
  async writeDeleted(generation: number, files: FileSystem): Promise<void> {
    if (!this.changed || this.bitmap === undefined) return;
    const file = `${this.entry.name}.${generation}.deleted`;
    const path = join(this.directory, file);
    files.remove(path);
    const written = await writeWhole(path, this.bitmap, files);
    const offsets = this.reader.tokenOffsets();
    const map = this.reader.part(windowsPart);
    let [windows, tokens] = [0, 0];
    for (let passage = 0; passage < this.entry.passages; passage++) {
      if (this.isLive(passage)) continue;
      windows += map.first(passage + 1) - map.first(passage);
      tokens += offsets[passage + 1] - offsets[passage];
    }
    const passages = this.deletedCount;
    this.entry = { ...this.entry, deleted: { passages, windows, tokens, file, ...written } };
    this.changed = false;
  }

  private get deletedCount(): number {
    return this.bitmap === undefined ? 0 : countBits(this.bitmap);
  }
}

/** Opens segments, all of them or, when one cannot be, none. */
export function openAll(source: SegmentSource, entries: readonly SegmentEntry[]): WritableSegment[] {
  const opened: WritableSegment[] = [];
  try {
    for (const entry of entries) opened.push(new WritableSegment(source, entry));
    return opened;
  } catch (error) {
    for (const { reader } of opened) reader.close();
    throw error;
  }
}
