/**
 * Between arrays and a device: graphs that do nothing (`Identity`) whose input is on one side and whose output
 * is on the other. ONNX Runtime's own way to read a tensor on a GPU aborts the process (1.30).
 */
import type { DeviceTensor } from './device-tensor.ts';
import { identity } from './ops/elementwise.ts';
import type { Device } from './providers.ts';
import { type FloatValue, GraphSession, type Value } from './session.ts';
import { input } from './tensor.ts';

/** A tensor of up to two axes is copied with its shape. */
const AXES = [[], ['N'], ['N', 'M']];

/**
 * Copies float32 tensors of at most two axes to a device and back; close it after use.
 *
 * @example
 * const transfer = await DeviceTransfer.create('webgpu');
 * const there = await transfer.upload({ data, shape: [rows, width] });
 * await transfer.download(there, data);
 */
export class DeviceTransfer {
  private readonly up: readonly GraphSession[];
  private readonly down: readonly GraphSession[];

  private constructor(up: readonly GraphSession[], down: readonly GraphSession[]) {
    this.up = up;
    this.down = down;
  }

  /** Throws `DEVICE_UNAVAILABLE`, `DEVICE_MEMORY`. */
  static async create(device: Device): Promise<DeviceTransfer> {
    const [up, down]: GraphSession[][] = [[], []];
    const transfer = new DeviceTransfer(up, down);
    try {
      for (const shape of AXES) {
        const graph = { y: identity(input('x', 'float32', shape)) };
        up.push(await GraphSession.create(graph, { device, keep: ['y'] }));
        down.push(await GraphSession.create(graph, { device, keep: [] }));
      }
      return transfer;
    } catch (error) {
      await transfer.close();
      throw error;
    }
  }

  /** A copy of `value` on the device, which the caller disposes. */
  async upload(value: FloatValue): Promise<DeviceTensor> {
    const { kept } = await this.up[value.shape.length].runKeeping({ x: value });
    return kept.y;
  }

  /** Copies `tensor` into the array `into`, which has as many values. */
  async download(tensor: DeviceTensor, into: Float32Array): Promise<void> {
    const { y } = await this.down[tensor.shape.length].run({ x: tensor });
    into.set(y.data);
  }

  async close(): Promise<void> {
    await Promise.all([...this.up, ...this.down].map((session) => session.close()));
  }
}

/** Weights to feed, wherever they are. */
export type WeightFeeds = Readonly<Record<string, Value | DeviceTensor>>;

/**
 * Does work that feeds the same weights to `session` again and again. Where it runs on webgpu they are copied there
 * once; elsewhere `work` gets them as they are.
 *
 * @example await withWeightsOf(session, weights, (there) => session.run({ ...there, ids, mask }));
 */
export async function withWeightsOf<Result>(
  session: GraphSession,
  weights: Readonly<Record<string, Value>>,
  work: (weights: WeightFeeds) => Promise<Result>,
): Promise<Result> {
  if (session.device !== 'webgpu' || Object.keys(weights).length === 0) return work(weights);
  const transfer = await DeviceTransfer.create(session.device);
  const there: Record<string, DeviceTensor> = {};
  try {
    for (const [name, value] of Object.entries(weights)) {
      there[name] = await transfer.upload(value as FloatValue);
    }
    return await work(there);
  } finally {
    for (const tensor of Object.values(there)) tensor.dispose();
    await transfer.close();
  }
}
