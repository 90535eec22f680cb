/** How much of exact search a system finds, and how long its queries took. */

/**
 * The share of the best `k` passages of each query that are among the first `k` found, over all queries.
 *
 * @example recall([['a', 'c']], [['a', 'b']], 2) // 0.5
 */
export function recall(
  found: readonly (readonly string[])[],
  best: readonly (readonly string[])[],
  k: number,
): number {
  const shares = best.map((wanted, q) => {
    const hits = new Set(found[q].slice(0, k));
    const first = wanted.slice(0, k);
    return first.filter((id) => hits.has(id)).length / first.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/**
 * The value that a share `p` of the values does not exceed (nearest rank).
 *
 * @example percentile([3, 1, 2, 4], 0.5) // 2
 */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}
