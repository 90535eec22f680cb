/** Masked-language modelling against transformers' BertForMaskedLM (test/oracles/mlm.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import type { Value } from '../graph/index.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { maskedLmShapes } from '../model/masked-lm.ts';
import { type FloatTensor, readSafetensors } from '../model/safetensors.ts';
import { mlmObjective } from './mlm-objective.ts';
import type { Batch } from './objective.ts';
import { GradientStep } from './step.ts';

const PLACE = 'test/fixtures/mlm';
const golden = JSON.parse(readFileSync(`${PLACE}/golden.json`, 'utf8'));
const floats = (name: string) => readSafetensors(`${PLACE}/${name}`) as Map<string, FloatTensor>;
const { config, tensors } = readCheckpoint('test/fixtures/bert', { allowBase: true });
const parameters = new Map([...tensors, ...floats('head.safetensors')]);

const int32 = (data: number[], shape = [data.length]): Value => ({ data: Int32Array.from(data), shape });
const batch: Batch = {
  feeds: {
    ids: int32(golden.input_ids, golden.shape),
    mask: int32(golden.attention_mask, golden.shape),
    positions: int32(golden.positions),
    labels: int32(golden.labels),
  },
};

function create(trainable: Iterable<string> = parameters.keys()): Promise<GradientStep> {
  const options = { device: 'cpu', threads: 1, trainable: new Set(trainable) } as const;
  return GradientStep.create(mlmObjective(config), parameters, options);
}

describe('masked-language modelling', () => {
  it('has the loss and the gradients of transformers, that of the tied word table too', async () => {
    const step = await create();
    const { loss, metrics } = await step.add(batch);
    expect(loss).toBeCloseTo(golden.loss, 4);
    expect(metrics.accuracy).toBeCloseTo(golden.accuracy, 6);
    const { dense, rows } = step.take();
    expect(rows).toBeUndefined();
    const expected = floats('gradients.safetensors');
    expect([...dense.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected)
      expect(dense.get(name)!, name).toBeAllclose(data, { relative: 0, ofScale: 1e-4 });
    await step.close();
  });

  it('adds up the gradient of the word table over batches, and starts anew after it was taken', async () => {
    const step = await create([WORD_TABLE]);
    const expected = floats('gradients.safetensors').get(WORD_TABLE)!.data;
    const tolerance = { relative: 0, ofScale: 1e-4 };
    await step.add(batch);
    await step.add(batch);
    const twice = step.take().dense;
    expect([...twice.keys()]).toEqual([WORD_TABLE]);
    expect(
      twice.get(WORD_TABLE)!.map((x) => x / 2),
      'two batches',
    ).toBeAllclose(expected, tolerance);
    await step.add(batch);
    expect(step.take().dense.get(WORD_TABLE)!, 'one more').toBeAllclose(expected, tolerance);
    await step.close();
  });

  it('leaves a frozen word table without a gradient', async () => {
    const step = await create(['cls.predictions.bias']);
    await step.add(batch);
    const { dense, rows } = step.take();
    expect([...dense.keys()]).toEqual(['cls.predictions.bias']);
    expect(rows).toBeUndefined();
    await step.close();
  });

  it('has a head of the names and shapes that transformers gives it', () => {
    const head = [...floats('head.safetensors')].map(([name, { shape }]) => [name, shape]);
    expect(maskedLmShapes(config).sort()).toEqual(head.sort());
  });
});
