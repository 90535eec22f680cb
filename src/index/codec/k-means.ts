/** Lloyd's k-means on int16 rows: assignments by the kernels, means of integers; the same seed gives the same bytes. */

import type { RandomStream } from '../../random.ts';
import type { Stage } from '../../stage.ts';
import type { KernelMemory } from '../kernels/kernel-memory.ts';
import { roundUp } from '../kernels/kernel-memory.ts';
import {
  allocateBlock,
  blockBytes,
  blockWidth,
  type CentroidBlock,
  fillBlock,
  nearestRows,
  ROWS,
} from './nearest.ts';

/** Bytes of a clustering of rows of `dim` numbers into at most `count`. */
export function kMeansBytes(count: number, dim: number): number {
  return blockBytes(count, dim) + roundUp(4 * ROWS * blockWidth(count), 64) + 8 * ROWS + 256;
}

/** Clusters rows that lie in a kernel memory. */
export class KMeans {
  private readonly memory: KernelMemory;
  private readonly dim: number;
  private readonly room: CentroidBlock;
  private readonly near: { readonly sums: number; readonly values: number; readonly lanes: number };

  /** Room for at most `most` clusters. */
  constructor(memory: KernelMemory, most: number, dim: number) {
    this.memory = memory;
    this.dim = dim;
    this.room = allocateBlock(memory, most, dim);
    this.near = {
      sums: memory.allocate(4 * ROWS * blockWidth(most)),
      values: memory.allocate(4 * ROWS),
      lanes: memory.allocate(4 * ROWS),
    };
  }

  /**
   * Means of `k` clusters of the `count` rows at `rows`, row-major; `k` at most `count`. `turn` is called with the
   * number of rows that were assigned, all iterations together.
   */
  async cluster(
    rows: number,
    count: number,
    k: number,
    iterations: number,
    random: RandomStream,
    stage: Stage,
    done: number,
  ): Promise<Int16Array> {
    const { memory, dim } = this;
    const source = memory.i16.subarray(rows >>> 1, (rows >>> 1) + count * dim);
    const means = new Int16Array(k * dim);
    const seeds = distinct(count, k, random);
    for (const [c, row] of seeds.entries()) means.set(source.subarray(row * dim, (row + 1) * dim), c * dim);
    const nearest = new Int32Array(count);
    for (let turn = 0; turn < iterations; turn++) {
      await this.assign(rows, count, means, k, nearest, stage, done + turn * count);
      const sums = new Float64Array(k * dim);
      const sizes = new Uint32Array(k);
      for (let r = 0; r < count; r++) {
        const from = r * dim;
        const to = nearest[r] * dim;
        sizes[nearest[r]]++;
        for (let d = 0; d < dim; d++) sums[to + d] += source[from + d];
      }
      for (let c = 0; c < k; c++) {
        // A cluster that lost its last row starts again at a row that is drawn.
        const row = sizes[c] === 0 ? random.below(count) : 0;
        for (let d = 0; d < dim; d++) {
          means[c * dim + d] =
            sizes[c] === 0 ? source[row * dim + d] : Math.round(sums[c * dim + d] / sizes[c]);
        }
      }
    }
    return means;
  }

  /** Writes the nearest of `k` means of each row to `nearest`. */
  async assign(
    rows: number,
    count: number,
    means: Int16Array,
    k: number,
    nearest: Int32Array,
    stage: Stage,
    done: number,
  ): Promise<void> {
    const { memory, dim, near } = this;
    const block = { ...this.room, width: blockWidth(k) };
    fillBlock(memory, block, means, k, dim);
    for (let first = 0; first < count; first += ROWS) {
      const tile = Math.min(ROWS, count - first);
      nearestRows(memory, block, rows + 2 * dim * first, tile, dim, near);
      nearest.set(memory.i32.subarray(near.lanes >>> 2, (near.lanes >>> 2) + tile), first);
      if (stage.due()) await stage.turn(done + first);
    }
  }
}

/** `k` different numbers below `count`, as they are drawn. */
function distinct(count: number, k: number, random: RandomStream): number[] {
  const moved = new Map<number, number>();
  return Array.from({ length: k }, (_, i) => {
    const j = i + random.below(count - i);
    const chosen = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    return chosen;
  });
}
