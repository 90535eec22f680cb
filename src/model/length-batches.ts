/** Which texts are encoded together: those of about equal length, so that little is spent on padding. */

/**
 * Texts (by their positions in `lengths`, in tokens) cut into batches of at most `most` tokens, padding included; a
 * longer text is a batch of its own. The longest come first: later batches then fit into memory that is there
 * already, and the last to be computed is small.
 *
 * @example lengthBatches([3, 9, 4], 16) // [[1], [2, 0]]
 */
export function lengthBatches(lengths: readonly number[], most: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b);
  const batches: number[][] = [];
  let longest = 0;
  for (const i of order) {
    const last = batches.at(-1);
    if (last !== undefined && (last.length + 1) * longest <= most) last.push(i);
    else {
      batches.push([i]);
      longest = lengths[i];
    }
  }
  return batches;
}
