/** What this machine's memory and the index's kernel can do at most, on one thread. */
import { KernelMemory } from '../../src/index/kernels/kernel-memory.ts';

/** Bytes of each of the two areas that are read: far beyond any cache. */
const AREA = 2 ** 28;
const TIMES = 5;
/** A block of the kernel, all of it in the nearest cache. */
const [WIDTH, ROWS] = [32, 64];
const RUNS = 20_000;

/** Bytes and multiply-adds a second. */
export interface MachineLimits {
  readonly bytesPerSecond: number;
  readonly multiplyAddsPerSecond: number;
}

/** Measures both; the best of a few runs. @param dim size of a vector, a multiple of 16 */
export function machineLimits(dim: number): MachineLimits {
  return { bytesPerSecond: readingSpeed(), multiplyAddsPerSecond: kernelSpeed(dim) };
}

/** Comparing two equal areas reads both from end to end, with the C library's code. */
function readingSpeed(): number {
  const [a, b] = [Buffer.alloc(AREA, 1), Buffer.alloc(AREA, 1)];
  return best(() => {
    if (!a.equals(b)) throw new Error('equal areas differ');
    return 2 * AREA;
  });
}

function kernelSpeed(dim: number): number {
  const memory = KernelMemory.create(2 * dim * (WIDTH + ROWS) + 4 * WIDTH * ROWS + 1024);
  const block = memory.allocate(2 * dim * WIDTH);
  const rows = memory.allocate(2 * dim * ROWS);
  const sums = memory.allocate(4 * WIDTH * ROWS);
  memory.i16.fill(3, block >>> 1, sums >>> 1);
  return best(() => {
    for (let run = 0; run < RUNS; run++) memory.kernels.dotRows(block, WIDTH, rows, ROWS, dim, sums);
    return RUNS * WIDTH * ROWS * dim;
  });
}

/** The largest amount a second. */
function best(work: () => number): number {
  let most = 0;
  for (let time = 0; time < TIMES; time++) {
    const start = performance.now();
    const amount = work();
    most = Math.max(most, (1000 * amount) / (performance.now() - start));
  }
  return most;
}
