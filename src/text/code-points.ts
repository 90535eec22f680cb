/** The order of texts by Unicode code points, which is that of their UTF-8 bytes; `<` compares UTF-16 units. */

/**
 * Below 0 when `a` comes before `b` by code points, above 0 when after, 0 when they are equal.
 *
 * @example ['\u{1F600}', '\uFF21'].sort(compareCodePoints) // ['\uFF21', '\u{1F600}'], the other way round than by <
 */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A UTF-16 unit with surrogates (code points from U+10000) behind all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
