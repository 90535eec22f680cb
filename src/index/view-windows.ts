/** The windows of a view's passages: which may be found, where a passage's windows lie, whose windows were found. */
import { emptyBitmap, hasBit, setBit } from '../data/bitmap.ts';
import type { ViewSegment } from './index-view.ts';
import type { Hit } from './late-interaction.ts';
import type { LivePassages } from './segments/live-passages.ts';
import { windowsPart } from './segments/windows-part.ts';
import type { AllowedWindows, WindowHit, WindowPlace } from './vector-storage.ts';

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

  /** Windows to ask for at first, for the `k` best of so many passages. */
  firstDepth(k: number, passages: number): number {
    if (this.segments.every(({ reader }) => reader.part(windowsPart).single)) return k;
    const windows = this.segments.reduce((sum, { reader }) => sum + reader.entry.windows, 0);
    return k >= passages ? windows : Math.min(windows, 4 * k);
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
    let ordinal = -1;
    return this.segments.map(({ reader, deleted }) => {
      if (deleted === undefined && chosen === undefined) return undefined;
      const map = reader.part(windowsPart);
      const bits = emptyBitmap(reader.entry.windows);
      for (let passage = 0; passage < reader.entry.passages; passage++) {
        if (deleted !== undefined && hasBit(deleted, passage)) continue;
        ordinal++;
        if (chosen !== undefined && !hasBit(chosen, ordinal)) continue;
        for (let window = map.first(passage); window < map.first(passage + 1); window++) setBit(bits, window);
      }
      return bits;
    });
  }
}
