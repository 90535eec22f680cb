/** Bitmaps over passages: bit `p & 7` of byte `p >> 3` says something of passage `p`; bits behind the last are 0. */

/** A bitmap over `count` passages, all 0. */
export function emptyBitmap(count: number): Uint8Array {
  return new Uint8Array((count + 7) >> 3);
}

/** A bitmap over `count` passages, all 1. */
export function fullBitmap(count: number): Uint8Array {
  const bits = emptyBitmap(count).fill(0xff);
  return trimmed(bits, count);
}

/** Whether bit `p` is set. */
export function hasBit(bits: Uint8Array, p: number): boolean {
  return ((bits[p >> 3] >> (p & 7)) & 1) === 1;
}

/** Sets bit `p`. */
export function setBit(bits: Uint8Array, p: number): void {
  bits[p >> 3] |= 1 << (p & 7);
}

/** How many bits are set. */
export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) count += BITS[byte];
  return count;
}

/** Turns every bit of a bitmap over `count` passages round, in place. */
export function invertBits(bits: Uint8Array, count: number): Uint8Array {
  for (let i = 0; i < bits.length; i++) bits[i] ^= 0xff;
  return trimmed(bits, count);
}

/** Clears the bits behind the last passage. */
function trimmed(bits: Uint8Array, count: number): Uint8Array {
  if ((count & 7) !== 0) bits[bits.length - 1] &= (1 << (count & 7)) - 1;
  return bits;
}

/** How many bits are set in each byte. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});
