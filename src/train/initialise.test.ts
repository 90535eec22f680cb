import { describe, expect, it } from 'vitest';
import { PROJECTION } from '../model/checkpoint.ts';
import { configOfSize } from '../model/config.ts';
import { parameterShapes } from '../model/families/index.ts';
import { initialWeights } from './initialise.ts';

const config = configOfSize('tiny', { vocabSize: 300, maxPositionEmbeddings: 40 });
const weights = initialWeights(config, 1, 16);
const deviation = (name: string) => {
  const { data } = weights.get(name)!;
  return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
};

describe('initialWeights', () => {
  it('has every tensor of the encoder, and the projection where it is asked for', () => {
    const expected: [string, number[]][] = [...parameterShapes(config), [PROJECTION, [16, 128]]];
    expect([...weights].map(([name, { shape }]) => [name, shape])).toEqual(expected);
    expect(initialWeights(config, 1).has(PROJECTION)).toBe(false);
  });

  it('draws word vectors far larger than those of positions, norms 1 and biases 0', () => {
    expect(deviation('embeddings.word_embeddings.weight')).toBeCloseTo(0.02, 3);
    expect(deviation('embeddings.position_embeddings.weight')).toBeCloseTo(0.002, 4);
    expect(deviation(PROJECTION)).toBeCloseTo(1 / Math.sqrt(128), 2);
    for (const [name, { data }] of weights) {
      if (name.endsWith('LayerNorm.weight')) expect(new Set(data)).toEqual(new Set([1]));
      if (name.endsWith('bias')) expect(new Set(data)).toEqual(new Set([0]));
    }
  });

  it('depends on the seed alone, and no tensor on the others', () => {
    const name = 'encoder.layer.0.output.dense.weight';
    expect(initialWeights(config, 1).get(name)).toEqual(weights.get(name));
    expect(initialWeights(config, 2).get(name)).not.toEqual(weights.get(name));
    const deeper = initialWeights({ ...config, numHiddenLayers: 3, vocabSize: 400 }, 1);
    expect(deeper.get(name)).toEqual(weights.get(name));
    expect(weights.get('encoder.layer.1.output.dense.weight')).not.toEqual(weights.get(name));
  });
});
