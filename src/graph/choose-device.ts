/** Which device a piece of work gets: the one asked for if it can be opened, or for `auto` the best one here. */
import { existsSync, readdirSync } from 'node:fs';
import { RefractError } from '../errors.ts';
import { add } from './ops/elementwise.ts';
import { type Device, unavailable } from './providers.ts';
import { GraphSession } from './session.ts';
import { input } from './tensor.ts';

/** A device, or the choice of one. */
export type DeviceChoice = Device | 'auto';

/** What `chooseDevice` may do and whom it tells. */
export interface ChooseDeviceOptions {
  /** Take the CPU where the device asked for cannot be opened. */
  readonly fallback?: boolean;
  /** Hears a sentence about the choice of `auto` and of a fallback. */
  readonly tell?: (sentence: string) => void;
  /** The machine, for tests. */
  readonly machine?: Machine;
  /** Opens a device, throwing `DEVICE_UNAVAILABLE` where that fails; for tests. */
  readonly open?: (device: Device) => Promise<void>;
}

/** What of a machine tells whether it has a graphics card. */
export interface Machine {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names in /dev and /dev/dri, without the path. */
  readonly deviceFiles: readonly string[];
}

/**
 * The device to use. `auto` is webgpu where there is a graphics card and it can be opened, else the CPU. A graphics
 * device in software is slower than the CPU provider, and is taken only by name. Errors: `DEVICE_UNAVAILABLE`
 * where a named device cannot be opened and there is no `fallback`.
 *
 * @example const device = await chooseDevice('auto', { tell: console.error });
 */
export async function chooseDevice(asked: DeviceChoice, options: ChooseDeviceOptions = {}): Promise<Device> {
  const { fallback = false, tell = () => {}, machine = thisMachine(), open = openDevice } = options;
  if (asked === 'cpu') return asked;
  if (asked === 'auto' && !hasGraphicsCard(machine)) {
    tell('Device: cpu (there is no graphics card).');
    return 'cpu';
  }
  const device = asked === 'auto' ? 'webgpu' : asked;
  try {
    await open(device);
  } catch (error) {
    if (!(error instanceof RefractError) || (asked !== 'auto' && !fallback)) throw error;
    tell(`Device: cpu (${error.what}).`);
    return 'cpu';
  }
  if (asked === 'auto') tell(`Device: ${device}.`);
  return device;
}

/** Computes 1 + 1 on a device. Throws `DEVICE_UNAVAILABLE`. */
export async function openDevice(device: Device): Promise<void> {
  const session = await GraphSession.create({ y: add(input('x', 'float32', [1]), 1) }, { device });
  try {
    const { y } = await session.run({ x: { data: Float32Array.of(1), shape: [1] } });
    if (y.data[0] !== 2) throw unavailable(device, `1 + 1 is ${y.data[0]} there`);
  } catch (error) {
    throw error instanceof RefractError ? error : unavailable(device, error);
  } finally {
    await session.close();
  }
}

/** Vulkan drivers that compute in software. */
const SOFTWARE = /swiftshader|lvp|lavapipe|llvmpipe/i;

/**
 * Whether a machine has a graphics card. ONNX Runtime does not say what an adapter is. On Linux a card has a device
 * file; a machine without any can only have a device in software. Elsewhere there is hardly ever none.
 */
export function hasGraphicsCard({ platform, env, deviceFiles }: Machine): boolean {
  if (platform !== 'linux') return true;
  const drivers = (env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES ?? '')
    .split(':')
    .filter((path) => path !== '');
  if (drivers.length > 0 && drivers.every((path) => SOFTWARE.test(path))) return false;
  return deviceFiles.some((name) => /^(renderD|nvidia)\d+$/.test(name) || name === 'dxg');
}

function thisMachine(): Machine {
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    platform: process.platform,
    env: process.env,
    deviceFiles: [...list('/dev'), ...list('/dev/dri')],
  };
}
