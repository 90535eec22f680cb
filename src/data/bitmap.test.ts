import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countBits, emptyBitmap, fullBitmap, hasBit, invertBits, setBit } from './bitmap.ts';

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
