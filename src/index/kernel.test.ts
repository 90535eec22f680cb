import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFloat16, encodeFloat16 } from '../float16.ts';
import { RandomStream } from '../random.ts';
import { unsigned } from '../wasm-module.ts';
import { maxSim } from './maxsim.ts';
import { packQuery, Shard } from './shard.ts';
import { topK } from './top-k.ts';
import { KERNEL_MODULE } from './wasm-kernel.ts';

const decoded = (patterns: Uint16Array) => {
  const out = new Float32Array(patterns.length);
  decodeFloat16(patterns, out);
  return out;
};

describe('float16', () => {
  it('encodes known values', () => {
    const values = Float32Array.of(0, -0, 1, -2, 0.1, 65504, 2 ** -24, 2 ** -14, 1 / 3, 65520, 2 ** -25);
    const patterns = [0, 0x8000, 0x3c00, 0xc000, 0x2e66, 0x7bff, 1, 0x0400, 0x3555, 0x7c00, 0];
    expect([...encodeFloat16(values)]).toEqual(patterns);
  });

  it('returns every pattern to itself', () => {
    const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const back = encodeFloat16(decoded(patterns));
    const wrong = [...patterns].filter((p) => back[p] !== p && !((p & 0x7c00) === 0x7c00 && p & 0x3ff));
    expect(wrong).toEqual([]);
    expect(Number.isNaN(decoded(encodeFloat16(Float32Array.of(Number.NaN)))[0])).toBe(true);
  });

  it('is the nearest half-precision number, ties to even', () => {
    fc.assert(
      fc.property(fc.float({ min: -70000, max: 70000, noNaN: true }), (value) => {
        const [pattern] = encodeFloat16(Float32Array.of(value));
        const [near, below, above] = decoded(Uint16Array.of(pattern, pattern - 1, pattern + 1));
        if (!Number.isFinite(near)) return Math.abs(value) >= 65520;
        const error = Math.abs(value - near);
        return [below, above].every((other) => {
          const distance = Math.abs(value - other);
          return !(distance < error) && (distance !== error || error === 0 || (pattern & 1) === 0);
        });
      }),
      { numRuns: 2000 },
    );
    // 1 + 2^-11 lies half-way between 1 and 1 + 2^-10.
    expect(encodeFloat16(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11))).toEqual(
      Uint16Array.of(0x3c00, 0x3c02),
    );
  });
});

describe('topK', () => {
  it('equals a stable sort', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 1, max: 12 }), (scores, k) => {
        const order = scores.map((_, i) => i).sort((x, y) => scores[y] - scores[x] || x - y);
        expect(topK(Float32Array.from(scores), k)).toEqual(order.slice(0, k));
      }),
    );
  });
});

describe('the WebAssembly kernel', () => {
  it('is a small module; numbers are LEB128', () => {
    expect([...KERNEL_MODULE.slice(0, 8)]).toEqual([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
  });

  it('equals the reference for any sizes, with the memory grown for large queries', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 21 }),
        fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(1, 7, 8, 9, 32, 1200),
        fc.nat(1000),
        (dim, lengths, tokens, seed) => {
          const random = new RandomStream(seed, 'kernel');
          const offsets = new Float64Array(lengths.length + 1);
          lengths.forEach((length, p) => {
            offsets[p + 1] = offsets[p] + length;
          });
          const draw = (count: number) =>
            Float32Array.from({ length: count * dim }, () => random.uniform() * 2 - 1.2);
          const vectors = draw(offsets[lengths.length]);
          const query = draw(tokens);
          const shard = new Shard(0, offsets, dim, (rows, width) => {
            for (let i = 0; i < vectors.length; i++)
              rows[Math.floor(i / dim) * width + (i % dim)] = vectors[i];
          });
          const scores = new Float32Array(lengths.length);
          shard.scoreAll([packQuery(query, tokens, dim)], [scores]);
          lengths.forEach((_, p) => {
            const expected = maxSim(query, vectors.slice(offsets[p] * dim, offsets[p + 1] * dim), dim);
            expect(Math.abs(scores[p] - expected)).toBeLessThan(1e-5 * tokens * dim);
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
