/** Sets of positions as bits: bit `p & 7` of byte `p >> 3`. */

/** A set of none of `count` positions. */
export function emptyBitmap(count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Math.ceil(count / 8));
}

/** Whether `position` is in the set. */
export function hasBit(bitmap: Uint8Array, position: number): boolean {
  return ((bitmap[position >> 3] >> (position & 7)) & 1) === 1;
}

/** Puts `position` into the set. */
export function setBit(bitmap: Uint8Array, position: number): void {
  bitmap[position >> 3] |= 1 << (position & 7);
}

/** How many positions are in the set. */
export function countBits(bitmap: Uint8Array): number {
  let count = 0;
  for (let byte of bitmap) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}
