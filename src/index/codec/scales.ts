/** Scales of residuals as bytes, evenly spaced in their logarithm. */

/** Steps by which a scale doubles; rounding moves a scale by at most 1.5 %. */
const STEPS = 24;

/** The scale of each byte: 0, then `max` x 2^(-254 / 24) up to `max`. */
export function scaleTable(max: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) =>
    byte === 0 ? 0 : max * 2 ** ((byte - 255) / STEPS),
  );
}

/** The byte whose scale is nearest to `scale` in ratio. */
export function scaleByte(scale: number, max: number): number {
  const byte = Math.round(255 + STEPS * Math.log2(scale / max));
  return byte > 255 ? 255 : byte >= 1 ? byte : 0;
}
