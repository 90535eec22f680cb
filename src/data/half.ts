/** The two 16-bit float formats of checkpoints, IEEE binary16 and bfloat16, to float32 and back. */
import { RefractError } from '../errors.ts';

/** The float32 of each of the 65,536 patterns, once they are needed: reading them is faster than computing them. */
let float16Values: Float32Array | undefined;

/**
 * IEEE binary16 (1 sign, 5 exponent, 10 fraction bits) to float32, exactly, into `out` (same length) if it is given.
 *
 * @example decodeFloat16(Uint16Array.of(0x3c00, 0xc000)) // Float32Array [1, -2]
 */
export function decodeFloat16(halves: Uint16Array, out = new Float32Array(halves.length)): Float32Array {
  float16Values ??= Float32Array.from({ length: 65536 }, (_, half) => float16Value(half));
  for (let i = 0; i < halves.length; i++) out[i] = float16Values[halves[i]];
  return out;
}

function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24; // zero or subnormal
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
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

/** The largest finite binary16. */
export const FLOAT16_MAX = 65504;

/**
 * float32 to the nearest IEEE binary16, of two equally near ones to the even; beyond 65519 it becomes infinite.
 *
 * @example encodeFloat16(Float32Array.of(1, -2)) // Uint16Array [0x3c00, 0xc000]
 */
export function encodeFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) halves[i] = halfOf(words[i]);
  return halves;
}

/**
 * The same of a tensor that must not become infinite.
 *
 * @param name what the tensor is called in the error
 * @throws RefractError `SETTING_INVALID` when a number is too large
 */
export function tensorToFloat16(name: string, values: Float32Array): Uint16Array {
  const large = values.find((value) => Math.abs(value) > FLOAT16_MAX);
  if (large === undefined) return encodeFloat16(values);
  throw new RefractError('SETTING_INVALID', `tensor ${name} holds ${large}, too large for float16`, {
    hint: 'Take bfloat16, where it is offered, or float32.',
  });
}

/** The bits of the binary16 nearest to the float32 of the bits `word`. */
function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((roundedHalf(magnitude, 13) - (112 << 10)) & 0xffff);
  // Below 2^-14 a binary16 counts in steps of 2^-24; nothing is left of what is below half a step.
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign;
  return sign | roundedHalf((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

/**
 * float32 to the nearest bfloat16, of two equally near ones to the even.
 *
 * @example encodeBfloat16(Float32Array.of(1)) // Uint16Array [0x3f80]
 */
export function encodeBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word) =>
    (word & 0x7fffffff) > 0x7f800000 ? (word >>> 16) | 0x40 : roundedHalf(word, 16),
  );
}

/** `word` / 2^`dropped` (unsigned), rounded to the nearest whole number and to an even one where two are. */
function roundedHalf(word: number, dropped: number): number {
  const kept = word >>> dropped;
  const rest = word - kept * 2 ** dropped;
  const half = 2 ** (dropped - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
