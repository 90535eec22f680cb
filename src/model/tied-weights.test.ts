import { expect, it } from 'vitest';
import { tiedWeights } from './tied-weights.ts';

const tensor = (shape: readonly number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });

it('finds matrices that are there twice, and leaves vectors and other shapes alone', () => {
  const long = Array.from({ length: 12 }, (_, i) => i);
  const tensors = new Map([
    ['a', tensor([2, 6], ...long)],
    ['b', tensor([6, 2], ...long)],
    ['c', tensor([2, 6], ...long)],
    ['d', tensor([2, 6], ...long.slice(0, 11), 12)],
    ['e', tensor([2, 6], ...long.slice(0, 11), 12)],
    ['bias', tensor([2], 0, 0)],
    ['other bias', tensor([2], 0, 0)],
  ]);
  expect([...tiedWeights(tensors)]).toEqual([
    ['c', 'a'],
    ['e', 'd'],
  ]);
});
