/**
 * Assigning tokens to centroids in two levels: the nearest few cells, then the nearest centroid among their children.
 * All products are of integers, so that a token's centroid does not depend on what is encoded beside it.
 */
import { type KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import type { CodecParts } from './codec.ts';
import { paddedDim } from './codec.ts';
import {
  allocateBlock,
  blockBytes,
  blockWidth,
  type CentroidBlock,
  fillBlock,
  LOWEST,
  nearestRows,
  ROWS,
} from './nearest.ts';

/** Cells whose children are compared. */
const PROBES = 8;
/** Tokens that are assigned in one go. */
export const ASSIGN_TOKENS = 2048;
/** Below any product less half a norm, and far enough from the end of int32. */
const TAKEN = -(2 ** 30);

/** Addresses of a codec's packed centroids; can be posted to a worker. */
export interface AssignPlan {
  readonly dim: number;
  readonly cells: CentroidBlock;
  readonly cellCount: number;
  readonly children: readonly CentroidBlock[];
  readonly cellStarts: Uint32Array;
}

/** Bytes of the plan of `codec`. */
export function assignPlanBytes({ dim, cells, cellStarts }: CodecParts): number {
  const padded = paddedDim(dim);
  let bytes = blockBytes(cells.length / padded, padded);
  for (let c = 0; c + 1 < cellStarts.length; c++)
    bytes += blockBytes(cellStarts[c + 1] - cellStarts[c], padded);
  return bytes;
}

/** Packs the centroids of `codec` into `memory`. */
export function assignPlan(memory: KernelMemory, codec: CodecParts): AssignPlan {
  const { cells, centroids, cellStarts } = codec;
  const dim = paddedDim(codec.dim);
  const place = (vectors: Int16Array): CentroidBlock => {
    const count = vectors.length / dim;
    const block = allocateBlock(memory, count, dim);
    fillBlock(memory, block, vectors, count, dim);
    return block;
  };
  return {
    dim,
    cells: place(cells),
    cellCount: cells.length / dim,
    children: Array.from({ length: cellStarts.length - 1 }, (_, c) =>
      place(centroids.subarray(cellStarts[c] * dim, cellStarts[c + 1] * dim)),
    ),
    cellStarts,
  };
}

/** Bytes of one thread's scratch for plans of `codec`. */
export function assignerBytes({ dim, cells, cellStarts }: CodecParts): number {
  const padded = paddedDim(dim);
  let widest = blockWidth(cells.length / padded);
  for (let c = 0; c + 1 < cellStarts.length; c++) {
    widest = Math.max(widest, blockWidth(cellStarts[c + 1] - cellStarts[c]));
  }
  return roundUp(4 * ROWS * widest, 64) + 8 * ROWS + roundUp(2 * ROWS * padded, 64);
}

/** Assigns tokens with a scratch of its own at `scratch`. */
export class Assigner {
  private readonly memory: KernelMemory;
  private readonly plan: AssignPlan;
  private readonly probes: number;
  private readonly near: { readonly sums: number; readonly values: number; readonly lanes: number };
  private readonly gathered: number;
  private readonly probed = new Uint16Array(ASSIGN_TOKENS * PROBES);
  private readonly order = new Uint16Array(ASSIGN_TOKENS * PROBES);
  private readonly best = new Int32Array(ASSIGN_TOKENS);
  private readonly starts: Uint32Array;
  /** Centroids of the tokens that were assigned last. */
  readonly codes = new Uint16Array(ASSIGN_TOKENS);

  constructor(memory: KernelMemory, plan: AssignPlan, scratch: number) {
    this.memory = memory;
    this.plan = plan;
    this.probes = Math.min(PROBES, plan.cellCount);
    const widest = Math.max(plan.cells.width, ...plan.children.map(({ width }) => width));
    const values = scratch + roundUp(4 * ROWS * widest, 64);
    this.near = { sums: scratch, values, lanes: values + 4 * ROWS };
    this.gathered = values + 8 * ROWS;
    this.starts = new Uint32Array(plan.cellCount + 1);
  }

  /** Finds the centroids of `count` (at most `ASSIGN_TOKENS`) int16 rows at address `rows`. */
  assign(rows: number, count: number): void {
    const { memory, plan, probes, near, probed, order, starts, best, codes } = this;
    const { dim } = plan;
    starts.fill(0);
    for (let first = 0; first < count; first += ROWS) {
      this.probe(rows + 2 * dim * first, Math.min(ROWS, count - first), first);
    }
    for (let i = 0; i < count * probes; i++) starts[probed[i] + 1]++;
    for (let c = 0; c < plan.cellCount; c++) starts[c + 1] += starts[c];
    const next = starts.slice();
    for (let i = 0; i < count * probes; i++) order[next[probed[i]]++] = Math.floor(i / probes);
    best.fill(LOWEST, 0, count);
    const lanes = near.lanes >>> 2;
    const values = near.values >>> 2;
    for (let c = 0; c < plan.cellCount; c++) {
      for (let at = starts[c]; at < starts[c + 1]; at += ROWS) {
        const tile = Math.min(ROWS, starts[c + 1] - at);
        for (let r = 0; r < tile; r++) {
          const from = rows + 2 * dim * order[at + r];
          memory.u8.copyWithin(this.gathered + 2 * dim * r, from, from + 2 * dim);
        }
        nearestRows(memory, plan.children[c], this.gathered, tile, dim, near);
        for (let r = 0; r < tile; r++) {
          const token = order[at + r];
          const value = memory.i32[values + r];
          const code = plan.cellStarts[c] + memory.i32[lanes + r];
          if (value > best[token]) {
            best[token] = value;
            codes[token] = code;
          }
        }
      }
    }
  }

  /** The nearest cells of `count` rows, tokens `first` and following. */
  private probe(rows: number, count: number, first: number): void {
    const { memory, plan, probes, near, probed } = this;
    const { cells, dim } = plan;
    nearestRows(memory, cells, rows, count, dim, near);
    const lanes = near.lanes >>> 2;
    for (let p = 0; p < probes; p++) {
      for (let r = 0; r < count; r++) {
        const cell = memory.i32[lanes + r];
        probed[(first + r) * probes + p] = cell;
        memory.i32[(near.sums >>> 2) + r * cells.width + cell] = TAKEN;
      }
      if (p + 1 === probes) break;
      memory.i32.fill(LOWEST, near.values >>> 2, (near.values >>> 2) + count);
      memory.kernels.nearestLane(near.sums, count, cells.width, cells.halves, 0, near.values, near.lanes);
    }
  }
}
