/**
 * How a token vector is compressed: x ~ centroid + scale x levels. The centroid is the nearest of at most 65,536, the
 * scale a byte of the token's own, and each dimension of the residual one of 2, 4 or 16 levels. All numbers that are
 * multiplied when searching are integers.
 */

import { roundUp } from '../kernels/kernel-memory.ts';
import { DIM_STEP } from '../kernels/kernels.ts';
import { scaleTable } from './scales.ts';

/** Bits of one dimension's residual. */
export type CodeBits = 1 | 2 | 4;

/** Largest norm of a centroid as integers. */
export const CENTROID_NORM = 2 ** 14;
/** Most centroids: a code is 16 bits. */
export const MAX_CENTROIDS = 65536;

/** What training finds and the files keep. */
export interface CodecParts {
  readonly dim: number;
  readonly bits: CodeBits;
  /** Row-major [centroids, `paddedDim`]; the numbers are these by `unit`. Children of a cell lie together. */
  readonly centroids: Int16Array;
  /** [cells, `paddedDim`], in the same unit. */
  readonly cells: Int16Array;
  /** Children of cell c are centroids `cellStarts[c]` to `cellStarts[c + 1] - 1`. */
  readonly cellStarts: Uint32Array;
  readonly unit: number;
  /** 2^bits ascending levels; by `levelUnit` they are those of a residual of unit variance. */
  readonly levels: Int8Array;
  readonly levelUnit: number;
  /** Largest scale that a byte can say. */
  readonly maxScale: number;
}

/** A trained codec; does not change. */
export interface Codec extends CodecParts {
  /** `dim` rounded up to what kernels work in; the dimensions beyond are zero. */
  readonly paddedDim: number;
  /** Number of centroids. */
  readonly size: number;
  /** Bytes of a token's packed levels. */
  readonly packedBytes: number;
  /** The scale of each byte, float32; 0 for byte 0. */
  readonly scales: Float32Array;
}

/** `dim` rounded up to what kernels work in. */
export function paddedDim(dim: number): number {
  return roundUp(dim, DIM_STEP);
}

/** The codec of its parts. */
export function codecOf(parts: CodecParts): Codec {
  const padded = paddedDim(parts.dim);
  return {
    ...parts,
    paddedDim: padded,
    size: parts.centroids.length / padded,
    packedBytes: (padded * parts.bits) / 8,
    scales: scaleTable(parts.maxScale),
  };
}

/**
 * Writes the vector of a token to `out`.
 *
 * @param code its centroid; @param scale its scale byte; @param packed its levels, the first dimension lowest
 */
export function decodeToken(
  { dim, paddedDim, bits, centroids, unit, levels, levelUnit, scales }: Codec,
  code: number,
  scale: number,
  packed: Uint8Array,
  out: Float32Array,
): void {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const factor = scales[scale] * levelUnit;
  for (let d = 0; d < dim; d++) {
    const level = levels[(packed[Math.floor(d / perByte)] >> (bits * (d % perByte))) & mask];
    out[d] = centroids[code * paddedDim + d] * unit + factor * level;
  }
}
