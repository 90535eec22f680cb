/** The k best of many scored passages: a bounded heap with the worst of the kept at its root. */

/** A passage found, by its ordinal in the index. */
export interface LexicalHit {
  readonly ordinal: number;
  readonly score: number;
}

/**
 * The `k` passages with the highest scores, best first; equal scores by ascending ordinal.
 *
 * @param candidates ordinals, each once; the first `count` are read
 * @param scores score by ordinal
 */
export function topK(
  candidates: ArrayLike<number>,
  count: number,
  scores: Float64Array,
  k: number,
): LexicalHit[] {
  const size = Math.min(k, count);
  if (size <= 0) return [];
  const heap = new Uint32Array(size);
  /** Whether passage a ranks behind passage b. */
  const behind = (a: number, b: number) => scores[a] < scores[b] || (scores[a] === scores[b] && a > b);
  const sink = (from: number, ordinal: number) => {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && behind(heap[child + 1], heap[child])) child++;
      if (!behind(heap[child], ordinal)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = ordinal;
  };
  for (let i = 0; i < size; i++) heap[i] = candidates[i];
  for (let i = (size >> 1) - 1; i >= 0; i--) sink(i, heap[i]);
  for (let i = size; i < count; i++) if (behind(heap[0], candidates[i])) sink(0, candidates[i]);
  return Array.from(
    heap.sort((a, b) => (behind(a, b) ? 1 : -1)),
    (ordinal) => ({
      ordinal,
      score: scores[ordinal],
    }),
  );
}
