/** A device that really runs out of memory, where one is at hand (webgpu.test.ts says which): every way it is met. */
import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { reduceSum } from './ops/broadcast.ts';
import { matmul } from './ops/linear.ts';
import { GraphSession } from './session.ts';
import { input } from './tensor.ts';

const asked = process.env.REFRACT_WEBGPU === '1';
const software = /swiftshader/i.test(process.env.VK_ICD_FILENAMES ?? '');
/** Rows and columns of a float32 product: 40 GB in one buffer; SwiftShader has no memory for one of 1.2 GB either. */
const SIZES = software ? [17_000, 100_000] : [100_000];

describe.skipIf(!asked)('where REFRACT_WEBGPU=1, memory that does not suffice on webgpu', () => {
  const column = input('a', 'float32', ['N', 1]);
  const row = input('b', 'float32', [1, 'M']);
  const product = matmul(column, row);
  const feeds = (n: number) => ({
    a: { data: new Float32Array(n).fill(1), shape: [n, 1] },
    b: { data: new Float32Array(n).fill(1), shape: [1, n] },
  });

  it.each(SIZES)(
    'for a value between, of %d^2 numbers, is DEVICE_MEMORY; less is computed after it',
    async (n) => {
      const session = await GraphSession.create({ y: reduceSum(product, [0, 1]) }, { device: 'webgpu' });
      try {
        const error = await refusal(() => session.run(feeds(n)));
        expect(error).toMatchObject({ code: 'DEVICE_MEMORY' });
        expect(error.what).toMatch(/^webgpu ran out of memory: /);
        expect(error.hint).toContain('--device cpu');
        const { y } = await session.run(feeds(300));
        expect(y.data[0]).toBe(90_000);
      } finally {
        await session.close();
      }
    },
  );

  it.each(SIZES)('for a result that stays there, of %d^2 numbers, is DEVICE_MEMORY', async (n) => {
    const session = await GraphSession.create({ y: product }, { device: 'webgpu', keep: ['y'] });
    try {
      const error = await refusal(() => session.runKeeping(feeds(n)));
      expect(error).toMatchObject({ code: 'DEVICE_MEMORY' });
    } finally {
      await session.close();
    }
  });
});
