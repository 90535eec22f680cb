/** Low-rank adapters against PyTorch (test/oracles/adapters.py), merged against unmerged, and where they begin. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { constant, GraphSession, gradients, input, mul, reduceSum, type Tensor } from '../graph/index.ts';
import { adapterNames, adapterShapes, isLinear, mergeAdapters } from './adapters.ts';
import { colbertWeights, tokenVectors } from './colbert.ts';
import { configOfSize, MODEL_TYPES } from './config.ts';
import { parameterShapes, parseHuggingFaceConfig } from './families/index.ts';
import { type FloatTensor, readSafetensors } from './safetensors.ts';

const fixture = (name: string) => new URL(`../../test/fixtures/adapters/${name}`, import.meta.url).pathname;
const golden = JSON.parse(readFileSync(fixture('golden.json'), 'utf8'));
const config = parseHuggingFaceConfig(
  JSON.parse(readFileSync(fixture('config.json'), 'utf8')),
  'config.json',
);
const floats = (file: string) => new Map([...readSafetensors(fixture(file))] as [string, FloatTensor][]);
const trained = floats('weights.safetensors');
const { rank, alpha, dim, shape } = golden;
const texts = {
  ids: { data: Int32Array.from(golden.input_ids as number[]), shape },
  mask: { data: Int32Array.from(golden.attention_mask as number[]), shape },
};

/** Weights [N*L, dim] of the loss, which runs without a loss do not take. */
const lossWeights = constant(Float32Array.from(golden.loss_weights as number[]), [shape[0] * shape[1], dim]);

/** Runs what `wanted` makes of the token vectors and the graph's inputs, with `tensors` as weights. */
async function run(
  tensors: ReadonlyMap<string, FloatTensor>,
  adapters: { rank: number; alpha: number } | undefined,
  wanted: (vectors: Tensor, inputs: ReadonlyMap<string, Tensor>) => Record<string, Tensor>,
) {
  const { inputs, weights } = colbertWeights(config, dim, adapters);
  const { vectors } = tokenVectors(
    config,
    weights,
    input('ids', 'int32', shape),
    input('mask', 'int32', shape),
  );
  const session = await GraphSession.create(wanted(vectors, inputs), { threads: 1 });
  const feeds = Object.fromEntries([...inputs.keys()].map((name) => [name, tensors.get(name)!]));
  const result = await session.run({ ...feeds, ...texts });
  await session.close();
  return result;
}

/** The vectors of real tokens; those of padding are no one's. */
function real(data: Float32Array | Int32Array | BigInt64Array | readonly number[]): number[] {
  return Array.from(data as Float32Array).filter((_, i) => golden.attention_mask[Math.floor(i / dim)] === 1);
}

describe('an encoder with adapters', () => {
  it('encodes as PyTorch does, with the same gradients of adapters and of what is trained beside them', async () => {
    const expected = floats('gradients.safetensors');
    const names = [...expected.keys()];
    const { vectors, loss, ...found } = await run(trained, { rank, alpha }, (vectors, inputs) => {
      const loss = reduceSum(mul(vectors, lossWeights), [0, 1]);
      const wanted = gradients(
        loss,
        names.map((name) => inputs.get(name)!),
      );
      return {
        vectors,
        loss,
        ...Object.fromEntries(names.map((name, i) => [`gradient/${name}`, wanted[i]])),
      };
    });
    expect(real(vectors.data)).toBeAllclose(real(golden.vectors), { absolute: 1e-5 });
    expect(loss.data[0]).toBeCloseTo(golden.loss, 4);
    expect(names.filter((name) => name.includes('lora_'))).toHaveLength(2 * 13);
    // Of a key's bias the gradient is nothing but rounding.
    for (const name of names)
      expect(found[`gradient/${name}`].data, name).toBeAllclose(expected.get(name)!.data, {
        relative: 1e-3,
        absolute: 1e-5,
        ofScale: 1e-4,
      });
  });

  it('encodes as the one that they are merged into', async () => {
    const unmerged = await run(trained, { rank, alpha }, (vectors) => ({ vectors }));
    const { tensors } = mergeAdapters(trained, { rank, alpha });
    const merged = await run(tensors, undefined, (vectors) => ({ vectors }));
    const plain = await run(trained, undefined, (vectors) => ({ vectors }));
    expect(real(merged.vectors.data)).toBeAllclose(real(unmerged.vectors.data), {
      relative: 0,
      absolute: 1e-5,
    });
    expect(real(plain.vectors.data)).not.toBeAllclose(real(unmerged.vectors.data), {
      relative: 0,
      absolute: 0.1,
    });
  });
});

describe('adapters of a model', () => {
  it('merge to W + (alpha / r) B A, and leave no adapter behind', () => {
    const name = 'encoder.layer.1.output.dense.weight';
    const { tensors, factors } = mergeAdapters(trained, { rank, alpha });
    const [out, into] = trained.get(name)!.shape;
    const names = adapterNames(name);
    const [a, b] = [trained.get(names.a)!.data, trained.get(names.b)!.data];
    const sum = Float32Array.from(trained.get(name)!.data, (value, i) => {
      let product = 0;
      for (let r = 0; r < rank; r++) product += b[Math.floor(i / into) * rank + r] * a[r * into + (i % into)];
      return value + (alpha / rank) * product;
    });
    expect(tensors.get(name)!.data).toBeAllclose(sum, { relative: 1e-6, absolute: 1e-7 });
    expect(factors.get(name)!.b.shape).toEqual([out, rank]);
    expect([...tensors.keys()]).toEqual(
      [...trained.keys()].filter((key) => tensors.has(key) && !key.includes('lora_')),
    );
  });

  it.each(MODEL_TYPES)('are made for every linear weight of %s and for no table', (modelType) => {
    const rotary = { global: [true, false], reach: 2, globalTheta: 1e4, localTheta: 1e4 };
    const rest = { vocabSize: 40, numHiddenLayers: 2, hiddenSize: 16, numAttentionHeads: 4, rotary };
    const shapes = parameterShapes({ ...configOfSize('tiny', rest), modelType });
    const linear = shapes.filter(([name, shape]) => isLinear(name, shape)).map(([name]) => name);
    expect(linear).toHaveLength(modelType === 'modernbert' ? 8 : 12);
    expect(linear.join()).not.toMatch(/embedding|norm/i);
    expect(adapterShapes(shapes, { rank: 99, alpha: 1 })[0][1]).toEqual([16, 16]);
  });
});
