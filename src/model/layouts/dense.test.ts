/** Dense layers folded by hand, and a bias carried by the last layer normalisation. */
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../test/temporary.ts';
import { configOfSize } from '../config.ts';
import { parameterShapes } from '../families/index.ts';
import type { FloatTensor } from '../safetensors.ts';
import { foldLayers, type LinearMap, withProjection } from './dense.ts';

const map = (weight: number[], bias: number[], shape: readonly [number, number]): LinearMap => ({
  weight: Float64Array.from(weight),
  bias: Float64Array.from(bias),
  shape,
});

const config = configOfSize('tiny', {
  vocabSize: 4,
  hiddenSize: 3,
  numAttentionHeads: 1,
  intermediateSize: 2,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 2,
});
const tensors = new Map(
  parameterShapes(config).map(([name, shape]): [string, FloatTensor] => [
    name,
    { dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) },
  ]),
);
const SHIFT = 'encoder.layer.0.output.LayerNorm.bias';

describe('foldLayers', () => {
  it('multiplies weights and passes biases on', () => {
    const first = map([1, 2, 0, 0, 1, -1], [1, 10], [2, 3]);
    const second = map([1, 1, 0, 2], [0.5, -0.5], [2, 2]);
    const { weight, bias, shape } = foldLayers([first, second], 3, 'model');
    expect(shape).toEqual([2, 3]);
    expect([...weight]).toEqual([1, 3, -1, 0, 2, -2]);
    expect([...bias]).toEqual([11.5, 19.5]);
  });

  it('refuses layers that do not fit', async () => {
    const wide = map([1, 1, 1], [0], [1, 3]);
    const error = await refusal(() => foldLayers([wide, wide], 3, 'model'));
    expect(error).toMatchObject({ code: 'CHECKPOINT_SHAPE', at: 'model' });
  });
});

describe('withProjection', () => {
  it('leaves the encoder alone where there is no bias', () => {
    const result = withProjection({ config, tensors }, map([1, 2, 3], [0], [1, 3]), 'model');
    expect([...result.get('linear.weight')!.data]).toEqual([1, 2, 3]);
    expect(result.get(SHIFT)).toBe(tensors.get(SHIFT));
  });

  it('gives the shortest shift that the projection maps to the bias', () => {
    const result = withProjection({ config, tensors }, map([0, 2, 0, 3, 0, 4], [6, 5], [2, 3]), 'model');
    // d = (5 * 3 / 25, 6 / 2, 5 * 4 / 25), added to shifts of 1.
    const expected = [1.6, 4, 1.8];
    result.get(SHIFT)!.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 6);
    });
    expect([...tensors.get(SHIFT)!.data]).toEqual([1, 1, 1]);
  });

  it('refuses a bias that no shift gives', async () => {
    const parallel = map([1, 2, 3, 2, 4, 6], [1, 1], [2, 3]);
    const error = await refusal(() => withProjection({ config, tensors }, parallel, 'model'));
    expect(error.what).toContain('no shift of the hidden states gives');
  });

  it('refuses a bias where the last layer normalisation has no shift', async () => {
    const modern = {
      ...config,
      modelType: 'modernbert' as const,
      rotary: { global: [true], reach: 1, globalTheta: 1e4, localTheta: 1e4 },
    };
    const biased = map([1, 2, 3], [1], [1, 3]);
    const error = await refusal(() => withProjection({ config: modern, tensors }, biased, 'model'));
    expect(error.what).toContain('no layer normalisation of a modernbert can carry');
  });
});
