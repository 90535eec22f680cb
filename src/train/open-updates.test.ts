/** Who updates the weights: what is refused, and when the CPU helps out. */
import { expect, it, vi } from 'vitest';
import { ADAMW, TABLE_TASK } from '../../test/device-training.ts';
import { refusal } from '../../test/temporary.ts';
import { RefractError } from '../errors.ts';
import { DeviceUpdates } from './device-updates.ts';
import { HostUpdates } from './host-updates.ts';
import type { Batch } from './objective.ts';
import { openUpdates } from './open-updates.ts';

const settings = { adamw: ADAMW, device: 'webgpu', threads: 1, accumulate: 2 } as const;
const short = new RefractError('DEVICE_MEMORY', 'webgpu ran out of memory', { hint: 'less' });

function task() {
  const parameters = TABLE_TASK.weights();
  return { objective: TABLE_TASK.objective, parameters, trainable: new Set(parameters.keys()) };
}

/** Numbered batches, and how many were asked for. */
function numbered() {
  const asked: number[] = [];
  const next = (): Batch => {
    asked.push(asked.length);
    return TABLE_TASK.batch(asked.length);
  };
  return { asked, next };
}

it('mixed precision elsewhere than on webgpu is refused', async () => {
  for (const device of ['cpu', 'cuda'] as const) {
    const error = await refusal(() => openUpdates(task(), { ...settings, device, mixedPrecision: true }));
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.what).toContain(device);
  }
});

it('on the CPU the optimiser there updates, with or without a fallback', async () => {
  const updates = await openUpdates(task(), { ...settings, device: 'cpu', deviceFallback: true });
  expect(updates).toBeInstanceOf(HostUpdates);
  await updates.close();
});

it('short memory at the first step is an error, or with the fallback the CPU takes the same batches', async () => {
  // The device as it is when the first batch does not fit: opened on the CPU, failing there.
  const create = DeviceUpdates.create.bind(DeviceUpdates);
  const opened = vi
    .spyOn(DeviceUpdates, 'create')
    .mockImplementation(async (objective, parameters, adamw, options, earlier) => {
      const updates = await create(objective, parameters, adamw, { ...options, device: 'cpu' }, earlier);
      const closed = vi.spyOn(updates, 'close');
      closes.push(closed);
      updates.gradient = async (next) => {
        await next();
        throw short;
      };
      return updates;
    });
  const closes: { mock: { calls: unknown[] } }[] = [];
  const strict = await openUpdates(task(), settings);
  expect(await refusal(() => strict.gradient(numbered().next, 2))).toBe(short);
  await strict.close();

  const told: string[] = [];
  const { asked, next } = numbered();
  const kind = await openUpdates(task(), { ...settings, deviceFallback: true }, undefined, (text) =>
    told.push(text),
  );
  const first = await kind.gradient(next, 2);
  expect(asked).toHaveLength(2);
  expect(told).toEqual(['webgpu ran out of memory; the CPU goes on instead.']);
  expect(closes[1].mock.calls).toHaveLength(1);
  await kind.update(0.01, 1, 1);
  const second = await kind.gradient(next, 2);

  const same = numbered();
  const host = await openUpdates(task(), { ...settings, device: 'cpu' });
  expect(first).toEqual(await host.gradient(same.next, 2));
  await host.update(0.01, 1, 1);
  expect(second).toEqual(await host.gradient(same.next, 2));
  const { moments } = await host.state();
  for (const [name, { m, v }] of (await kind.state()).moments)
    expect([m, v], name).toEqual([moments.get(name)!.m, moments.get(name)!.v]);
  await kind.close();
  await host.close();
  opened.mockRestore();
});
