import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../random.ts';
import { compileKernels, moduleSource } from './compile.ts';
import { hasSimd, KernelMemory } from './kernel-memory.ts';
import { type Kernels, packBlock } from './kernels.ts';
import { KERNELS_BASE64 } from './kernels-module.ts';

/** The same memory twice, for WebAssembly and for plain code. */
function pair(bytes: number, seed: number) {
  const random = new RandomStream(seed, 'kernels');
  const wasm = KernelMemory.create(bytes);
  const plain = KernelMemory.create(bytes, true);
  const both = [wasm, plain];
  const fill = (count: number, size: 1 | 2 | 4, draw: () => number) => {
    const address = both.map((memory) => memory.allocate(count * size))[0];
    for (let i = 0; i < count; i++) {
      const value = draw();
      for (const memory of both) {
        if (size === 1) memory.u8[address + i] = value;
        else if (size === 2) memory.i16[(address >>> 1) + i] = value;
        else memory.i32[(address >>> 2) + i] = value;
      }
    }
    return address;
  };
  const floats = (count: number, draw: () => number) => {
    const address = both.map((memory) => memory.allocate(4 * count))[0];
    for (let i = 0; i < count; i++) {
      const value = draw();
      for (const memory of both) memory.f32[(address >>> 2) + i] = value;
    }
    return address;
  };
  const each = (call: (kernels: Kernels) => void) => {
    for (const { kernels } of both) call(kernels);
    const bytes = Buffer.compare(wasm.u8, plain.u8.subarray(0, wasm.u8.length));
    expect(bytes).toBe(0);
  };
  return { random, wasm, plain, fill, floats, each };
}

const sizes = {
  count: fc.integer({ min: 0, max: 11 }),
  groups: fc.integer({ min: 1, max: 4 }),
  dims: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(10000),
};

describe('kernels in WebAssembly and in plain code', () => {
  it('has SIMD here, so that both are tested', () => expect(hasSimd()).toBe(true));

  it('dotRows: the same, and the inner products', () => {
    fc.assert(
      fc.property(sizes.count, sizes.groups, sizes.dims, sizes.seed, (count, groups, dims, seed) => {
        const [dim, width] = [16 * dims, 8 * groups];
        const { random, wasm, fill, each } = pair(1 << 17, seed);
        const draw = () => random.below(1 << 14) - (1 << 13);
        const lanes = Int16Array.from({ length: (width - 3) * dim }, draw);
        const packed = new Int16Array(width * dim);
        packBlock(lanes, width - 3, dim, width, packed);
        let next = 0;
        const block = fill(width * dim, 2, () => packed[next++]);
        const rows = fill(count * dim, 2, draw);
        const out = fill(count * width, 4, () => -1);
        each((kernels) => kernels.dotRows(block, width, rows, count, dim, out));
        for (let r = 0; r < count; r++) {
          for (let lane = 0; lane < width; lane++) {
            let sum = 0;
            for (let d = 0; lane < width - 3 && d < dim; d++) {
              sum += lanes[lane * dim + d] * wasm.i16[(rows >>> 1) + r * dim + d];
            }
            expect(wasm.i32[(out >>> 2) + r * width + lane]).toBe(sum);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('decoding: the level of each code, lowest bits first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), sizes.seed, (eights, seed) => {
        const { random, wasm, fill, each } = pair(1 << 16, seed);
        const bytes = 8 * eights;
        const packed = fill(bytes, 1, () => random.below(256));
        const levels = fill(16, 1, () => random.below(256));
        const table = fill(256 * 8, 2, () => random.below(255) - 127);
        const out = fill(8 * bytes, 2, () => 0);
        each((kernels) => kernels.decodeFour(packed, bytes, levels, out));
        for (let i = 0; i < 2 * bytes; i++) {
          const code = (wasm.u8[packed + (i >> 1)] >> (4 * (i & 1))) & 15;
          expect(wasm.i16[(out >>> 1) + i]).toBe((wasm.u8[levels + code] << 24) >> 24);
        }
        each((kernels) => kernels.decodeTwo(packed, bytes, table, out));
        expect(wasm.i16[(out >>> 1) + 7]).toBe(wasm.i16[(table >>> 1) + 4 * wasm.u8[packed + 1] + 3]);
        each((kernels) => kernels.decodeOne(packed, bytes, table, out));
        expect(wasm.i16[(out >>> 1) + 9]).toBe(wasm.i16[(table >>> 1) + 8 * wasm.u8[packed + 1] + 1]);
      }),
      { numRuns: 30 },
    );
  });

  it('centroidTable: the same floats and bytes, cut at both ends', () => {
    fc.assert(
      fc.property(sizes.count, fc.constantFrom(16, 32), sizes.seed, (count, width, seed) => {
        const { random, wasm, fill, floats, each } = pair(1 << 16, seed);
        const sums = fill(count * width, 4, () => random.below(2 ** 28) - 2 ** 27);
        const floor = floats(width, () => random.uniform() - 0.5);
        const bytes = fill(count * width, 1, () => 1);
        each((kernels) => kernels.centroidTable(sums, count, width, 2 ** -27, floor, 300, bytes));
        for (let i = 0; i < count * width; i++) {
          const value = wasm.f32[(sums >>> 2) + i] - wasm.f32[(floor >>> 2) + (i % width)];
          expect(Math.abs(wasm.u8[bytes + i] + 0.5 - Math.min(255, Math.max(0, 300 * value)))).toBeLessThan(
            0.6,
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('scan: the sum of the largest bytes, of allowed windows only', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9), { maxLength: 20 }),
        fc.constantFrom(16, 32),
        sizes.seed,
        (counts, width, seed) => {
          const { random, wasm, fill, each } = pair(1 << 16, seed);
          const starts = [0];
          for (const count of counts) starts.push(starts[starts.length - 1] + count);
          let next = 0;
          const codes = fill(starts[counts.length], 2, () => random.below(20));
          const bytes = fill(20 * width, 1, () => random.below(256));
          const offsets = fill(starts.length, 4, () => starts[next++]);
          const allowed = fill(3, 1, () => random.below(256));
          const scores = fill(counts.length, 4, () => 7);
          each((kernels) => kernels.scan(codes, offsets, 0, counts.length, allowed, bytes, width, scores));
          counts.forEach((count, w) => {
            let expected = 7;
            const isAllowed = (wasm.u8[allowed + (w >> 3)] >> (w & 7)) & 1;
            for (let lane = 0; isAllowed && lane < width; lane++) {
              const values = Array.from({ length: count }, (_, t) => {
                const code = wasm.u16[(codes >>> 1) + starts[w] + t];
                return wasm.u8[bytes + code * width + lane];
              });
              expected += Math.max(0, ...values);
            }
            expect(wasm.u32[(scores >>> 2) + w]).toBe(expected);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('maxOver: the largest of table + product x scale', () => {
    fc.assert(
      fc.property(sizes.count, fc.constantFrom(16, 32), sizes.seed, (count, width, seed) => {
        const { random, wasm, fill, floats, each } = pair(1 << 16, seed);
        const sums = fill(count * width, 4, () => random.below(2 ** 24) - 2 ** 23);
        const codes = fill(count, 2, () => random.below(9));
        const table = floats(9 * width, () => random.normal());
        const scaleBytes = fill(count, 1, () => random.below(256));
        const scales = floats(256, () => random.uniform() * 2 ** -22);
        const best = floats(width, () => -1);
        each((kernels) => kernels.maxOver(sums, count, width, codes, table, scaleBytes, scales, best));
        for (let lane = 0; lane < width; lane++) {
          const values = Array.from({ length: count }, (_, t) => {
            const row = wasm.u16[(codes >>> 1) + t];
            const scale = wasm.f32[(scales >>> 2) + wasm.u8[scaleBytes + t]];
            return (
              wasm.f32[(table >>> 2) + row * width + lane] + wasm.i32[(sums >>> 2) + t * width + lane] * scale
            );
          });
          expect(wasm.f32[(best >>> 2) + lane]).toBeCloseTo(Math.max(-1, ...values), 4);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('nearestLane: the first lane of the largest value, where it beats what stands there', () => {
    fc.assert(
      fc.property(sizes.count, sizes.groups, sizes.seed, (count, groups, seed) => {
        const width = 4 * groups;
        const { random, wasm, fill, each } = pair(1 << 16, seed);
        // Few values, so that there are ties.
        const sums = fill(count * width, 4, () => random.below(4));
        const halves = fill(width, 4, () => random.below(2));
        const values = fill(count, 4, () => random.below(4) - 1);
        const lanes = fill(count, 4, () => -5);
        const before = wasm.i32.slice(values >>> 2, (values >>> 2) + count);
        each((kernels) => kernels.nearestLane(sums, count, width, halves, 100, values, lanes));
        for (let r = 0; r < count; r++) {
          const line = Array.from(
            { length: width },
            (_, lane) => wasm.i32[(sums >>> 2) + r * width + lane] - wasm.i32[(halves >>> 2) + lane],
          );
          const largest = Math.max(...line);
          const lane = wasm.i32[(lanes >>> 2) + r];
          expect(lane).toBe(largest > before[r] ? 100 + line.indexOf(largest) : -5);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the built module', () => {
  it('is what kernels.as compiles to', async ({ skip }) => {
    const bytes = await compileKernels();
    if (bytes === undefined) return skip('assemblyscript is not installed');
    expect(Buffer.from(bytes).toString('base64')).toBe(KERNELS_BASE64);
  });

  it('is written as a module of its bytes', () => {
    const text = moduleSource(Uint8Array.from({ length: 200 }, (_, i) => i));
    expect(text).toContain("  'AAECAwQF");
    expect(text.trimEnd().endsWith("';")).toBe(true);
  });

  it('refuses more memory than WebAssembly has', () => {
    expect(() => KernelMemory.create(2 ** 32 + 1)).toThrow(/OUT_OF_MEMORY/);
  });
});
