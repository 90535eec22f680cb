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

/** Copies `count` bits from bit `first` on to bit `at` of `into`, where they are still 0. */
export function copyBits(from: Uint8Array, first: number, count: number, into: Uint8Array, at: number): void {
  for (let done = 0; done < count; done += 8) {
    const [source, target] = [first + done, at + done];
    const two = from[source >> 3] | (from[(source >> 3) + 1] << 8);
    const byte = (two >> (source & 7)) & (count - done < 8 ? (1 << (count - done)) - 1 : 0xff);
    const shifted = byte << (target & 7);
    into[target >> 3] |= shifted;
    if (shifted > 0xff) into[(target >> 3) + 1] |= shifted >> 8;
  }
}

/** Calls `visit` for each run of set bits among the first `count`; `end` is behind its last. */
export function visitRuns(
  bits: Uint8Array,
  count: number,
  visit: (first: number, end: number) => void,
): void {
  let first = -1;
  for (let p = 0; p < count; ) {
    const whole = (p & 7) === 0 && p + 8 <= count;
    if (whole && bits[p >> 3] === (first < 0 ? 0 : 0xff)) {
      p += 8;
      continue;
    }
    const set = hasBit(bits, p);
    if (set && first < 0) first = p;
    else if (!set && first >= 0) {
      visit(first, p);
      first = -1;
    }
    p++;
  }
  if (first >= 0) visit(first, count);
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
