/** Small tasks for training on devices, and the comparison of a device's updates with those of the CPU. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Value } from '../src/graph/index.ts';
import type { AdapterSettings } from '../src/model/adapters.ts';
import { configOfSize } from '../src/model/config.ts';
import { parseHuggingFaceConfig } from '../src/model/families/index.ts';
import { type FloatTensor, readSafetensors } from '../src/model/safetensors.ts';
import { RandomStream } from '../src/random.ts';
import type { AdamWSettings } from '../src/train/adamw.ts';
import { colbertObjective } from '../src/train/colbert-objective.ts';
import { DeviceUpdates, type DeviceUpdatesOptions } from '../src/train/device-updates.ts';
import { HostUpdates } from '../src/train/host-updates.ts';
import { initialAdapters, initialTensor, initialWeights } from '../src/train/initialise.ts';
import { mlmObjective } from '../src/train/mlm-objective.ts';
import type { Batch, Objective } from '../src/train/objective.ts';
import { opticalObjective } from '../src/train/optical-objective.ts';
import type { OptimiserState, WeightUpdates } from '../src/train/weight-updates.ts';
import { tinyBatch, tinyObjective, tinyWeights } from './tiny-training.ts';
import './allclose.ts';

/** An objective with fresh weights and its batch of a given number. */
export interface DeviceTask {
  readonly objective: Objective;
  readonly weights: () => Map<string, FloatTensor>;
  readonly batch: (n: number) => Batch;
}

/** A table of seven rows; every batch uses one of them twice. */
export const TABLE_TASK: DeviceTask = {
  objective: tinyObjective(),
  weights: tinyWeights,
  batch: (n) => {
    const stream = new RandomStream(n, 'device/table');
    const ids = Array.from({ length: 3 }, () => stream.below(7));
    return tinyBatch(
      [ids[0], ...ids],
      Array.from({ length: 8 }, () => stream.normal()),
    );
  },
};

/** A ColBERT teacher of the golden file; three queries and five passages, always the same. */
export function colbertTask(): DeviceTask {
  const place = 'test/fixtures/colbert';
  const json = (name: string) => JSON.parse(readFileSync(`${place}/${name}`, 'utf8'));
  const golden = json('encoder.json');
  const stored = readSafetensors(`${place}/encoder.safetensors`) as Map<string, FloatTensor>;
  const rows = (values: readonly (readonly number[])[]): Value => ({
    data: Int32Array.from(values.flat()),
    shape: [values.length, values[0].length],
  });
  const feeds: Record<string, Value> = {
    target: { data: Int32Array.from(golden.target as number[]), shape: [3] },
    bias: { data: Float32Array.from(golden.bias.flat() as number[]), shape: [3, 5] },
  };
  for (const side of ['query', 'passage']) {
    for (const part of ['ids', 'mask', 'scored']) feeds[`${side}.${part}`] = rows(golden[side][part]);
  }
  return {
    objective: colbertObjective(
      parseHuggingFaceConfig(json('config.json'), 'config.json'),
      golden.dim,
      golden.temperature,
    ),
    weights: () =>
      new Map(
        [...stored]
          .filter(([name]) => !name.startsWith('gradient/'))
          .map(([name, x]) => [name, { ...x, data: x.data.slice() }]),
      ),
    batch: () => ({ feeds }),
  };
}

const SMALL = configOfSize('tiny', {
  vocabSize: 40,
  hiddenSize: 32,
  intermediateSize: 32,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 16,
});

/** Masked-language modelling, whose word table has a dense gradient. */
export function mlmTask(): DeviceTask {
  const objective = mlmObjective({ ...SMALL, vocabSize: 40 });
  return {
    objective,
    weights: () =>
      new Map(
        [...objective.parameters].map(([name, { shape }]) => [
          name,
          initialTensor(name, shape as number[], 3),
        ]),
      ),
    batch: (n) => {
      const stream = new RandomStream(n, 'device/mlm');
      const draw = (length: number) => Int32Array.from({ length }, () => stream.below(40));
      return {
        feeds: {
          ids: { data: draw(16), shape: [2, 8] },
          mask: { data: new Int32Array(16).fill(1), shape: [2, 8] },
          positions: { data: Int32Array.of(1, 5, 9), shape: [3] },
          labels: { data: draw(3), shape: [3] },
        },
      };
    },
  };
}

/**
 * OPTICAL with an anchor: two look-ups of one table, plans by Sinkhorn, and vectors fed from a teacher. With `adapters`
 * there are some beside the linear weights, and no anchor, which only compiles longer.
 */
export function opticalTask(adapters?: AdapterSettings): DeviceTask {
  const [config, dim] = [{ ...SMALL, vocabSize: 50 }, 8];
  const transport = { solver: 'sinkhorn', epsilon: 0.1, iterations: 3 } as const;
  const settings = { transport, throughPlan: false, anchorWeight: adapters ? 0 : 0.5, adapters };
  const objective = opticalObjective(config, dim, settings);
  return {
    objective,
    weights: () => {
      const own = initialWeights(config, 4, dim);
      return adapters ? new Map([...own, ...initialAdapters(own, adapters, 4)]) : own;
    },
    batch: (n) => {
      const stream = new RandomStream(n, 'device/optical');
      const ids = (shape: number[]) => ({
        data: Int32Array.from({ length: shape[0] * shape[1] }, () => stream.below(50)),
        shape,
      });
      const floats = (shape: number[], value: () => number) => ({
        data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value),
        shape,
      });
      const ones = (shape: number[]) => ({
        ...ids(shape),
        data: new Int32Array(shape[0] * shape[1]).fill(1),
      });
      return {
        feeds: {
          'pair.ids': ids([2, 8]),
          'pair.mask': ones([2, 8]),
          'pair.teacher': floats([2, 5, dim], () => stream.normal() / Math.sqrt(dim)),
          'pair.logA': floats([2, 5], () => -Math.log(5)),
          'pair.logB': floats([2, 8], () => -Math.log(8)),
          ...(!adapters && {
            'anchor.ids': ids([1, 8]),
            'anchor.mask': ones([1, 8]),
            'anchor.teacher': floats([8, dim], () => stream.normal() / Math.sqrt(dim)),
            'anchor.weight': floats([8], () => 1 / 8),
          }),
        },
      };
    },
  };
}

/** The larger epsilon keeps gradients that are zero but for rounding from deciding the direction of a step. */
export const ADAMW: AdamWSettings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-4, weightDecay: 0.05 };

/** Opens the device's updates on fresh weights. */
export async function onDevice(
  task: DeviceTask,
  options: Pick<DeviceUpdatesOptions, 'device'> &
    Partial<DeviceUpdatesOptions> & { readonly earlier?: OptimiserState },
) {
  const { earlier } = options;
  const weights = task.weights();
  const { accumulate = false, mixedPrecision = false, trainable = new Set(weights.keys()) } = options;
  const all = { threads: 1, groupFloats: 1000, ...options, accumulate, mixedPrecision, trainable };
  return { weights, updates: await DeviceUpdates.create(task.objective, weights, ADAMW, all, earlier) };
}

/** The same on the CPU, by the optimiser that is checked against PyTorch. */
export async function onHost(task: DeviceTask, trainable?: ReadonlySet<string>) {
  const weights = task.weights();
  const options = { device: 'cpu', threads: 1, trainable: trainable ?? new Set(weights.keys()) } as const;
  return { weights, updates: await HostUpdates.create(task.objective, weights, ADAMW, options) };
}

/** Takes steps `from` to `to`, of `count` batches each; returns what each told. */
export async function takeSteps(
  task: DeviceTask,
  updates: WeightUpdates,
  { from = 1, to, count = 1, clipNorm = 1 }: { from?: number; to: number; count?: number; clipNorm?: number },
) {
  const told: { loss: number; norm: number; skipped: boolean }[] = [];
  for (let step = from; step <= to; step++) {
    let batch = (step - 1) * count;
    const { loss } = await updates.gradient(() => task.batch(batch++), count);
    const { norm, skipped = false } = await updates.update(0.01 / step, step, clipNorm);
    told.push({ loss, norm, skipped });
  }
  return told;
}

/** Expects losses, norms, weights and moments of two runs to agree. */
export async function expectEqualRuns(
  task: DeviceTask,
  device: Awaited<ReturnType<typeof onDevice>>,
  host: Awaited<ReturnType<typeof onHost>>,
  steps: Parameters<typeof takeSteps>[2],
  tolerance = { relative: 1e-3, ofScale: 1e-4, absolute: 1e-6 },
): Promise<void> {
  const [found, expected] = [
    await takeSteps(task, device.updates, steps),
    await takeSteps(task, host.updates, steps),
  ];
  for (const what of ['loss', 'norm'] as const) {
    expect(
      found.map((step) => step[what]),
      what,
    ).toBeAllclose(
      expected.map((step) => step[what]),
      tolerance,
    );
  }
  await device.updates.fetchWeights();
  const [{ moments }, { moments: hostMoments }] = [await device.updates.state(), await host.updates.state()];
  expect([...moments.keys()]).toEqual([...hostMoments.keys()]);
  for (const [name, { data }] of host.weights) {
    expect(device.weights.get(name)!.data, name).toBeAllclose(data, tolerance);
    for (const which of ['m', 'v'] as const) {
      const of = hostMoments.get(name)?.[which] ?? [];
      expect(moments.get(name)?.[which] ?? [], `${which} of ${name}`).toBeAllclose(of, tolerance);
    }
  }
}
