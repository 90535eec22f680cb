/** The ids of the passages that are being added: 11 to 21 bytes each, however long they are; 32 while the table doubles. */
import { IdSet } from '../../data/id-set.ts';
import { RefractError } from '../../errors.ts';
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
  private readonly ids = new IdSet(async (id) => this.open.get(id) ?? this.closedNumber(id));
  /** Numbers of passages, from 1, by the ids of the open segment. */
  private readonly open = new Map<string, number>();
  private closed: readonly SegmentEntry[] = [];

  constructor(at: string, source: SegmentSource) {
    this.at = at;
    this.source = source;
  }

  /**
   * @param closed the segments that hold the ids before
   * @throws RefractError `DUPLICATE_ID`
   */
  async add(id: string, closed: readonly SegmentEntry[]): Promise<void> {
    this.closed = closed;
    const earlier = await this.ids.add(id);
    if (earlier !== undefined)
      throw new RefractError(
        'DUPLICATE_ID',
        `passage ${this.ids.size + 1} carries the id of passage ${earlier}: "${id}"`,
        {
          at: this.at,
          hint: 'Give every passage an id of its own. Nothing of this batch was added.',
        },
      );
    this.open.set(id, this.ids.size);
  }

  /** The segment that was being written is closed. */
  segmentClosed(): void {
    this.open.clear();
  }

  /** Takes in the ids of a segment that was written before. */
  async addAll(entry: SegmentEntry): Promise<void> {
    const reader = new SegmentReader(this.source, entry);
    try {
      for (let passage = 0; passage < entry.passages; passage++) await this.ids.add(reader.id(passage));
    } finally {
      reader.close();
    }
  }

  /** The number of a passage of the closed segments. */
  private closedNumber(id: string): number | undefined {
    let before = 0;
    for (const entry of this.closed) {
      const reader = new SegmentReader(this.source, entry);
      try {
        const passage = reader.part(idsPart).find(id);
        if (passage !== undefined) return before + passage + 1;
      } finally {
        reader.close();
      }
      before += entry.passages;
    }
    return undefined;
  }
}
