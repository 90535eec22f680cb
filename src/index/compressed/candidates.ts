/** Choosing the windows that are scored exactly. */

/** Candidates at effort 0, and the fewest by default. */
const FEWEST = 64;
const DEFAULT_FEWEST = 1024;
/** By default candidates grow with the square root of the collection: 1,012 of 100,000, 3,200 of a million. */
const DEFAULT_GROWTH = 3.2;
/** Candidates for each hit that is asked for, at least. */
const PER_HIT = 4;

/**
 * How many of `windows` are scored exactly. Effort e gives 64 (windows / 64)^e: 64 at 0, all at 1.
 *
 * @example candidateCount(100_000, 10) // 1024
 */
export function candidateCount(windows: number, depth: number, effort?: number): number {
  const wanted =
    effort === undefined
      ? Math.max(DEFAULT_FEWEST, Math.round(DEFAULT_GROWTH * Math.sqrt(windows)), PER_HIT * depth)
      : Math.max(depth, Math.round(FEWEST * Math.max(1, windows / FEWEST) ** effort));
  return Math.min(windows, wanted);
}

/** Whether bit `slot` is set. */
export function isAllowed(allowed: Uint8Array, slot: number): boolean {
  return ((allowed[slot >>> 3] >> (slot & 7)) & 1) === 1;
}

/** Slots whose bits are set, ascending, into `out`; how many. */
export function allowedSlots(allowed: Uint8Array, slots: number, out: Uint32Array): number {
  let count = 0;
  for (let slot = 0; slot < slots; slot++) if (isAllowed(allowed, slot)) out[count++] = slot;
  return count;
}

/**
 * The `wanted` allowed slots of the largest scores, ascending, into `out`; of equal scores the first. How many.
 *
 * @param scores whole numbers from 0 to `highest`
 */
export function bestSlots(
  scores: Uint32Array,
  allowed: Uint8Array,
  highest: number,
  wanted: number,
  out: Uint32Array,
): number {
  const counts = new Uint32Array(highest + 1);
  for (let slot = 0; slot < scores.length; slot++) if (isAllowed(allowed, slot)) counts[scores[slot]]++;
  let least = highest;
  let above = 0;
  while (least > 0 && above + counts[least] < wanted) above += counts[least--];
  // All above `least`, and as many of `least` as there is room for.
  let room = wanted - above;
  let count = 0;
  for (let slot = 0; slot < scores.length; slot++) {
    if (scores[slot] < least || !isAllowed(allowed, slot)) continue;
    if (scores[slot] === least && room-- <= 0) continue;
    out[count++] = slot;
  }
  return count;
}
