/** Adapters trained on a device: steps as on the CPU, where PyTorch has checked them, and the model's weights as they were. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import '../../test/allclose.ts';
import { expectEqualRuns, onDevice, onHost, opticalTask, takeSteps } from '../../test/device-training.ts';
import { TRAINING_DEVICES } from '../../test/training-devices.ts';
import { DeviceTransfer } from '../graph/index.ts';
import type * as half from '../graph/mixed-precision.ts';
import { adapterNames } from '../model/adapters.ts';

// SwiftShader compiles shaders slowly.
vi.setConfig({ testTimeout: 300_000 });

// Mixed precision is tried on the CPU, which keeps float16's roundings then.
vi.mock('../graph/mixed-precision.ts', async (original) => {
  const { toMixedPrecision } = await original<typeof half>();
  const { keepRoundings } = await import('../../test/kept-roundings.ts');
  return {
    toMixedPrecision: (graph: Parameters<typeof toMixedPrecision>[0]) =>
      keepRoundings(toMixedPrecision(graph)),
  };
});

const task = opticalTask({ rank: 3, alpha: 6 });
const all = [...task.weights().keys()];
/** As distillation chooses: adapters, and what has none. */
const trainable = new Set(all.filter((name) => !all.includes(adapterNames(name).a)));
const adapted = all.filter((name) => !trainable.has(name));

describe.each(TRAINING_DEVICES)('adapters on $device', ({ device, missing }) => {
  const test = missing === undefined ? it : it.skip;
  const title = (text: string) => (missing === undefined ? text : `${text}: ${missing}`);
  let open: DeviceTransfer | undefined;
  beforeAll(async () => {
    if (missing === undefined) open = await DeviceTransfer.create(device);
  });
  afterAll(() => open?.close());

  test(title('take one step and ten as on the CPU; weights with an adapter stay'), async () => {
    const [there, here] = [await onDevice(task, { device, trainable }), await onHost(task, trainable)];
    await expectEqualRuns(task, there, here, { to: 1 });
    await expectEqualRuns(task, there, here, { from: 2, to: 10 });
    const start = task.weights();
    expect(adapted.length).toBeGreaterThan(5);
    for (const name of adapted) {
      expect(there.weights.get(name)!.data, name).toEqual(start.get(name)!.data);
      const { a, b } = adapterNames(name);
      for (const part of [a, b])
        expect(there.weights.get(part)!.data, part).not.toEqual(start.get(part)!.data);
    }
    await there.updates.close();
    await here.updates.close();
  });
});

it('in mixed precision take steps near those of float32', async () => {
  const mixed = await onDevice(task, { device: 'cpu', trainable, mixedPrecision: true });
  const full = await onHost(task, trainable);
  const found = await takeSteps(task, mixed.updates, { to: 8 });
  const expected = await takeSteps(task, full.updates, { to: 8 });
  for (const [n, { loss, norm, skipped }] of found.entries()) {
    expect(skipped).toBe(false);
    // Roundings of weights that have moved apart add up.
    const allowed = n === 0 ? 0.01 : 0.1;
    expect(Math.abs(loss / expected[n].loss - 1)).toBeLessThan(allowed);
    expect(Math.abs(norm / expected[n].norm - 1)).toBeLessThan(allowed);
  }
  expect(found[0].norm).not.toBe(expected[0].norm);
  await mixed.updates.fetchWeights();
  const start = task.weights();
  for (const name of adapted) {
    expect(mixed.weights.get(name)!.data, name).toEqual(start.get(name)!.data);
    const { b } = adapterNames(name);
    expect(mixed.weights.get(b)!.data, b).not.toEqual(start.get(b)!.data);
  }
  await mixed.updates.close();
  await full.updates.close();
});
