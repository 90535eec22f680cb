/** Merging the symbols of one piece: the lowest rank first, of equal ranks the leftmost. */
import type { MergeTable } from './merge-table.ts';

/** Up to this many symbols, looking at all of them for the next merge is faster than a heap. */
const FEW = 32;

/**
 * The symbols that are left when no more can be merged.
 *
 * @param ids of the symbols at the beginning
 * @param sizes of these; a merged symbol has the sum
 */
export function mergeAll(
  ids: number[],
  sizes: number[],
  table: MergeTable,
): [ids: number[], sizes: number[]] {
  if (ids.length < 2) return [ids, sizes];
  return ids.length <= FEW ? mergeFew(ids, sizes, table) : mergeMany(ids, sizes, table);
}

function mergeFew(ids: number[], sizes: number[], table: MergeTable): [number[], number[]] {
  const slots: number[] = [];
  for (let at = 0; at + 1 < ids.length; at++) slots.push(table.find(ids[at], ids[at + 1]));
  for (;;) {
    let best = -1;
    let rank = Infinity;
    for (let at = 0; at < slots.length; at++)
      if (slots[at] >= 0 && table.rankAt(slots[at]) < rank) {
        best = at;
        rank = table.rankAt(slots[at]);
      }
    if (best < 0) return [ids, sizes];
    ids[best] = table.resultAt(slots[best]);
    sizes[best] += sizes[best + 1];
    ids.splice(best + 1, 1);
    sizes.splice(best + 1, 1);
    slots.splice(best, 1);
    if (best > 0) slots[best - 1] = table.find(ids[best - 1], ids[best]);
    if (best < slots.length) slots[best] = table.find(ids[best], ids[best + 1]);
  }
}

/** With a heap of what may be merged, by rank and place; entries that time has passed are left out when they come up. */
function mergeMany(ids: number[], sizes: number[], table: MergeTable): [number[], number[]] {
  const count = ids.length;
  const next = Int32Array.from({ length: count }, (_, at) => (at + 1 < count ? at + 1 : -1));
  const before = Int32Array.from({ length: count }, (_, at) => at - 1);
  const alive = new Uint8Array(count).fill(1);
  const heap = new KeyHeap();
  const offer = (at: number) => {
    if (at < 0 || next[at] < 0) return;
    const slot = table.find(ids[at], ids[next[at]]);
    if (slot >= 0) heap.push(table.rankAt(slot) * count + at);
  };
  for (let at = 0; at < count; at++) offer(at);
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const at = key % count;
    if (alive[at] === 0 || next[at] < 0) continue;
    const right = next[at];
    const slot = table.find(ids[at], ids[right]);
    if (slot < 0 || table.rankAt(slot) !== Math.floor(key / count)) continue;
    ids[at] = table.resultAt(slot);
    sizes[at] += sizes[right];
    alive[right] = 0;
    next[at] = next[right];
    if (next[at] >= 0) before[next[at]] = at;
    offer(before[at]);
    offer(at);
  }
  return [ids.filter((_, at) => alive[at] === 1), sizes.filter((_, at) => alive[at] === 1)];
}

/** A binary heap of numbers, the smallest on top. */
class KeyHeap {
  private readonly keys: number[] = [];

  push(key: number): void {
    const { keys } = this;
    let at = keys.length;
    keys.push(key);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent] <= key) break;
      keys[at] = keys[parent];
      at = parent;
    }
    keys[at] = key;
  }

  pop(): number | undefined {
    const { keys } = this;
    const top = keys[0];
    const last = keys.pop();
    if (last === undefined || keys.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && keys[child + 1] < keys[child]) child++;
      if (keys[child] >= last) break;
      keys[at] = keys[child];
      at = child;
    }
    keys[at] = last;
    return top;
  }
}
