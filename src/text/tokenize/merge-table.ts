/** What pairs of tokens merge into: a hash table in typed arrays, since there are hundreds of thousands of pairs. */

export class MergeTable {
  private readonly mask: number;
  private readonly lefts: Int32Array;
  private readonly rights: Int32Array;
  private readonly ranks: Int32Array;
  private readonly results: Int32Array;

  /** An empty table for `count` pairs. */
  constructor(count: number) {
    let size = 16;
    while (size < count * 2) size *= 2;
    this.mask = size - 1;
    this.lefts = new Int32Array(size).fill(-1);
    this.rights = new Int32Array(size);
    this.ranks = new Int32Array(size);
    this.results = new Int32Array(size);
  }

  /** Says that `left` and `right` become `result`; of a pair that comes twice, the last holds. */
  set(left: number, right: number, rank: number, result: number): void {
    const slot = this.slotOf(left, right);
    this.lefts[slot] = left;
    this.rights[slot] = right;
    this.ranks[slot] = rank;
    this.results[slot] = result;
  }

  /** The slot of a pair for `rankAt` and `resultAt`; -1 where it does not merge. */
  find(left: number, right: number): number {
    const slot = this.slotOf(left, right);
    return this.lefts[slot] < 0 ? -1 : slot;
  }

  rankAt(slot: number): number {
    return this.ranks[slot];
  }

  resultAt(slot: number): number {
    return this.results[slot];
  }

  private slotOf(left: number, right: number): number {
    const { lefts, rights, mask } = this;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (lefts[slot] >= 0 && (lefts[slot] !== left || rights[slot] !== right)) slot = (slot + 1) & mask;
    return slot;
  }
}
