import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random.ts';
import { unsigned } from '../wasm-module.ts';
import { maxSim } from './maxsim.ts';
import { packQuery, Shard } from './shard.ts';
import { topK } from './top-k.ts';
import { KERNEL_MODULE } from './wasm-kernel.ts';

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
