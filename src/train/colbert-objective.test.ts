/** The teacher's objective as a whole against PyTorch (test/oracles/colbert.py), and that it learns. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import type { Value } from '../graph/index.ts';
import { parseHuggingFaceConfig, WORD_TABLE } from '../model/families/index.ts';
import { type FloatTensor, readSafetensors } from '../model/safetensors.ts';
import { colbertObjective } from './colbert-objective.ts';
import { Optimiser } from './optimiser.ts';
import { GradientStep } from './step.ts';

const PLACE = 'test/fixtures/colbert';
const readJson = (name: string) => JSON.parse(readFileSync(`${PLACE}/${name}`, 'utf8'));
const config = parseHuggingFaceConfig(readJson('config.json'), 'config.json');
const golden = readJson('encoder.json');
const stored = readSafetensors(`${PLACE}/encoder.safetensors`) as Map<string, FloatTensor>;

const int32 = (rows: readonly (readonly number[])[]): Value => ({
  data: Int32Array.from(rows.flat()),
  shape: [rows.length, rows[0].length],
});
const side = (name: 'query' | 'passage') =>
  Object.fromEntries(['ids', 'mask', 'scored'].map((part) => [`${name}.${part}`, int32(golden[name][part])]));
const batch = {
  feeds: {
    ...side('query'),
    ...side('passage'),
    target: { data: Int32Array.from(golden.target as number[]), shape: [3] },
    bias: { data: Float32Array.from(golden.bias.flat() as number[]), shape: [3, 5] },
  },
};

async function start() {
  const parameters = new Map(
    [...stored]
      .filter(([name]) => !name.startsWith('gradient/'))
      .map(([name, x]) => [name, { ...x, data: x.data.slice() }]),
  );
  const objective = colbertObjective(config, golden.dim, golden.temperature);
  const trainable = new Set(parameters.keys());
  const step = await GradientStep.create(objective, parameters, { device: 'cpu', threads: 1, trainable });
  return { parameters, step };
}

describe('colbertObjective', () => {
  it("agrees with PyTorch's loss and gradient of every parameter", async () => {
    const { parameters, step } = await start();
    expect((await step.add(batch)).loss).toBeCloseTo(golden.loss, 4);
    const { dense, rows } = step.take();
    const tolerance = { relative: 0, ofScale: 1e-4, absolute: 1e-6 };
    for (const [name, gradient] of dense) {
      expect(gradient, name).toBeAllclose(stored.get(`gradient/${name}`)!.data, tolerance);
    }
    const table = new Float32Array(config.vocabSize * config.hiddenSize);
    rows!.gradient.ids.forEach((id, n) => {
      const from = n * config.hiddenSize;
      table.set(rows!.gradient.rows.subarray(from, from + config.hiddenSize), id * config.hiddenSize);
    });
    expect(table).toBeAllclose(stored.get(`gradient/${WORD_TABLE}`)!.data, tolerance);
    expect([...dense.keys(), WORD_TABLE].sort()).toEqual([...parameters.keys()].sort());
    await step.close();
  });

  it('is lowered by a few steps of AdamW', async () => {
    const { parameters, step } = await start();
    const weights = new Map([...parameters].map(([name, { data }]) => [name, data]));
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
    const optimiser = new Optimiser(weights, settings);
    const losses: number[] = [];
    for (let now = 1; now <= 8; now++) {
      losses.push((await step.add(batch)).loss);
      optimiser.update(step.take(), 0.01, now, 1, 1);
    }
    expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]);
    await step.close();
  });
});
