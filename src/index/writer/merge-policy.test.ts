/** The merge policy comes to an end, keeps segments few, and copies little. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MERGE_FACTOR,
  type MergeCandidate,
  MOST_PASSAGES,
  nextMerge,
  nextWholeMerge,
} from './merge-policy.ts';

const segment = (passages: number, deleted = 0): MergeCandidate => ({
  passages,
  deleted,
  tokens: 64 * passages,
  full: passages >= MOST_PASSAGES,
});

/** Merges until nothing is left to do; how many passages were copied. */
function settle(segments: MergeCandidate[]): number {
  let copied = 0;
  for (let run = nextMerge(segments); run !== undefined; run = nextMerge(segments)) {
    const live = segments
      .slice(run.start, run.end)
      .reduce((sum, { passages, deleted }) => sum + passages - deleted, 0);
    copied += live;
    segments.splice(run.start, run.end - run.start, ...(live > 0 ? [segment(live)] : []));
  }
  return copied;
}

describe('nextMerge', () => {
  it('leaves a few segments as they are', () => {
    expect(nextMerge([])).toBeUndefined();
    expect(nextMerge(Array.from({ length: 7 }, () => segment(10)))).toBeUndefined();
    expect(nextMerge(Array.from({ length: 8 }, () => segment(10)))).toEqual({ start: 0, end: 8 });
    expect(nextMerge([segment(100_000), ...Array.from({ length: 8 }, () => segment(10))])).toEqual({
      start: 1,
      end: 9,
    });
  });

  it('writes a segment anew when more than a quarter is deleted', () => {
    expect(nextMerge([segment(100, 25), segment(100, 26)])).toEqual({ start: 1, end: 2 });
  });

  it('leaves segments alone that are as large as they may be', () => {
    expect(nextMerge(Array.from({ length: 20 }, () => segment(MOST_PASSAGES)))).toBeUndefined();
  });

  it('leaves segments alone that are as large as memory allows, and merges what is small between them', () => {
    const held = { ...segment(60_000), full: true };
    expect(nextMerge(Array.from({ length: 20 }, () => held))).toBeUndefined();
    expect(nextMerge([held, ...Array.from({ length: 8 }, () => segment(10)), held])).toEqual({
      start: 1,
      end: 9,
    });
    const worn = { ...segment(60_000, 15_001), full: true };
    expect(nextMerge([held, worn, { ...segment(60_000, 15_000), full: true }])).toEqual({ start: 1, end: 2 });
    expect(nextMerge(Array.from({ length: 8 }, () => worn))).toEqual({ start: 0, end: 8 });
  });

  it('keeps segments few while many are added, each passage being copied a few times', () => {
    const segments: MergeCandidate[] = [];
    let copied = 0;
    for (let n = 0; n < 2000; n++) {
      segments.push(segment(50));
      copied += settle(segments);
      expect(segments.length).toBeLessThan(4 * MERGE_FACTOR);
    }
    expect(copied / 100_000).toBeLessThan(6);
  });

  it('comes to an end, and loses nothing that is live', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 50_000 }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 40,
        }),
        (drawn) => {
          const segments = drawn.map(([passages, share]) => segment(passages, Math.floor(passages * share)));
          const live = () => segments.reduce((sum, { passages, deleted }) => sum + passages - deleted, 0);
          const before = live();
          settle(segments);
          expect(live()).toBe(before);
        },
      ),
    );
  });
});

describe('nextWholeMerge', () => {
  const largest = segment(MOST_PASSAGES);
  const held = { ...segment(90_000), full: true };

  it('leaves what is as large as it may be, and its rest', () => {
    for (const settled of [
      [],
      [segment(10)],
      [largest, largest, segment(10)],
      [segment(10), largest],
      // Three of 200,000 would be three again.
      [segment(200_000), segment(200_000), segment(200_000)],
      [held, held, segment(10)],
    ])
      expect(nextWholeMerge(settled)).toBeUndefined();
  });

  it('takes what can be fewer, or has something deleted, and nothing beside it', () => {
    expect(nextWholeMerge([segment(10), segment(10)])).toEqual({ start: 0, end: 2 });
    expect(nextWholeMerge([largest, segment(10), segment(10), largest])).toEqual({ start: 1, end: 3 });
    expect(nextWholeMerge([largest, segment(MOST_PASSAGES, 1), largest])).toEqual({ start: 1, end: 2 });
    expect(nextWholeMerge([held, segment(10, 1), held])).toEqual({ start: 1, end: 2 });
    expect(nextWholeMerge([segment(10), segment(10), held, segment(5), segment(5)], 2)).toEqual({
      start: 3,
      end: 5,
    });
  });

  it('finds nothing after all that it found was done', () => {
    const passages = fc.integer({ min: 1, max: MOST_PASSAGES });
    const drawn = fc.array(fc.tuple(passages, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 12 });
    fc.assert(
      fc.property(drawn, (pairs) => {
        const segments = pairs.map(([count, share]) =>
          segment(count, share < 0.7 ? 0 : Math.floor(count * share)),
        );
        for (
          let run = nextWholeMerge(segments);
          run !== undefined;
          run = nextWholeMerge(segments, run.start)
        ) {
          const live = segments
            .slice(run.start, run.end)
            .reduce((sum, { passages, deleted }) => sum + passages - deleted, 0);
          const made = Array.from({ length: Math.ceil(live / MOST_PASSAGES) }, (_, i) =>
            segment(Math.min(MOST_PASSAGES, live - i * MOST_PASSAGES)),
          );
          segments.splice(run.start, run.end - run.start, ...made);
        }
        expect(nextWholeMerge(segments)).toBeUndefined();
      }),
    );
  });
});
