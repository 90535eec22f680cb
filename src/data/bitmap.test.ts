import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  copyBits,
  countBits,
  emptyBitmap,
  fullBitmap,
  hasBit,
  invertBits,
  setBit,
  visitRuns,
} from './bitmap.ts';

it('keeps a set of passages, its size and its complement, whatever the number of passages', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 70 }), (members) => {
      const bits = emptyBitmap(members.length);
      members.forEach((member, p) => {
        if (member) setBit(bits, p);
      });
      expect(members.map((_, p) => hasBit(bits, p))).toEqual(members);
      expect(countBits(bits)).toBe(members.filter(Boolean).length);
      const rest = invertBits(bits.slice(), members.length);
      expect(countBits(rest)).toBe(members.filter((member) => !member).length);
      expect(invertBits(fullBitmap(members.length), members.length)).toEqual(emptyBitmap(members.length));
      expect(countBits(fullBitmap(members.length))).toBe(members.length);
    }),
  );
});

const members = fc.array(fc.boolean(), { maxLength: 70 });

function bitmapOf(set: readonly boolean[]): Uint8Array {
  const bits = emptyBitmap(set.length);
  set.forEach((member, p) => {
    if (member) setBit(bits, p);
  });
  return bits;
}

it('copies bits from any place to any other, and none around them', () => {
  fc.assert(
    fc.property(members, members, members, fc.nat(70), (before, set, after, offset) => {
      const from = bitmapOf([...Array(offset).fill(true), ...set, ...after]);
      const into = bitmapOf([...before, ...set.map(() => false), ...after]);
      copyBits(from, offset, set.length, into, before.length);
      expect(into).toEqual(bitmapOf([...before, ...set, ...after]));
    }),
  );
});

it('finds the runs of set bits, longer than bytes and within them', () => {
  const runs = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 20 })), { maxLength: 6 });
  fc.assert(
    fc.property(runs, fc.nat(20), (lengths, rest) => {
      const set = [...lengths.flatMap(([gap, run]) => [...Array(gap).fill(false), ...Array(run).fill(true)])];
      set.push(...Array(rest).fill(false));
      const found: boolean[] = Array(set.length).fill(false);
      let last = -1;
      visitRuns(bitmapOf(set), set.length, (first, end) => {
        expect(first).toBeGreaterThan(last);
        expect(end).toBeGreaterThan(first);
        found.fill(true, first, end);
        last = end;
      });
      expect(found).toEqual(set);
    }),
  );
});
