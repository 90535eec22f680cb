/** A training step that does not fit: what is said of it, on a device that really runs out, and of CUDA by its words. */
import { describe, expect, it, vi } from 'vitest';
import { ADAMW } from '../../test/device-training.ts';
import { refusal } from '../../test/temporary.ts';
import { tinyBatch, tinyObjective, tinyWeights } from '../../test/tiny-training.ts';
import { GraphSession, input, matmul, reduceSum } from '../graph/index.ts';
import { asRunError } from '../graph/providers.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import type { Batch, Objective } from './objective.ts';
import { openUpdates } from './open-updates.ts';
import { GradientStep } from './step.ts';

const settings = { adamw: ADAMW, threads: 1, accumulate: 1 } as const;

/** loss = sum of x w over N x 100,000 numbers. */
const WIDTH = 100_000;
function wideTask() {
  const parameters = new Map([['w', input('w', 'float32', [1, WIDTH])]]);
  const loss = reduceSum(matmul(input('x', 'float32', ['N', 1]), parameters.get('w')!), [0, 1]);
  const objective: Objective = { loss, metrics: {}, parameters, lookups: [] };
  const weights = new Map<string, FloatTensor>([
    ['w', { dtype: 'F32', shape: [1, WIDTH], data: new Float32Array(WIDTH).fill(1) }],
  ]);
  return { objective, parameters: weights, trainable: new Set(['w']) };
}
const wideBatch = (n: number): Batch => ({
  feeds: { x: { data: new Float32Array(n).fill(1), shape: [n, 1] } },
});

describe.skipIf(process.env.REFRACT_WEBGPU !== '1')('where REFRACT_WEBGPU=1', () => {
  it('a batch that does not fit is told with figures, and a smaller one is trained on after it', async () => {
    const updates = await openUpdates(wideTask(), { ...settings, device: 'webgpu' });
    try {
      // 40 GB in one buffer.
      const error = await refusal(() => updates.gradient(() => wideBatch(100_000), 1));
      expect(error).toMatchObject({ code: 'DEVICE_MEMORY' });
      expect(error.what).toMatch(/^webgpu ran out of memory: /);
      const [, batch, half] = /this batch about ([\d,]+) MB .* about ([\d,]+) MB/.exec(error.hint) ?? [];
      const figure = (text: string) => Number(text.replaceAll(',', ''));
      expect(figure(batch)).toBeGreaterThanOrEqual(40_000);
      expect(figure(half)).toBe(Math.ceil(figure(batch) / 2));
      const { loss } = await updates.gradient(() => wideBatch(2), 1);
      expect(loss).toBe(2 * WIDTH);
      expect((await updates.update(0.1, 1, 1e9)).norm).toBeGreaterThan(0);
    } finally {
      await updates.close();
    }
  });

  it('with the fallback the CPU takes the batch', async () => {
    const told: string[] = [];
    const run = GraphSession.prototype.runKeeping;
    // The card's first batch is made too large for it; the CPU's is the one that was drawn.
    const spy = vi.spyOn(GraphSession.prototype, 'runKeeping').mockImplementation(function (
      this: GraphSession,
      feeds,
      into,
    ) {
      const grown = this.device === 'webgpu' && 'x' in feeds && 'carry' in feeds;
      return run.call(this, grown ? { ...feeds, ...wideBatch(100_000).feeds } : feeds, into);
    });
    const updates = await openUpdates(
      wideTask(),
      { ...settings, device: 'webgpu', deviceFallback: true, accumulate: 2 },
      undefined,
      (text) => told.push(text),
    );
    try {
      expect((await updates.gradient(() => wideBatch(2), 2)).loss).toBe(2 * WIDTH);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(/^webgpu ran out of memory: .*; the CPU goes on instead\.$/s);
    } finally {
      spy.mockRestore();
      await updates.close();
    }
  });
});

it('gradients on CUDA, whose weights come with each run, are told with figures too', async () => {
  const weights = tinyWeights();
  const trainable = new Set(weights.keys());
  const step = await GradientStep.create(tinyObjective(), weights, { device: 'cpu', threads: 1, trainable });
  const text = 'Failed to allocate memory for requested buffer of size 8388608000';
  const run = vi.spyOn(GraphSession.prototype, 'run').mockRejectedValue(asRunError('cuda', new Error(text)));
  try {
    const error = await refusal(() => step.add(tinyBatch([1, 2], [0, 0, 0, 0])));
    expect(error).toMatchObject({ code: 'DEVICE_MEMORY', what: `cuda ran out of memory: ${text}` });
    expect(error.hint).toContain('weights take 1 MB, moments 0 MB, this batch about 1 MB');
  } finally {
    run.mockRestore();
    await step.close();
  }
});
