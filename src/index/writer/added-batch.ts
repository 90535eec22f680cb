/** Writing a batch of passages to segments of their own: all of it or, when a passage is refused, nothing. */
import { checkEncoded, type EncodedPassage, roundedToHalf } from '../encoded-passage.ts';
import type { IndexPrecision } from '../manifest.ts';
import type { SegmentSource } from '../segments/segment-reader.ts';
import { bitsOf } from '../storages.ts';
import { GivenIds } from './given-ids.ts';
import type { OpenSegments } from './open-segments.ts';
import { PassageMarks } from './passage-marks.ts';
import { alreadyThere } from './refused-ids.ts';
import type { SegmentSequence } from './segment-sequence.ts';
import type { WritableSegment } from './writable-segment.ts';

/** Where a batch goes, and what is there. */
export interface BatchPlace {
  /** The index, for errors. */
  readonly at: string;
  readonly dim: number;
  readonly precision: IndexPrecision;
  readonly source: SegmentSource;
  readonly segments: OpenSegments;
  readonly sequence: SegmentSequence;
  /** Passages whose ids are there take the place of those; refused otherwise. */
  readonly replace: boolean;
}

/** A batch that was written, and is not part of the index yet. */
export interface WrittenBatch {
  readonly opened: readonly WritableSegment[];
  readonly added: number;
  /** The passages whose place it takes. */
  readonly replaced: PassageMarks;
}

/** Writes a batch. Errors as those of `IndexWriter.add`; its segments are removed then. */
export async function writeBatch(
  passages: AsyncIterable<EncodedPassage> | Iterable<EncodedPassage>,
  { at, dim, precision, source, segments, sequence, replace }: BatchPlace,
): Promise<WrittenBatch> {
  const compressed = bitsOf(precision) !== undefined;
  const given = new GivenIds(at, source);
  const replaced = new PassageMarks();
  let added = 0;
  try {
    for await (const encoded of passages) {
      const { id } = encoded.passage;
      checkEncoded(encoded, dim, precision !== 'float32', { number: added + 1, at });
      await given.add(id, sequence.entries);
      const old = segments.find(id);
      if (old !== undefined) {
        if (!replace) throw alreadyThere(id, at);
        replaced.mark(old.segment, old.passage);
      }
      await sequence.add(compressed ? roundedToHalf(encoded) : encoded);
      added++;
      if (!sequence.full) continue;
      await sequence.closeSegment();
      given.segmentClosed();
    }
    await sequence.closeSegment();
    return { opened: segments.open(sequence.entries), added, replaced };
  } catch (error) {
    await sequence.abandon(true);
    throw error;
  }
}
