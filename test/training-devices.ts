/**
 * The devices that tests of training run on: the CPU always, since the device's graphs run there as well, and
 * webgpu where REFRACT_WEBGPU=1, which vitest.config.ts sets where Debian's SwiftShader is installed.
 */
import type { Device } from '../src/graph/index.ts';

/** A device, and whether it can be used here. */
export interface TestDevice {
  readonly device: Device;
  /** Why not, for the name of the skipped tests. */
  readonly missing: string | undefined;
}

/** For `describe.each`. */
export const TRAINING_DEVICES: readonly TestDevice[] = [
  { device: 'cpu', missing: undefined },
  {
    device: 'webgpu',
    missing:
      process.env.REFRACT_WEBGPU === '1'
        ? undefined
        : 'no SwiftShader (package chromium), nor REFRACT_WEBGPU=1',
  },
];
