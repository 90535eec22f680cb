/** MaxSim of single windows whose vectors are read from the disk when they are asked for, by the kernel of exact search. */
import { type Memory, WebAssembly } from '../../wasm-module.ts';
import { maxSimOn, packQuery, paddedDim } from '../shard.ts';
import type { WindowPlace } from '../vector-storage.ts';
import { type MaxSimKernel, QUERY_GROUP } from '../wasm-kernel.ts';
import type { PlainReader } from './plain-reader.ts';

const PAGE = 65536;

/** Scores windows of some segments; of vectors, only those of one window are in memory. */
export class StoredWindows {
  private readonly readers: readonly PlainReader[];
  private readonly dim: number;
  private readonly width: number;
  private readonly memory: Memory;
  private readonly kernel: MaxSimKernel;

  constructor(readers: readonly PlainReader[], dim: number) {
    this.readers = readers;
    this.dim = dim;
    this.width = paddedDim(dim);
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.kernel = maxSimOn(this.memory);
  }

  /**
   * The scores of `windows`, in their order: those of `PlainScorer`, bit for bit.
   *
   * @param query row-major [tokens, dim]
   * @throws RefractError `CHECKPOINT_FORMAT` a file that ends too early
   */
  score(query: Float32Array, tokens: number, windows: readonly WindowPlace[]): Float32Array {
    const { groups, values } = packQuery(query, tokens, this.dim);
    const stride = 4 * this.width;
    const most = windows.reduce(
      (longest, { segment, window }) => Math.max(longest, this.readers[segment].tokenCount(window)),
      0,
    );
    this.hold(values.byteLength + most * stride);
    new Float32Array(this.memory.buffer, 0, values.length).set(values);
    return Float32Array.from(windows, ({ segment, window }) => {
      const reader = this.readers[segment];
      const count = reader.tokenCount(window);
      const rows = new Float32Array(this.memory.buffer, values.byteLength, count * this.width);
      reader.readInto(rows, this.width, reader.offsets[window], count);
      let score = 0;
      for (let group = 0; group < groups; group++)
        score += this.kernel(group * stride * QUERY_GROUP, values.byteLength, count, stride);
      return score;
    });
  }

  private hold(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
  }
}
