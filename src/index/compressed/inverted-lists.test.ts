import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLists, InvertedLists } from './inverted-lists.ts';

describe('inverted lists', () => {
  it('hold the windows of each centroid once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }), { maxLength: 300 }),
        (codes) => {
          const bytes = Buffer.concat(
            encodeLists(
              codes.map((window) => Uint16Array.from(window)),
              41,
            ),
          );
          const lists = new InvertedLists(new Uint8Array(bytes), 'lists', 41, codes.length);
          for (let c = 0; c < 41; c++) {
            const expected = codes.flatMap((window, w) => (window.includes(c) ? [w] : []));
            expect([...lists.windowsOf(c)]).toEqual(expected);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
