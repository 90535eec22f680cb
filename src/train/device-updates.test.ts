/** Weights on a device: steps there are those of the CPU's optimiser, which PyTorch has checked. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import '../../test/allclose.ts';
import {
  colbertTask,
  type DeviceTask,
  expectEqualRuns,
  mlmTask,
  onDevice,
  onHost,
  opticalTask,
  TABLE_TASK,
  takeSteps,
} from '../../test/device-training.ts';
import { TRAINING_DEVICES } from '../../test/training-devices.ts';
import { DeviceTransfer, liveDeviceTensors } from '../graph/index.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { DeviceUpdates } from './device-updates.ts';

// SwiftShader compiles shaders slowly.
vi.setConfig({ testTimeout: 300_000 });

const TASKS: readonly (readonly [string, DeviceTask])[] = [
  ['a table', TABLE_TASK],
  ['ColBERT', colbertTask()],
  ['masked words, with a dense table', mlmTask()],
];

describe.each(TRAINING_DEVICES)('weights on $device', ({ device, missing }) => {
  const test = missing === undefined ? it : it.skip;
  const title = (text: string) => (missing === undefined ? text : `${text}: ${missing}`);

  // Shaders are compiled once for all tests, as long as one session is open.
  let open: DeviceTransfer | undefined;
  beforeAll(async () => {
    if (missing === undefined) open = await DeviceTransfer.create(device);
  });
  afterAll(() => open?.close());

  test.each(TASKS)(title('take one step and twenty as on the CPU: %s'), async (_, task) => {
    const [there, here] = [await onDevice(task, { device }), await onHost(task)];
    await expectEqualRuns(task, there, here, { to: 1 });
    await expectEqualRuns(task, there, here, { from: 2, to: 20 });
    await there.updates.close();
    await here.updates.close();
  });

  test(title('are clipped and accumulated as on the CPU'), async () => {
    // A graph that accumulates compiles anew, which SwiftShader takes long for.
    for (const [, task] of TASKS.slice(0, device === 'cpu' ? 2 : 1)) {
      const there = await onDevice(task, { device, accumulate: true });
      const here = await onHost(task);
      const steps = { to: 4, count: 3, clipNorm: 0.05 };
      await expectEqualRuns(task, there, here, steps);
      const [{ norm }] = await takeSteps(task, here.updates, { to: 1 });
      expect(norm).toBeGreaterThan(0.05);
      await there.updates.close();
      await here.updates.close();
    }
  });

  test(title('that are frozen stay, the others move'), async () => {
    for (const frozen of [WORD_TABLE, 'dense.weight']) {
      const all = [...TABLE_TASK.weights().keys()];
      const trainable = new Set(all.filter((name) => name !== frozen));
      const [there, here] = [
        await onDevice(TABLE_TASK, { device, trainable }),
        await onHost(TABLE_TASK, trainable),
      ];
      await expectEqualRuns(TABLE_TASK, there, here, { to: 3 });
      const start = TABLE_TASK.weights();
      for (const name of all) {
        const moved = !there.weights.get(name)!.data.every((x, i) => x === start.get(name)!.data[i]);
        expect(moved, name).toBe(trainable.has(name));
      }
      await there.updates.close();
      await here.updates.close();
    }
  });

  test(title('keep rows of the table that no batch used, and their moments, to the bit'), async () => {
    const task = { ...TABLE_TASK, batch: () => TABLE_TASK.batch(1) };
    const used = new Set(task.batch().feeds.ids.data as Int32Array);
    expect(used.size).toBeLessThan(4);
    const { updates, weights } = await onDevice(task, { device });
    await takeSteps(task, updates, { to: 3 });
    await updates.fetchWeights();
    const { m } = (await updates.state()).moments.get(WORD_TABLE)!;
    const row = (data: Float32Array, id: number) => [...data.subarray(3 * id, 3 * id + 3)];
    for (let id = 0; id < 7; id++) {
      const same =
        row(weights.get(WORD_TABLE)!.data, id).join() ===
        row(task.weights().get(WORD_TABLE)!.data, id).join();
      expect(same, `row ${id}`).toBe(!used.has(id));
      if (!used.has(id)) expect(row(m, id)).toEqual([0, 0, 0]);
    }
    await updates.close();
  });

  test(title('go on from their state to the same bits'), async () => {
    const [, task] = TASKS[2];
    const whole = await onDevice(task, { device });
    await takeSteps(task, whole.updates, { to: 6 });
    await whole.updates.fetchWeights();
    const first = await onDevice(task, { device });
    await takeSteps(task, first.updates, { to: 3 });
    await first.updates.fetchWeights();
    const state = await first.updates.state();
    await first.updates.close();
    const second = await onDevice({ ...task, weights: () => first.weights }, { device, earlier: state });
    await takeSteps(task, second.updates, { from: 4, to: 6 });
    await second.updates.fetchWeights();
    for (const [name, { data }] of whole.weights) expect(second.weights.get(name)!.data, name).toEqual(data);
    await whole.updates.close();
    await second.updates.close();
  });

  test(title('take no more memory after fifty steps, and none when they are closed'), async () => {
    const before = liveDeviceTensors();
    const { updates } = await onDevice(TABLE_TASK, { device });
    const opened = liveDeviceTensors();
    expect(opened).toBeGreaterThan(before);
    await takeSteps(TABLE_TASK, updates, { to: 50 });
    expect(liveDeviceTensors()).toBe(opened);
    await updates.gradient(() => TABLE_TASK.batch(1), 1);
    expect(liveDeviceTensors()).toBeGreaterThan(opened);
    await updates.close();
    expect(liveDeviceTensors()).toBe(before);
  });

  test(title('are given back when a batch does not fit the graph'), async () => {
    const before = liveDeviceTensors();
    const { updates } = await onDevice(TABLE_TASK, { device });
    const bad = { feeds: { ...TABLE_TASK.batch(1).feeds, target: TABLE_TASK.batch(1).feeds.ids } };
    await expect(updates.gradient(() => bad, 1)).rejects.toThrow('GRAPH_SHAPE');
    await updates.close();
    expect(liveDeviceTensors()).toBe(before);
  });
});

it('OPTICAL, whose pairs and anchors look up the same table, steps as on the CPU', async () => {
  const task = opticalTask();
  const [there, here] = [await onDevice(task, { device: 'cpu', accumulate: true }), await onHost(task)];
  await expectEqualRuns(task, there, here, { to: 10, count: 2 });
  await there.updates.close();
  await here.updates.close();
});

it('refuses an update without a gradient', async () => {
  const { updates } = await onDevice(TABLE_TASK, { device: 'cpu' });
  await expect(updates.update(0.1, 1, 1)).rejects.toThrow('without a gradient');
  await updates.close();
  expect(updates).toBeInstanceOf(DeviceUpdates);
});
