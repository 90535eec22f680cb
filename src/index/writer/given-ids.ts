/** The ids of the passages that are being added: about 16 bytes each, however long they are. */
import { RefractError } from '../../errors.ts';
import { IdHashes, idHash } from '../segments/id-hash.ts';
import { idsPart } from '../segments/ids-part.ts';
import type { SegmentEntry } from '../segments/segment-entry.ts';
import { SegmentReader, type SegmentSource } from '../segments/segment-reader.ts';

/**
 * Refuses an id that is given twice. Hashes are kept of all, the ids themselves of those in the segment that is being
 * written; where a hash was seen before, the closed segments say whether the id was.
 */
export class GivenIds {
  private readonly at: string;
  private readonly source: SegmentSource;
  private readonly hashes = new IdHashes();
  private readonly open = new Set<string>();

  constructor(at: string, source: SegmentSource) {
    this.at = at;
    this.source = source;
  }

  /**
   * @param closed the segments that hold the ids before
   * @throws RefractError `DUPLICATE_ID`
   */
  add(id: string, closed: readonly SegmentEntry[]): void {
    const hash = idHash(id);
    if (this.hashes.has(hash) && (this.open.has(id) || closed.some((entry) => this.holds(entry, id))))
      throw new RefractError('DUPLICATE_ID', `passage id "${id}" is given twice`, {
        at: this.at,
        hint: 'Give every passage an id of its own. Nothing of this batch was added.',
      });
    this.hashes.add(hash);
    this.open.add(id);
  }

  /** The segment that was being written is closed. */
  segmentClosed(): void {
    this.open.clear();
  }

  /** Takes in the ids of a segment that was written before. */
  addAll(entry: SegmentEntry): void {
    const reader = new SegmentReader(this.source, entry);
    try {
      for (let passage = 0; passage < entry.passages; passage++) this.hashes.add(idHash(reader.id(passage)));
    } finally {
      reader.close();
    }
  }

  private holds(entry: SegmentEntry, id: string): boolean {
    const reader = new SegmentReader(this.source, entry);
    try {
      return reader.part(idsPart).find(id) !== undefined;
    } finally {
      reader.close();
    }
  }
}
