/** IEEE 754 half precision (binary16), for stored vectors and exported models; Node 20 has no Float16Array. */

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The largest finite half-precision number. */
export const FLOAT16_MAX = 65504;

/** The bits of the half-precision number nearest to `value` (ties to even). */
function encode(value: number): number {
  floats[0] = value;
  const word = bits[0];
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 in float32 rounds to the multiple of 2^-24 that a half can hold.
    bits[0] = magnitude;
    floats[0] += 0.5;
    return sign | (bits[0] - 0x3f000000);
  }
  // Rebias the exponent by 127 - 15 and round the 13 dropped bits to even; a carry may reach infinity.
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

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

/**
 * Rounds each value to half precision (nearest, ties to even).
 *
 * @returns bit patterns, one a value
 * @example encodeFloat16(Float32Array.of(1, 0.1)); // 0x3c00, 0x2e66
 */
export function encodeFloat16(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = encode(values[i]);
  return out;
}

/** Writes the values of half-precision bit patterns to `out` (same length), without loss. */
export function decodeFloat16(patterns: Uint16Array, out: Float32Array): void {
  const values = decodingTable();
  for (let i = 0; i < patterns.length; i++) out[i] = values[patterns[i]];
}
