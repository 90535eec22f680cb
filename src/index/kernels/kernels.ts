/**
 * What the kernels of the compressed index compute. Addresses are bytes of one memory. `kernels.as` and `plain.ts` give
 * the same numbers bit by bit: sums are of integers, and float32 operations are single ones in a fixed order.
 */

/** Lanes of a packed block's group. */
export const GROUP_LANES = 8;
/** Dimensions are padded to a multiple of this with zeros. */
export const DIM_STEP = 16;

/** See `kernels.as` for each. */
export interface Kernels {
  /** int16 `rows` [count, dim] times a packed block of `width` int16 vectors: int32 `out` [count, width]. */
  dotRows(block: number, width: number, rows: number, count: number, dim: number, out: number): void;
  /** 4-bit codes to int16 levels, by sixteen int8. */
  decodeFour(packed: number, bytes: number, levels: number, out: number): void;
  /** 2-bit codes to int16 levels, by a table of four levels a byte. */
  decodeTwo(packed: number, bytes: number, table: number, out: number): void;
  /** 1-bit codes to int16 levels, by a table of eight levels a byte. */
  decodeOne(packed: number, bytes: number, table: number, out: number): void;
  /** int32 products in place to float32 x `unit`, and to bytes (value - floor) x step for `scan`. */
  centroidTable(
    sums: number,
    count: number,
    width: number,
    unit: number,
    floors: number,
    step: number,
    bytes: number,
  ): void;
  /** Adds to each window's score the sum over lanes of the largest byte among its codes. */
  scan(
    codes: number,
    starts: number,
    first: number,
    last: number,
    allowed: number,
    bytes: number,
    width: number,
    scores: number,
  ): void;
  /** Running maximum over tokens of table[code] + products x scale, float32. */
  maxOver(
    sums: number,
    count: number,
    width: number,
    codes: number,
    table: number,
    scaleBytes: number,
    scales: number,
    best: number,
  ): void;
  /** The lane of the largest product - half of each line, where it beats what stands there. */
  nearestLane(
    sums: number,
    count: number,
    width: number,
    halves: number,
    base: number,
    values: number,
    lanes: number,
  ): void;
}

/**
 * Packs `count` int16 rows of `dim` numbers as a block of `width` lanes, zeros in the lanes beyond: in groups of
 * eight lanes, [dim / 2][8 lanes][2 numbers].
 */
export function packBlock(
  rows: Int16Array,
  count: number,
  dim: number,
  width: number,
  out: Int16Array,
): void {
  out.fill(0, 0, width * dim);
  for (let r = 0; r < count; r++) {
    const lane = Math.floor(r / GROUP_LANES) * GROUP_LANES * dim + 2 * (r % GROUP_LANES);
    for (let d = 0; d < dim; d += 2) {
      const to = lane + GROUP_LANES * d;
      out[to] = rows[r * dim + d];
      out[to + 1] = rows[r * dim + d + 1];
    }
  }
}
