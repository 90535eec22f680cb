/**
 * Which segments are merged. Adjacent ones only, so that passages keep their order and equal scores theirs; in tiers of
 * size, so that a passage is copied about log(n) times while n are added.
 */

/** Adjacent segments that are merged when as many are of a size, within a factor of as much. */
export const MERGE_FACTOR = 8;
/** A segment with a larger part of it deleted is written anew. */
export const MOST_DELETED = 0.25;
/** The most passages of a segment; one with half as many, or that memory closed, is not merged with others any more. */
export const MOST_PASSAGES = 1 << 18;
/** Tokens up to which segments count as of one size. */
const SMALLEST_TIER = 1 << 15;

/** What the policy looks at. */
export interface MergeCandidate {
  readonly passages: number;
  readonly deleted: number;
  readonly tokens: number;
  /** Whether it is as large as passages and memory allow. */
  readonly full: boolean;
}

/** Segments `start` to `end - 1`. */
export interface MergeRun {
  readonly start: number;
  readonly end: number;
}

/**
 * The next run to merge; undefined when the segments are fine as they are. Done repeatedly it comes to an end.
 *
 * @example nextMerge(Array(8).fill({ passages: 10, deleted: 0, tokens: 640 })) // { start: 0, end: 8 }
 */
export function nextMerge(segments: readonly MergeCandidate[]): MergeRun | undefined {
  const tiers = segments.map(({ passages, deleted, tokens, full }) => {
    const live = passages - deleted;
    // Several that memory closed would become as many again, at every commit.
    const settled = 2 * live >= MOST_PASSAGES || (full && deleted <= MOST_DELETED * passages);
    return settled ? Number.POSITIVE_INFINITY : tierOf((tokens * live) / passages);
  });
  const highest = Math.max(...tiers.filter(Number.isFinite), 0);
  for (let tier = 0; tier <= highest; tier++) {
    // Runs of this tier and smaller ones between, of the latest passages first. Smaller ones do not count: else a large
    // segment would be copied again for a few small ones.
    for (let end = tiers.length; end > 0; end--) {
      let [start, count] = [end, 0];
      while (start > 0 && tiers[start - 1] <= tier) if (tiers[--start] === tier) count++;
      if (count >= MERGE_FACTOR) return { start, end };
      if (start < end) end = start + 1;
    }
  }
  const worn = segments.findIndex(({ passages, deleted }) => deleted > MOST_DELETED * passages);
  return worn < 0 ? undefined : { start: worn, end: worn + 1 };
}

/**
 * The next run that merging everything writes anew: between segments that are full, one in which something is deleted, or
 * of which fewer can be made. Undefined when nothing is gained: then everything is as it would be after it.
 *
 * @param from segments before this one are left as they are
 * @example nextWholeMerge([{ passages: 10, deleted: 0, tokens: 640, full: false }]) // undefined
 */
export function nextWholeMerge(segments: readonly MergeCandidate[], from = 0): MergeRun | undefined {
  for (let start = from; start < segments.length; start++) {
    if (isSettled(segments[start])) continue;
    let [end, live, worn] = [start, 0, false];
    for (; end < segments.length && !isSettled(segments[end]); end++) {
      const { passages, deleted } = segments[end];
      live += passages - deleted;
      worn ||= deleted > 0;
    }
    if (worn || Math.ceil(live / MOST_PASSAGES) < end - start) return { start, end };
    start = end;
  }
  return undefined;
}

function isSettled({ full, deleted }: MergeCandidate): boolean {
  return full && deleted === 0;
}

function tierOf(tokens: number): number {
  return Math.max(0, Math.ceil(Math.log(tokens / SMALLEST_TIER) / Math.log(MERGE_FACTOR)));
}
