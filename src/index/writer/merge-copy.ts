/** Copying what is not deleted of some segments into others, while more may be deleted of the former. */

import { hasBit } from '../../data/bitmap.ts';
import { Stage, type StageControl } from '../../stage.ts';
import type { SegmentEntry } from '../segments/segment-entry.ts';
import type { CentroidFit } from '../vector-storage.ts';
import type { SegmentSequence } from './segment-sequence.ts';
import type { WritableSegment } from './writable-segment.ts';

/**
 * The fit of vectors that were copied from several segments; undefined where there are none. What was deleted meanwhile
 * counts with the rest.
 */
export function mergedFit(
  segments: readonly Pick<SegmentEntry, 'tokens' | 'fit'>[],
): CentroidFit | undefined {
  const fits = segments.flatMap(({ fit }) => (fit === undefined ? [] : [fit]));
  const tokens = fits.reduce((sum, fit) => sum + fit.tokens, 0);
  if (tokens === 0) return undefined;
  const mean = (of: (fit: CentroidFit) => number) =>
    fits.reduce((sum, fit) => sum + of(fit) * fit.tokens, 0) / tokens;
  return { tokens, residual: mean(({ residual }) => residual), error: mean(({ error }) => error) };
}

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
