/** 64-bit hashes of ids, as two 32-bit numbers: MurmurHash3's steps in two lanes of other constants. */

/** A 64-bit hash: two unsigned 32-bit numbers. */
export type IdHash = readonly [number, number];

/**
 * The hash of an id's UTF-16 units. Not for secrets: whoever chooses ids can choose two with one hash.
 *
 * @example hashId('passage-17') // [3664511819, 1610083832]
 */
export function hashId(id: string): IdHash {
  let [a, b] = [0x9747b28c, 0x3c6ef372];
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    a = mixed(a, unit, 0xcc9e2d51, 0x1b873593, 15);
    b = mixed(b, unit, 0x239b961b, 0x38b34ae5, 17);
  }
  return [finished(a ^ id.length), finished(b ^ id.length)];
}

function mixed(hash: number, unit: number, first: number, second: number, by: number): number {
  const block = Math.imul(rotated(Math.imul(unit, first), by), second);
  return Math.imul(rotated(hash ^ block, 13), 5) + 0xe6546b64;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Every bit of the word decides every bit of the result. */
function finished(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
