/** Training of weights in the kernel's memory: the same bits as of weights elsewhere. */
import { describe, expect, it } from 'vitest';
import { tinyBatch, tinyObjective, tinyWeights } from '../../test/tiny-training.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { Optimiser } from './optimiser.ts';
import { claimTensors, freeWeights, placeWeights } from './place-weights.ts';
import { GradientStep } from './step.ts';

const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
const IDS = [3, 5, 3, 0];
const TARGET = [0.5, -1, 2, 0, 0.1, 0.2, -0.3, 1];
const dataOf = (weights: ReadonlyMap<string, FloatTensor>) =>
  new Map([...weights].map(([name, { data }]) => [name, data]));

/** Three updates of two batches each. */
async function trained(weights: Map<string, FloatTensor>, into: boolean) {
  const optimiser = new Optimiser(dataOf(weights), settings);
  const step = await GradientStep.create(tinyObjective(), weights, {
    device: 'cpu',
    threads: 1,
    trainable: new Set(weights.keys()),
    into: into ? optimiser.gradients : undefined,
  });
  const norms: number[] = [];
  for (let n = 1; n <= 3; n++) {
    await step.add(tinyBatch(IDS, TARGET));
    await step.add(tinyBatch(IDS.slice(0, 2), TARGET.slice(0, 4)));
    norms.push(optimiser.update(step.take(), 0.01, n, 0.5, 0.1));
  }
  await step.close();
  const moments = [...optimiser.moments].map(([name, { m, v }]) => [name, [...m], [...v]]);
  return { norms, moments, weights: [...dataOf(weights)].map(([name, x]) => [name, [...x]]) };
}

describe('placeWeights', () => {
  it('changes nothing in training', async () => {
    const elsewhere = await trained(tinyWeights(), false);
    const placed = tinyWeights();
    placeWeights(placed, placed.keys());
    expect(dataOf(placed)).toEqual(dataOf(tinyWeights()));
    expect(await trained(placed, true)).toEqual(elsewhere);
    expect(await trained(tinyWeights(), true)).toEqual(elsewhere);
  });

  it('leaves alone what is not named, and what the entries held', () => {
    const weights = tinyWeights();
    const before = new Map(weights);
    const [first, ...others] = weights.keys();
    placeWeights(weights, [first]);
    expect(weights.get(first)).not.toBe(before.get(first));
    expect(weights.get(first)).toEqual(before.get(first));
    for (const name of others) expect(weights.get(name)).toBe(before.get(name));
    expect([...weights.keys()]).toEqual([...before.keys()]);
  });

  it('has room for one optimiser; the next gets moments of its own', () => {
    const weights = tinyWeights();
    placeWeights(weights, weights.keys());
    const arrays = [...dataOf(weights).values()];
    const [once, again] = [claimTensors(arrays), claimTensors(arrays)];
    arrays.forEach((x, i) => {
      expect(once[i].kernel.holds(x)).toBe(true);
      expect(again[i].kernel.holds(x)).toBe(false);
      expect(again[i].m.length).toBe(x.length);
    });
  });
});

describe('freeWeights', () => {
  it('gives the values memory of their own', () => {
    const weights = tinyWeights();
    placeWeights(weights, weights.keys());
    const placed = dataOf(weights);
    freeWeights(weights, weights.keys());
    for (const [name, { data }] of weights) {
      expect(data).toEqual(placed.get(name));
      expect(data.buffer.byteLength).toBe(data.byteLength);
    }
  });
});
