/**
 * A binary heap of candidate merges for byte-pair encoding: most frequent first, ties by the text of
 * the merged token, then of its left half, in code-unit order. Entries may be stale; the caller checks.
 */

/** A pair of token ids and the frequency it had when it was queued. */
export interface QueuedPair {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** Max-heap of pairs; `texts[id]` is the text of token `id` and may grow while the heap is in use. */
export class MergeQueue {
  readonly #heap: QueuedPair[] = [];
  readonly #texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  get size(): number {
    return this.#heap.length;
  }

  #before(a: QueuedPair, b: QueuedPair): boolean {
    if (a.count !== b.count) return a.count > b.count;
    const [leftA, leftB] = [this.#texts[a.left], this.#texts[b.left]];
    const [mergedA, mergedB] = [leftA + this.#texts[a.right], leftB + this.#texts[b.right]];
    return mergedA === mergedB ? leftA < leftB : mergedA < mergedB;
  }

  /** Adds a pair in O(log n). */
  push(pair: QueuedPair): void {
    const heap = this.#heap;
    let child = heap.length;
    heap.push(pair);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#before(pair, heap[parent])) break;
      heap[child] = heap[parent];
      child = parent;
    }
    heap[child] = pair;
  }

  /** Removes and returns the first pair in O(log n), or undefined when none is left. */
  pop(): QueuedPair | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], last)) break;
      heap[parent] = heap[child];
      parent = child;
    }
    heap[parent] = last;
    return first;
  }
}
