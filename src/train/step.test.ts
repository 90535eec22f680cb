import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { tinyBatch, tinyObjective, tinyWeights } from '../../test/tiny-training.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { GradientStep } from './step.ts';

const IDS = [3, 5, 3, 0];
const TARGET = [0.5, -1, 2, 0, 0.1, 0.2, -0.3, 1];

async function create(trainable?: readonly string[]) {
  const weights = tinyWeights();
  const step = await GradientStep.create(tinyObjective(), weights, {
    device: 'cpu',
    threads: 1,
    trainable: new Set(trainable ?? weights.keys()),
  });
  return { weights, step };
}

/** Gradients of a call of `take`, copied, the rows by id. */
function copy(step: GradientStep) {
  const { dense, rows } = step.take();
  const width = 3;
  const byId = new Map<number, number[]>();
  rows?.gradient.ids.forEach((id, n) => {
    byId.set(id, [...rows.gradient.rows.subarray(n * width, (n + 1) * width)]);
  });
  return { dense: new Map([...dense].map(([name, g]) => [name, g.slice()])), byId };
}

describe('GradientStep', () => {
  it('adds up the gradients of two halves to twice those of the whole batch', async () => {
    const { step } = await create();
    const whole = await step.add(tinyBatch(IDS, TARGET));
    const once = copy(step);
    const first = await step.add(tinyBatch(IDS.slice(0, 2), TARGET.slice(0, 4)));
    const second = await step.add(tinyBatch(IDS.slice(2), TARGET.slice(4)));
    const summed = copy(step);

    expect((first.loss + second.loss) / 2).toBeCloseTo(whole.loss, 5);
    expect((first.metrics.error + second.metrics.error) / 2).toBeCloseTo(whole.metrics.error, 5);
    for (const [name, g] of summed.dense) {
      expect(
        g.map((x) => x / 2),
        name,
      ).toBeAllclose(once.dense.get(name)!);
    }
    expect([...summed.byId.keys()]).toEqual([3, 5, 0]);
    for (const [id, g] of summed.byId) {
      expect(
        g.map((x) => x / 2),
        `row ${id}`,
      ).toBeAllclose(once.byId.get(id)!);
    }
    await step.close();
  });

  it('starts from zero after the gradients were taken', async () => {
    const { step } = await create();
    await step.add(tinyBatch(IDS, TARGET));
    const once = copy(step);
    await step.add(tinyBatch(IDS, TARGET));
    expect(copy(step)).toEqual(once);
    await step.close();
  });

  it('reads the weights anew at every step', async () => {
    const { weights, step } = await create();
    const before = (await step.add(tinyBatch(IDS, TARGET))).loss;
    for (const { data } of weights.values()) data.fill(0);
    const after = (await step.add(tinyBatch(IDS, TARGET))).loss;
    expect(after).not.toBe(before);
    expect(after).toBeCloseTo(TARGET.reduce((sum, y) => sum + y * y, 0) / 4, 5);
    await step.close();
  });

  it('gives gradients of the trained tensors only', async () => {
    const frozenTable = await create(['dense.weight']);
    await frozenTable.step.add(tinyBatch(IDS, TARGET));
    expect(copy(frozenTable.step)).toMatchObject({ byId: new Map() });
    const onlyTable = await create([WORD_TABLE]);
    await onlyTable.step.add(tinyBatch(IDS, TARGET));
    const { dense, byId } = copy(onlyTable.step);
    expect(dense.size).toBe(0);
    expect([...byId.keys()]).toEqual([3, 5, 0]);
    await frozenTable.step.close();
    await onlyTable.step.close();
  });
});
