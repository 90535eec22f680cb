/** The nearest of a set of int16 vectors by squared distance, for many rows at once: argmax of x . c - |c|^2 / 2. */
import { type KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import { packBlock } from '../kernels/kernels.ts';

/** Rows that are compared at a time; their products fill `ROWS x width` int32. */
export const ROWS = 64;
/** Half a squared norm that no vector has: lanes of padding never win. */
const NEVER = 2 ** 30;
/** Less than any value. */
export const LOWEST = -(2 ** 31);

/** Addresses of a packed set of centroids. */
export interface CentroidBlock {
  readonly block: number;
  /** int32, half the squared norm of each lane. */
  readonly halves: number;
  /** Lanes, a multiple of 16. */
  readonly width: number;
}

/** Lanes of a block for `count` vectors. */
export function blockWidth(count: number): number {
  return roundUp(count, 16);
}

/** Bytes of a block for `count` vectors. */
export function blockBytes(count: number, dim: number): number {
  const width = blockWidth(count);
  return roundUp(2 * width * dim, 64) + roundUp(4 * width, 64);
}

/** Room for a block of at most `count` vectors. */
export function allocateBlock(memory: KernelMemory, count: number, dim: number): CentroidBlock {
  const width = blockWidth(count);
  return { width, block: memory.allocate(2 * width * dim), halves: memory.allocate(4 * width) };
}

/** Fills a block with `count` row-major vectors of `dim` numbers. */
export function fillBlock(
  memory: KernelMemory,
  { block, halves, width }: CentroidBlock,
  vectors: Int16Array,
  count: number,
  dim: number,
): void {
  packBlock(vectors, count, dim, width, memory.i16.subarray(block >>> 1, (block >>> 1) + width * dim));
  for (let lane = 0; lane < width; lane++) {
    let squares = 0;
    if (lane < count) for (let d = 0; d < dim; d++) squares += vectors[lane * dim + d] ** 2;
    memory.i32[(halves >>> 2) + lane] = lane < count ? Math.round(squares / 2) : NEVER;
  }
}

/**
 * Writes for `count` rows (at most `ROWS`) the largest value and its lane; ties go to the first lane.
 *
 * @param sums address of ROWS x width int32; @param values, lanes addresses of ROWS int32
 */
export function nearestRows(
  memory: KernelMemory,
  { block, halves, width }: CentroidBlock,
  rows: number,
  count: number,
  dim: number,
  { sums, values, lanes }: { readonly sums: number; readonly values: number; readonly lanes: number },
): void {
  memory.kernels.dotRows(block, width, rows, count, dim, sums);
  memory.i32.fill(LOWEST, values >>> 2, (values >>> 2) + count);
  memory.kernels.nearestLane(sums, count, width, halves, 0, values, lanes);
}
