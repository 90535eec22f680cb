/** Dense ordinals over the passages of several segments that are not deleted. */
import { countBits, hasBit } from '../../data/bitmap.ts';

/** A segment's passages, and which of them are deleted. */
export interface SegmentPassages {
  readonly passages: number;
  readonly deleted: Uint8Array | undefined;
}

interface Run {
  readonly base: number;
  readonly live: number;
  /** Ascending passages; undefined where all are live. */
  readonly passages: Uint32Array | undefined;
}

/** Ordinals 0 to size - 1, in the order of the segments and of the passages in them. */
export class LivePassages {
  readonly size: number;
  private readonly runs: readonly Run[];

  constructor(segments: readonly SegmentPassages[]) {
    let base = 0;
    this.runs = segments.map(({ passages, deleted }) => {
      const live = passages - (deleted === undefined ? 0 : countBits(deleted));
      const run = { base, live, passages: deleted && livePassages(passages, deleted, live) };
      base += live;
      return run;
    });
    this.size = base;
  }

  /** Where an ordinal below `size` lies. */
  place(ordinal: number): { readonly segment: number; readonly passage: number } {
    let segment = 0;
    while (ordinal >= this.runs[segment].base + this.runs[segment].live) segment++;
    const { base, passages } = this.runs[segment];
    return { segment, passage: passages === undefined ? ordinal - base : passages[ordinal - base] };
  }

  /** The ordinal of a passage that is not deleted. */
  ordinal(segment: number, passage: number): number {
    const { base, passages } = this.runs[segment];
    if (passages === undefined) return base + passage;
    let [low, high] = [0, passages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passages[middle] < passage) low = middle + 1;
      else high = middle;
    }
    return base + low;
  }
}

function livePassages(passages: number, deleted: Uint8Array, live: number): Uint32Array {
  const kept = new Uint32Array(live);
  for (let passage = 0, at = 0; passage < passages; passage++)
    if (!hasBit(deleted, passage)) kept[at++] = passage;
  return kept;
}
