/** The two 16-bit float formats of checkpoints, IEEE binary16 and bfloat16: to float32, and binary16 from it. */

/**
 * IEEE binary16 (1 sign, 5 exponent, 10 fraction bits) to float32; exact for every bit pattern.
 *
 * @example decodeFloat16(Uint16Array.of(0x3c00, 0xc000)) // Float32Array [1, -2]
 */
export function decodeFloat16(halves: Uint16Array): Float32Array {
  const result = new Float32Array(halves.length);
  const bits = new Uint32Array(result.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) bits[i] = sign | 0x7f800000 | (fraction << 13);
    else if (exponent !== 0) bits[i] = sign | ((exponent + 112) << 23) | (fraction << 13);
    else result[i] = (sign === 0 ? 1 : -1) * fraction * 2 ** -24; // zero or subnormal
  }
  return result;
}

/**
 * bfloat16 (the upper half of a float32) to float32; exact.
 *
 * @example decodeBfloat16(Uint16Array.of(0x3f80)) // Float32Array [1]
 */
export function decodeBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

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
