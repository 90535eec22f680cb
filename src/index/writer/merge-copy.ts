/** Copying what is not deleted of some segments into others, while more may be deleted of the former. */
import { Stage, type StageControl } from '../../stage.ts';
import { hasBit } from '../segments/bitmap.ts';
import type { SegmentSequence } from './segment-sequence.ts';
import type { WritableSegment } from './writable-segment.ts';

/** Segments that were copied. */
export interface MergedSegments {
  /** Deletes in the copies, in their order, what was deleted in the sources since the copying began. */
  carryDeletions(copies: readonly WritableSegment[]): void;
}

/**
 * Copies the live passages of `sources` in their order.
 *
 * @throws RefractError `INTERRUPTED`
 */
export async function copyLive(
  sources: readonly WritableSegment[],
  sequence: SegmentSequence,
  control: StageControl = {},
): Promise<MergedSegments> {
  const before = sources.map((segment) => segment.deletedNow());
  const total = sources.reduce((sum, { live }) => sum + live, 0);
  const stage = new Stage('merging', total, 'passages', control);
  let done = 0;
  for (const [i, { reader, entry }] of sources.entries()) {
    const deleted = before[i];
    for (let passage = 0; passage < entry.passages; passage++) {
      if (deleted !== undefined && hasBit(deleted, passage)) continue;
      await sequence.copy(reader, passage);
      if (sequence.full) await sequence.closeSegment();
      done++;
      if (stage.due()) await stage.turn(done);
    }
  }
  await sequence.closeSegment();
  stage.end();
  return {
    carryDeletions(copies) {
      let [copy, place] = [0, 0];
      for (const [i, segment] of sources.entries()) {
        const deleted = before[i];
        for (let passage = 0; passage < segment.entry.passages; passage++) {
          if (deleted !== undefined && hasBit(deleted, passage)) continue;
          while (place >= copies[copy].entry.passages) {
            copy++;
            place = 0;
          }
          if (!segment.isLive(passage)) copies[copy].delete(place);
          place++;
        }
      }
    },
  };
}
