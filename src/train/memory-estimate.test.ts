import { expect, it } from 'vitest';
import { RefractError } from '../errors.ts';
import { input, linear, reduceSum } from '../graph/index.ts';
import { estimateMemory, withEstimate } from './memory-estimate.ts';

const graph = {
  loss: reduceSum(linear(input('x', 'float32', ['B', 500]), input('w', 'float32', [1000, 500])), [0, 1]),
};
const memory = {
  graph,
  feeds: { x: { shape: [1000, 500] } },
  parameters: [{ data: new Float32Array(500_000) }],
  trained: 500_000,
  table: 100,
};

it('counts weights, two moments of each trained one, and activations of the batch', () => {
  expect(estimateMemory(memory)).toEqual({
    weights: 2_000_000,
    moments: 8 * 500_100,
    activations: 4 * (1_000_000 + 1),
  });
  expect(estimateMemory({ ...memory, feeds: {} }).activations).toBe(0);
});

it('tells in a message what a batch takes, and half of it', () => {
  const error = new RefractError('DEVICE_MEMORY', 'webgpu ran out of memory', { hint: 'x' });
  const { code, hint } = withEstimate(error, memory) as RefractError;
  expect(code).toBe('DEVICE_MEMORY');
  expect(hint).toContain('weights take 2 MB, moments 5 MB');
  expect(hint).toContain('this batch about 5 MB');
  expect(hint).toContain('about 3 MB');
  expect((withEstimate(error, { ...memory, feeds: {} }) as RefractError).hint).toContain('does not fit');
});

it('leaves other errors alone', () => {
  const error = new Error('another');
  expect(withEstimate(error, memory)).toBe(error);
});
