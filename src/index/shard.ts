/** A run of windows whose vectors lie in one WebAssembly memory, ready to be scored. */
import { type Memory, WebAssembly } from '../wasm-module.ts';
import { DIM_STEP, KERNEL_MODULE, type MaxSimKernel, QUERY_GROUP } from './wasm-kernel.ts';

/** Vector bytes of one shard; a WebAssembly memory holds at most 4 GiB. */
export const SHARD_BYTES = 1 << 30;
const PAGE = 65536;

let compiled: object | undefined;

/** A query laid out for the kernel: groups of eight tokens, dimension by dimension; zeros fill the last group. */
export interface PackedQuery {
  readonly groups: number;
  readonly values: Float32Array;
}

/** `dim` rounded up to what the kernel works in. */
export function paddedDim(dim: number): number {
  return Math.ceil(dim / DIM_STEP) * DIM_STEP;
}

/** Packs a row-major `tokens x dim` query. A padding token scores 0 against everything. */
export function packQuery(query: Float32Array, tokens: number, dim: number): PackedQuery {
  const groups = Math.ceil(tokens / QUERY_GROUP);
  const width = paddedDim(dim);
  const values = new Float32Array(groups * width * QUERY_GROUP);
  for (let i = 0; i < tokens; i++) {
    const start = Math.floor(i / QUERY_GROUP) * width * QUERY_GROUP + (i % QUERY_GROUP);
    for (let k = 0; k < dim; k++) values[start + k * QUERY_GROUP] = query[i * dim + k];
  }
  return { groups, values };
}

/** The kernel over what lies in `memory`. */
export function maxSimOn(memory: Memory): MaxSimKernel {
  compiled ??= new WebAssembly.Module(KERNEL_MODULE);
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports.maxsim as MaxSimKernel;
}

/** Windows `first .. first + offsets.length - 2` of a view, in float32, each vector padded with zeros. */
export class Shard {
  readonly first: number;
  private readonly offsets: Float64Array;
  private readonly memory: Memory;
  private readonly kernel: MaxSimKernel;
  private readonly stride: number;
  private readonly queryStart: number;

  /**
   * @param first position of the first window among those of the view
   * @param offsets token offsets of its windows and the end, starting at 0
   * @param dim size of a vector
   * @param fill writes the shard's vectors into `rows` (`tokens x width`, zeros behind the first `dim`)
   */
  constructor(
    first: number,
    offsets: Float64Array,
    dim: number,
    fill: (rows: Float32Array, width: number) => void,
  ) {
    this.first = first;
    this.offsets = offsets;
    const width = paddedDim(dim);
    this.stride = 4 * width;
    const tokens = offsets[offsets.length - 1];
    this.queryStart = tokens * this.stride;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(this.queryStart / PAGE) + 1 });
    this.kernel = maxSimOn(this.memory);
    fill(new Float32Array(this.memory.buffer, 0, tokens * width), width);
  }

  /** Number of windows. */
  get size(): number {
    return this.offsets.length - 1;
  }

  /** Scores every window of the shard for every query: `out[q][first + p]`. */
  scoreAll(queries: readonly PackedQuery[], out: readonly Float32Array[]): void {
    const addresses = this.place(queries);
    for (let p = 0; p < this.size; p++) {
      for (let q = 0; q < queries.length; q++) {
        out[q][this.first + p] = this.one(addresses[q], queries[q].groups, p);
      }
    }
  }

  /** Scores the windows at `positions` of the view, all of this shard, for every query: `out[q][start + i]`. */
  scoreSome(
    queries: readonly PackedQuery[],
    positions: Uint32Array,
    out: readonly Float32Array[],
    start: number,
  ): void {
    const addresses = this.place(queries);
    for (const [i, position] of positions.entries()) {
      for (let q = 0; q < queries.length; q++) {
        out[q][start + i] = this.one(addresses[q], queries[q].groups, position - this.first);
      }
    }
  }

  /** The score of one window, by its position in the view. */
  scoreOne(query: PackedQuery, position: number): number {
    const [address] = this.place([query]);
    return this.one(address, query.groups, position - this.first);
  }

  private one(address: number, groups: number, p: number): number {
    const start = this.offsets[p];
    const tokens = this.offsets[p + 1] - start;
    let score = 0;
    for (let group = 0; group < groups; group++) {
      score += this.kernel(
        address + group * this.stride * QUERY_GROUP,
        start * this.stride,
        tokens,
        this.stride,
      );
    }
    return score;
  }

  /** Copies queries behind the vectors; returns their byte addresses. */
  private place(queries: readonly PackedQuery[]): number[] {
    const needed = this.queryStart + queries.reduce((bytes, query) => bytes + query.values.byteLength, 0);
    const missing = needed - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    let address = this.queryStart;
    return queries.map(({ values }) => {
      const start = address;
      new Float32Array(this.memory.buffer, start, values.length).set(values);
      address += values.byteLength;
      return start;
    });
  }
}
