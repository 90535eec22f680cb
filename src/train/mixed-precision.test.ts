/** Training in mixed precision, on the CPU with float16's roundings: near float32, and an overflow is stepped over. */
import { expect, it, vi } from 'vitest';
import {
  colbertTask,
  type DeviceTask,
  onDevice,
  onHost,
  TABLE_TASK,
  takeSteps,
} from '../../test/device-training.ts';
import type * as half from '../graph/mixed-precision.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import type { UpdateReport } from './weight-updates.ts';

vi.mock('../graph/mixed-precision.ts', async (original) => {
  const { toMixedPrecision } = await original<typeof half>();
  const { keepRoundings } = await import('../../test/kept-roundings.ts');
  return {
    toMixedPrecision: (graph: Parameters<typeof toMixedPrecision>[0]) =>
      keepRoundings(toMixedPrecision(graph)),
  };
});

const device = 'cpu';

it('takes steps near those of float32, and rounds', async () => {
  const task = colbertTask();
  const [mixed, full] = [await onDevice(task, { device, mixedPrecision: true }), await onHost(task)];
  const [found, expected] = [
    await takeSteps(task, mixed.updates, { to: 8 }),
    await takeSteps(task, full.updates, { to: 8 }),
  ];
  for (const [n, { loss, norm, skipped }] of found.entries()) {
    expect(skipped).toBe(false);
    // Roundings of weights that have moved apart add up.
    const allowed = n === 0 ? 0.01 : 0.1;
    expect(Math.abs(loss / expected[n].loss - 1)).toBeLessThan(allowed);
    expect(Math.abs(norm / expected[n].norm - 1)).toBeLessThan(allowed);
  }
  expect(found[0].norm).not.toBe(expected[0].norm);
  expect(found[7].loss).toBeLessThan(found[0].loss);
  await mixed.updates.close();
  await full.updates.close();
});

it('skips an update whose gradient overflows, halves the scale, and goes on', async () => {
  // Errors of about 3: at a scale of 65536 the gradients of the products are beyond 65504.
  const { updates, weights } = await onDevice(TABLE_TASK, { device, mixedPrecision: true });
  const told: UpdateReport[] = [];
  for (let step = 1; step <= 4; step++) {
    await updates.gradient(() => TABLE_TASK.batch(step), 1);
    told.push(await updates.update(0.01, step, 1));
    if (step > 1) continue;
    await updates.fetchWeights();
    expect(weights.get(WORD_TABLE)!.data).toEqual(TABLE_TASK.weights().get(WORD_TABLE)!.data);
  }
  expect(told[0]).toMatchObject({ skipped: true, lossScale: 65536 });
  expect(told[0].norm).not.toBeLessThan(Number.POSITIVE_INFINITY);
  const scales = told.map(({ lossScale }) => lossScale!);
  told.slice(1).forEach(({ skipped }, i) => {
    expect(scales[i + 1]).toBe(told[i].skipped ? scales[i] / 2 : scales[i]);
    if (!skipped) expect(told[i + 1].norm).toBeLessThan(100);
  });
  expect(told.at(-1)?.skipped).toBeUndefined();
  const { lossScale } = await updates.state();
  expect(lossScale?.skipped).toBe(told.filter(({ skipped }) => skipped).length);
  await updates.fetchWeights();
  expect(weights.get(WORD_TABLE)!.data).not.toEqual(TABLE_TASK.weights().get(WORD_TABLE)!.data);
  await updates.close();
});

it('goes on from a saved scale', async () => {
  const task: DeviceTask = TABLE_TASK;
  const earlier = {
    moments: new Map(
      [...task.weights()].map(([name, { data }]) => [name, { m: data.map(() => 0), v: data.map(() => 0) }]),
    ),
    lossScale: { scale: 128, good: 1999, skipped: 3 },
  };
  const { updates } = await onDevice(task, { device, mixedPrecision: true, earlier });
  await updates.gradient(() => task.batch(1), 1);
  expect(await updates.update(0.01, 4, 1)).toMatchObject({ lossScale: 128 });
  expect((await updates.state()).lossScale).toEqual({ scale: 256, good: 0, skipped: 3 });
  await updates.close();
});

it('tells a gradient that is not finite at any scale', async () => {
  const { updates } = await onDevice(TABLE_TASK, {
    device,
    mixedPrecision: true,
    earlier: {
      moments: (await (await onDevice(TABLE_TASK, { device })).updates.state()).moments,
      lossScale: { scale: 2 ** -10, good: 0, skipped: 26 },
    },
  });
  const { feeds } = TABLE_TASK.batch(1);
  const target = { ...feeds.target, data: new Float32Array(8).fill(3e38) };
  await updates.gradient(() => ({ feeds: { ...feeds, target } }), 1);
  const { norm, skipped } = await updates.update(0.01, 27, 1);
  expect(Number.isFinite(norm)).toBe(false);
  expect(skipped).toBe(false);
  await updates.close();
});
