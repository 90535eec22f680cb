/** The best few of many scores. */
import { hasBit } from '../data/bitmap.ts';

/**
 * Positions of the `k` largest scores, largest first; of equal scores the earlier position wins.
 * Positions without a bit in `allowed`, where it is given, are left out. A binary heap of the k best so far, its worst on top: O(n log k).
 *
 * @example topK(Float32Array.of(1, 3, 3, 2), 3); // [1, 2, 3]
 */
export function topK(scores: Float32Array, k: number, allowed?: Uint8Array): number[] {
  const heap: number[] = [];
  const worse = (x: number, y: number) => scores[x] < scores[y] || (scores[x] === scores[y] && x > y);
  for (let position = 0; position < scores.length; position++) {
    if (allowed !== undefined && !hasBit(allowed, position)) continue;
    if (heap.length < k) {
      heap.push(position);
      let child = heap.length - 1;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (!worse(heap[child], heap[parent])) break;
        [heap[child], heap[parent]] = [heap[parent], heap[child]];
        child = parent;
      }
    } else if (k > 0 && worse(heap[0], position)) {
      heap[0] = position;
      let parent = 0;
      for (;;) {
        let smallest = 2 * parent + 1;
        if (smallest >= k) break;
        if (smallest + 1 < k && worse(heap[smallest + 1], heap[smallest])) smallest++;
        if (!worse(heap[smallest], heap[parent])) break;
        [heap[smallest], heap[parent]] = [heap[parent], heap[smallest]];
        parent = smallest;
      }
    }
  }
  return heap.sort((x, y) => (worse(x, y) ? 1 : -1));
}
