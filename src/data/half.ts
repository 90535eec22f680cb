/** Decoding of the two 16-bit float formats of checkpoints, IEEE binary16 and bfloat16, into float32. */

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
