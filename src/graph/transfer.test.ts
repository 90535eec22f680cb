import { describe, expect, it, vi } from 'vitest';
import { TRAINING_DEVICES } from '../../test/training-devices.ts';
import {
  DeviceTransfer,
  GraphSession,
  gather,
  input,
  liveDeviceTensors,
  mul,
  withWeightsOf,
} from './index.ts';
import { replaceRows } from './ops/indexing.ts';

const floats = (values: number[], shape: number[]) => ({ data: Float32Array.from(values), shape });

describe.each(TRAINING_DEVICES)('tensors on $device', ({ device, missing }) => {
  const test = missing === undefined ? it : it.skip;
  const title = (text: string) => (missing === undefined ? text : `${text}: ${missing}`);

  test(title('come back as they went, and only their holder gives them back'), async () => {
    const before = liveDeviceTensors();
    const transfer = await DeviceTransfer.create(device);
    for (const value of [floats([7], []), floats([1, -2, 3], [3]), floats([1, 2, 3, 4, 5, 6], [3, 2])]) {
      const there = await transfer.upload(value);
      expect(there.shape).toEqual(value.shape);
      const back = new Float32Array(value.data.length);
      for (let twice = 0; twice < 2; twice++) {
        await transfer.download(there, back.fill(0));
        expect(back).toEqual(value.data);
      }
      expect(liveDeviceTensors()).toBe(before + 1);
      there.dispose();
      there.dispose();
      expect(liveDeviceTensors()).toBe(before);
      await expect(transfer.download(there, back)).rejects.toThrow('after it was disposed');
    }
    await transfer.close();
  });

  test(title('are outputs of one run and inputs of the next'), async () => {
    const x = input('x', 'float32', ['N']);
    const session = await GraphSession.create(
      { twice: mul(x, 2), half: mul(x, 0.5) },
      { device, keep: ['twice'] },
    );
    const transfer = await DeviceTransfer.create(device);
    let there = await transfer.upload(floats([1, 2], [2]));
    for (let n = 0; n < 3; n++) {
      const { kept, values } = await session.runKeeping({ x: there });
      expect(values.half.data).toEqual(Float32Array.of(2 ** n / 2, 2 ** n));
      there.dispose();
      there = kept.twice;
    }
    const back = new Float32Array(2);
    await transfer.download(there, back);
    expect(back).toEqual(Float32Array.of(8, 16));
    there.dispose();
    await session.close();
    await transfer.close();
  });

  test(title('take rows in place'), async () => {
    const table = input('table', 'float32', [4, 2]);
    const ids = input('ids', 'int32', ['U']);
    const fresh = replaceRows(table, ids, mul(gather(table, ids), 10));
    const session = await GraphSession.create({ fresh }, { device });
    const transfer = await DeviceTransfer.create(device);
    const there = await transfer.upload(floats([0, 1, 2, 3, 4, 5, 6, 7], [4, 2]));
    const feeds = { table: there, ids: { data: Int32Array.of(3, 1), shape: [2] } };
    expect(await session.runKeeping(feeds, { fresh: there })).toEqual({ values: {}, kept: {} });
    const back = new Float32Array(8);
    await transfer.download(there, back);
    expect([...back]).toEqual([0, 1, 20, 30, 4, 5, 60, 70]);
    there.dispose();
    await session.close();
    await transfer.close();
  });

  test(title('hold weights for many runs, and are given back when the work fails'), async () => {
    const before = liveDeviceTensors();
    const y = mul(input('w', 'float32', [2]), input('x', 'float32', []));
    const session = await GraphSession.create({ y }, { device });
    const weights = { w: floats([1, 2], [2]) };
    const found = await withWeightsOf(session, weights, async (there) => {
      expect(liveDeviceTensors() - before).toBe(device === 'webgpu' ? 1 : 0);
      const runs = [];
      for (const x of [3, 5]) runs.push([...(await session.run({ ...there, x: floats([x], []) })).y.data]);
      return runs;
    });
    expect(found).toEqual([
      [3, 6],
      [5, 10],
    ]);
    const failing = withWeightsOf(session, weights, (there) => session.run(there));
    await expect(failing).rejects.toThrow('input x was not given');
    expect(liveDeviceTensors()).toBe(before);
    await session.close();
  });
});

it('a transfer of which not all can be opened leaves none open', async () => {
  const create = GraphSession.create.bind(GraphSession);
  const opened: GraphSession[] = [];
  const opening = vi.spyOn(GraphSession, 'create').mockImplementation(async (...given) => {
    if (opened.length === 3) throw new Error('no more');
    opened.push(await create(...given));
    return opened[opened.length - 1];
  });
  const closing = vi.spyOn(GraphSession.prototype, 'close');
  await expect(DeviceTransfer.create('cpu')).rejects.toThrow('no more');
  expect(closing.mock.contexts).toHaveLength(3);
  expect(new Set(closing.mock.contexts)).toEqual(new Set(opened));
  opening.mockRestore();
  closing.mockRestore();
});
