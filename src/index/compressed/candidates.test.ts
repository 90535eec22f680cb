import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedSlots, bestSlots, candidateCount } from './candidates.ts';

describe('candidates', () => {
  it('are more with more effort, from 64 to all', () => {
    expect([0, 0.5, 1].map((effort) => candidateCount(6400, 10, effort))).toEqual([64, 640, 6400]);
    expect([candidateCount(50, 10), candidateCount(100_000, 10), candidateCount(100_000, 500)]).toEqual([
      50, 1024, 2000,
    ]);
    expect(candidateCount(1_000_000, 10)).toBe(3200);
    expect(candidateCount(0, 10, 1)).toBe(0);
  });

  it('are the allowed windows of the largest scores, the earlier of equal ones', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.boolean())), fc.nat(30), (slots, wanted) => {
        const allowed = new Uint8Array(Math.ceil(slots.length / 8));
        slots.forEach(([, may], slot) => {
          if (may) allowed[slot >> 3] |= 1 << (slot & 7);
        });
        const scores = Uint32Array.from(slots, ([score]) => score);
        const out = new Uint32Array(slots.length);
        const may = slots.flatMap(([, each], slot) => (each ? [slot] : []));
        expect(allowedSlots(allowed, slots.length, out)).toBe(may.length);
        expect([...out.subarray(0, may.length)]).toEqual(may);
        const count = bestSlots(scores, allowed, 5, wanted, out);
        const expected = [...may].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, wanted);
        expect([...out.subarray(0, count)]).toEqual(expected.sort((a, b) => a - b));
      }),
    );
  });
});
