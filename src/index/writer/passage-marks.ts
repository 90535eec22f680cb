/** Passages of a writer's segments that will be deleted when all of a batch is known to be right: a bit a passage. */
import { emptyBitmap, hasBit, setBit } from '../../data/bitmap.ts';
import type { WritableSegment } from './writable-segment.ts';

/** Passages that are marked, and not deleted yet. */
export class PassageMarks {
  private readonly bitmaps = new Map<WritableSegment, Uint8Array>();
  /** How many are marked. */
  count = 0;

  /** Marks a passage, which is not marked yet. */
  mark(segment: WritableSegment, passage: number): void {
    let bitmap = this.bitmaps.get(segment);
    if (bitmap === undefined) {
      bitmap = emptyBitmap(segment.entry.passages);
      this.bitmaps.set(segment, bitmap);
    }
    setBit(bitmap, passage);
    this.count++;
  }

  /** Deletes what is marked. */
  delete(): void {
    for (const [segment, bitmap] of this.bitmaps)
      for (let passage = 0; passage < segment.entry.passages; passage++)
        if (hasBit(bitmap, passage)) segment.delete(passage);
  }
}
