/** The windows of a view's passages: which may be found, where a passage's windows lie, whose windows were found. */
import { copyBits, emptyBitmap, invertBits, setBit, visitRuns } from '../data/bitmap.ts';
import type { Hit } from './late-interaction.ts';
import type { LivePassages } from './segments/live-passages.ts';
import type { SegmentEntry } from './segments/segment-entry.ts';
import type { SegmentReader } from './segments/segment-reader.ts';
import { windowsPart } from './segments/windows-part.ts';
import type { AllowedWindows, WindowHit, WindowPlace } from './vector-storage.ts';

/** A segment of a view, and the passages of it that are deleted. */
export interface ViewSegment {
  readonly reader: SegmentReader;
  readonly deleted: Uint8Array | undefined;
}

/** Between passages of a view, by their ordinals, and windows of its segments. */
export class ViewWindows {
  private readonly segments: readonly ViewSegment[];
  private readonly passages: LivePassages;
  private undeleted: AllowedWindows[] | undefined;

  constructor(segments: readonly ViewSegment[], passages: LivePassages) {
    this.segments = segments;
    this.passages = passages;
  }

  /** Windows of passages that are not deleted, one a segment. */
  get live(): readonly AllowedWindows[] {
    this.undeleted ??= this.mark(undefined);
    return this.undeleted;
  }

  /** Windows of the chosen ordinals (all when absent), one a segment. */
  allowed(chosen: Uint8Array | undefined): readonly AllowedWindows[] {
    return chosen === undefined ? this.live : this.mark(chosen);
  }

  /** The windows of a passage of a segment. */
  placesOf({ segment, passage }: { readonly segment: number; readonly passage: number }): WindowPlace[] {
    const map = this.segments[segment].reader.part(windowsPart);
    const first = map.first(passage);
    return Array.from({ length: map.first(passage + 1) - first }, (_, i) => ({ segment, window: first + i }));
  }

  /** Windows to ask for at first, for the `k` best of so many passages: the more, the more windows a passage has. */
  firstDepth(k: number, passages: number): number {
    if (this.segments.every(({ reader }) => reader.part(windowsPart).single)) return k;
    const sum = (of: (entry: SegmentEntry) => number) =>
      this.segments.reduce((all, { reader }) => all + of(reader.entry), 0);
    const windows = sum((entry) => entry.windows);
    if (k >= passages) return windows;
    const more = windows / sum((entry) => entry.passages) - 1;
    return Math.min(windows, Math.ceil(k * Math.min(4, 1.25 + 2 * more)));
  }

  /** The first `k` passages of windows that are ordered by their scores: a passage's first window is its best. */
  passagesOf(windows: readonly WindowHit[], k: number): Hit[] {
    const seen = new Set<number>();
    const hits: Hit[] = [];
    for (const { segment, window, score } of windows) {
      const { reader } = this.segments[segment];
      const passage = reader.part(windowsPart).passageOf(window);
      const ordinal = this.passages.ordinal(segment, passage);
      if (seen.has(ordinal)) continue;
      seen.add(ordinal);
      hits.push({ ordinal, id: reader.id(passage), score });
      if (hits.length === k) break;
    }
    return hits;
  }

  private mark(chosen: Uint8Array | undefined): AllowedWindows[] {
    let ordinal = 0;
    return this.segments.map(({ reader, deleted }) => {
      const { passages } = reader.entry;
      const live = deleted && invertBits(deleted.slice(), passages);
      if (chosen === undefined) return live && windowsOf(live, reader);
      const found = emptyBitmap(passages);
      const take = (first: number, end: number) => {
        copyBits(chosen, ordinal, end - first, found, first);
        ordinal += end - first;
      };
      if (live === undefined) take(0, passages);
      else visitRuns(live, passages, take);
      return windowsOf(found, reader);
    });
  }
}

/** The windows of the passages of a segment whose bits are set. */
function windowsOf(passages: Uint8Array, reader: SegmentReader): Uint8Array {
  const { entry } = reader;
  const map = reader.part(windowsPart);
  if (map.single) return passages;
  const windows = emptyBitmap(entry.windows);
  visitRuns(passages, entry.passages, (first, end) => {
    for (let window = map.first(first); window < map.first(end); window++) setBit(windows, window);
  });
  return windows;
}
