import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareCodePoints } from './code-points.ts';

it('orders texts as their UTF-8 bytes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', '\uff21', '\ud7ff', '\u{1f600}', '\u{10000}', 'ọ́') }),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareCodePoints(a, b))).toBe(bytes);
    }),
    { numRuns: 500 },
  );
});
