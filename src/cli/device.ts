/** `--device` and what belongs to it, shared by all commands that compute with models. */
import { Option } from 'commander';
import { chooseDevice, DEVICES, type Device, type DeviceChoice } from '../graph/index.ts';
import type { CommandIo } from './io.ts';
import { notesOf } from './options.ts';

/** Options of `deviceOption` and `deviceFallbackOption`. */
export interface DeviceArguments {
  readonly device: DeviceChoice;
  readonly deviceFallback?: boolean;
  readonly quiet?: boolean;
}

/** `--device <name>`. */
export function deviceOption(): Option {
  const choices: DeviceChoice[] = ['auto', ...DEVICES];
  return new Option('--device <name>', 'where to compute').choices(choices).default('cpu');
}

/** `--device-fallback`. */
export function deviceFallbackOption(): Option {
  return new Option('--device-fallback', 'compute on the CPU where the device cannot be used');
}

/** Who hears that the CPU takes over where the device's memory does not suffice; nobody where it may not. */
export function fallbackOf(
  { deviceFallback, quiet }: DeviceArguments,
  io: CommandIo,
): ((sentence: string) => void) | undefined {
  return deviceFallback === true ? notesOf(io, quiet) : undefined;
}

/** The device to use, with a note on the choice. Throws `DEVICE_UNAVAILABLE`. */
export function deviceOf(given: DeviceArguments, io: CommandIo): Promise<Device> {
  const { device, deviceFallback, quiet } = given;
  return chooseDevice(device, { fallback: deviceFallback, tell: notesOf(io, quiet) });
}
