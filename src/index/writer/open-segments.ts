/**
 * The segments in the hands of a writer: those of the index as it will be, those of them that a merge reads, and those that
 * are over but still in the last manifest.
 */

import type { SegmentEntry } from '../segments/segment-entry.ts';
import type { SegmentSource } from '../segments/segment-reader.ts';
import type { MergeCandidate, MergeRun } from './merge-policy.ts';
import { openAll, type WritableSegment } from './writable-segment.ts';

/** A passage that is not deleted. */
export interface LivePassage {
  readonly segment: WritableSegment;
  readonly passage: number;
}

/** Open segments, in the order of the index. */
export class OpenSegments {
  private readonly source: SegmentSource;
  private list: WritableSegment[];
  /** Those that a merge reads: they stay as they are until it has ended. */
  private readonly held = new Set<WritableSegment>();
  /** Those that are in no manifest to come, and are closed when they are in none at all. */
  private retired: WritableSegment[] = [];

  /** @throws RefractError as `SegmentReader`; nothing is open then */
  constructor(source: SegmentSource, entries: readonly SegmentEntry[]) {
    this.source = source;
    this.list = openAll(source, entries);
  }

  get count(): number {
    return this.list.length;
  }

  /** Where the passage with an id lies; in one place at most. */
  find(id: string): LivePassage | undefined {
    for (const segment of this.list) {
      const passage = segment.find(id);
      if (passage !== undefined) return { segment, passage };
    }
    return undefined;
  }

  /** Opens segments that were written, all of them or none, without making them part of the index. */
  open(entries: readonly SegmentEntry[]): WritableSegment[] {
    return openAll(this.source, entries);
  }

  append(opened: readonly WritableSegment[]): void {
    this.list.push(...opened);
  }

  /** For the merge policy of a writer whose segments may hold so much memory. */
  candidates(heldBytes: number): MergeCandidate[] {
    return this.list.map((segment) => segment.candidate(heldBytes));
  }

  /** Keeps segments as they are until they are replaced or `letGo`. */
  hold({ start, end }: MergeRun): WritableSegment[] {
    const segments = this.list.slice(start, end);
    for (const segment of segments) this.held.add(segment);
    return segments;
  }

  letGo(segments: readonly WritableSegment[]): void {
    for (const segment of segments) this.held.delete(segment);
  }

  /** Puts `made` into the place of segments that were held. */
  replace(segments: readonly WritableSegment[], made: readonly WritableSegment[]): void {
    const at = this.list.indexOf(segments[0]);
    if (at < 0 || segments.some((segment, i) => this.list[at + i] !== segment))
      throw new Error('the segments of a merge are no longer those of the index');
    this.list.splice(at, segments.length, ...made);
    this.retired.push(...segments);
    this.letGo(segments);
  }

  /** Those of a commit: without such of which all is deleted, unless a merge reads them. */
  kept(): WritableSegment[] {
    return this.list.filter((segment) => segment.live > 0 || this.held.has(segment));
  }

  /** A manifest names `kept` alone: the others are closed. */
  committed(kept: WritableSegment[]): void {
    this.retired.push(...this.list.filter((segment) => !kept.includes(segment)));
    this.list = kept;
    for (const { reader } of this.retired) reader.close();
    this.retired = [];
  }

  close(): void {
    for (const { reader } of [...this.list, ...this.retired]) reader.close();
  }
}
