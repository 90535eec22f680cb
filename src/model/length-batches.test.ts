import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lengthBatches } from './length-batches.ts';

it('puts texts of about equal length together, the longest first', () => {
  expect(lengthBatches([3, 9, 4], 16)).toEqual([[1], [2, 0]]);
  expect(lengthBatches([5, 5, 5, 5, 5], 10)).toEqual([[0, 1], [2, 3], [4]]);
  expect(lengthBatches([100, 1], 16)).toEqual([[0], [1]]);
  expect(lengthBatches([], 16)).toEqual([]);
});

it('has each text once, keeps to the tokens allowed, and could not join two neighbouring batches', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 200 }), (all, most) => {
      const batches = lengthBatches(all, most);
      expect(batches.flat().sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
      for (const [n, batch] of batches.entries()) {
        const longest = Math.max(...batch.map((i) => all[i]));
        expect(batch.length === 1 || batch.length * longest <= most).toBe(true);
        const next = batches[n + 1];
        if (next === undefined) continue;
        expect(all[next[0]]).toBeLessThanOrEqual(Math.min(...batch.map((i) => all[i])));
        expect((batch.length + 1) * longest).toBeGreaterThan(most);
      }
    }),
  );
});
