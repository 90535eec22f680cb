/** IEEE 754 half precision (binary16) for stored vectors; Node 20 has no Float16Array. */

let table: Float32Array | undefined;

/** The value of each of the 65,536 bit patterns. */
function decodingTable(): Float32Array {
  if (table !== undefined) return table;
  table = new Float32Array(65536);
  for (let pattern = 0; pattern < 65536; pattern++) {
    const sign = pattern & 0x8000 ? -1 : 1;
    const exponent = (pattern >>> 10) & 31;
    const fraction = pattern & 1023;
    if (exponent === 31) table[pattern] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) table[pattern] = sign * fraction * 2 ** -24;
    else table[pattern] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/** Writes the values of half-precision bit patterns to `out` (same length), without loss. */
export function decodeFloat16(patterns: Uint16Array, out: Float32Array): void {
  const values = decodingTable();
  for (let i = 0; i < patterns.length; i++) out[i] = values[patterns[i]];
}
