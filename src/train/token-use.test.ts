import { expect, it } from 'vitest';
import { countUse } from './token-use.ts';

it('counts tokens by language, and as foreign only where the translation does not hold them', () => {
  const pair = (pivot: number[], target: number[]) => ({
    pivot: Int32Array.from(pivot),
    target: Int32Array.from(target),
  });
  const use = countUse([pair([0, 2], [3, 2, 3]), pair([1], [2])], [Int32Array.of(0, 1, 1)], 5);
  expect([...use.target]).toEqual([0, 0, 2, 2, 0]);
  expect([...use.foreign]).toEqual([0, 0, 1, 2, 0]);
  expect([...use.pivot]).toEqual([2, 3, 1, 0, 0]);
});
