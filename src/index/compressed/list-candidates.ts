/**
 * Candidates by inverted lists: only the windows of each query token's nearest centroids are visited. A window's score is
 * the sum over query tokens of its best visited centroid's byte, so that visiting all centroids gives the scan's scores.
 */
import type { InvertedLists } from './inverted-lists.ts';
import type { QueryBlock } from './query-blocks.ts';
import type { SearchMemory } from './search-memory.ts';

/** Centroids whose lists are visited for a query token, of as many as there are. */
export const PROBES = 16;
/**
 * Nanoseconds of a window in a list of mean length (near centroids have longer ones), of a list, of a centroid that may
 * be near to some token of a block, and of a token in the scan. The choice must not depend on threads or segments, which
 * the ranking does not depend on either: the scan is taken to have two threads.
 */
const COSTS = { visit: 70, list: 1000, centroid: 80, scanToken: 0.8 };

/** What the costs of finding candidates depend on. */
export interface CandidateSizes {
  readonly centroids: number;
  /** Tokens of windows that are not deleted: a filter makes lists no shorter. Were deleted ones counted, a merge would
   *  change the choice, and with it the ranking. */
  readonly liveTokens: number;
  /** Tokens of windows that may be found: the scan passes over the others. */
  readonly allowedTokens: number;
}

/** Whether visiting the lists near to `queryTokens` tokens is estimated to be cheaper than the scan. */
export function listsAreCheaper(
  { centroids, liveTokens, allowedTokens }: CandidateSizes,
  queryTokens: number,
  probes = PROBES,
): boolean {
  const lists = Math.min(centroids, probes) * queryTokens;
  const visits = COSTS.centroid * centroids + lists * (COSTS.list + (COSTS.visit * liveTokens) / centroids);
  return visits < COSTS.scanToken * allowedTokens;
}

/** Centroids whose byte is at least this, for each lane: about `probes` of them. */
export function leastBytes(table: Uint8Array, width: number, tokens: number, probes: number): Uint8Array {
  const counts = new Uint32Array(256 * width);
  for (let i = 0; i < table.length; i += width) {
    for (let lane = 0; lane < tokens; lane++) counts[256 * lane + table[i + lane]]++;
  }
  return Uint8Array.from({ length: tokens }, (_, lane) => {
    let [byte, sum] = [255, counts[256 * lane + 255]];
    while (byte > 1 && sum < probes) sum += counts[256 * lane + --byte];
    return byte;
  });
}

/** Adds to `scores` what the windows of near centroids get from one block of the query. */
export class ListVisitor {
  private readonly lists: readonly InvertedLists[];
  private readonly firstSlots: readonly number[];
  private readonly stamps: Uint32Array;
  private stamp = 0;

  constructor(lists: readonly InvertedLists[], { plan, slots }: SearchMemory) {
    this.lists = lists;
    this.firstSlots = plan.segments.map(({ firstSlot }) => firstSlot);
    this.stamps = new Uint32Array(slots);
  }

  /** The centroids that each token is near to, by lane and byte. */
  near(table: Uint8Array, { width, tokens }: QueryBlock, probes: number): number[][][] {
    const least = leastBytes(table, width, tokens, probes);
    const near = Array.from({ length: tokens }, () => Array.from({ length: 256 }, (): number[] => []));
    for (let i = 0, centroid = 0; i < table.length; i += width, centroid++) {
      for (let lane = 0; lane < tokens; lane++) {
        const byte = table[i + lane];
        if (byte >= least[lane]) near[lane][byte].push(centroid);
      }
    }
    return near;
  }

  /** @param near of the method `near` */
  visit(near: readonly (readonly (readonly number[])[])[], scores: Uint32Array): void {
    const { stamps, lists, firstSlots } = this;
    const read = new Map<number, readonly Uint32Array[]>();
    const windowsOf = (centroid: number) => {
      const known = read.get(centroid);
      if (known) return known;
      const windows = lists.map((list) => list.windowsOf(centroid));
      read.set(centroid, windows);
      return windows;
    };
    for (const byBytes of near) {
      const stamp = this.nextStamp();
      for (let byte = byBytes.length - 1; byte > 0; byte--) {
        for (const centroid of byBytes[byte]) {
          windowsOf(centroid).forEach((windows, s) => {
            const first = firstSlots[s];
            for (let i = 0; i < windows.length; i++) {
              const slot = first + windows[i];
              if (stamps[slot] === stamp) continue;
              stamps[slot] = stamp;
              scores[slot] += byte;
            }
          });
        }
      }
    }
  }

  private nextStamp(): number {
    if (this.stamp === 2 ** 32 - 1) {
      this.stamps.fill(0);
      this.stamp = 0;
    }
    return ++this.stamp;
  }
}
