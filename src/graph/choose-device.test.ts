import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { chooseDevice, hasGraphicsCard, type Machine } from './choose-device.ts';
import { unavailable } from './providers.ts';

const machine = (deviceFiles: string[], env: Machine['env'] = {}, platform = 'linux'): Machine => ({
  platform,
  env,
  deviceFiles,
});
const works = () => Promise.resolve();
const fails = (device: 'cpu' | 'webgpu' | 'cuda') =>
  Promise.reject(unavailable(device, new Error('no adapter\n  at somewhere')));

describe('a graphics card', () => {
  it.each<[boolean, string, Machine]>([
    [true, 'a render node', machine(['null', 'card0', 'renderD128'])],
    [true, "NVIDIA's driver", machine(['nvidiactl', 'nvidia0'])],
    [true, 'Windows below', machine(['dxg'])],
    [false, 'only control files of a driver', machine(['nvidiactl', 'nvidia-uvm'])],
    [false, 'no device file', machine(['null', 'zero'])],
    [
      false,
      'only a software driver',
      machine(['renderD128'], { VK_ICD_FILENAMES: '/x/vk_swiftshader_icd.json' }),
    ],
    [false, 'only Mesa in software', machine(['renderD128'], { VK_DRIVER_FILES: '/x/lvp_icd.json' })],
    [
      true,
      'a driver beside that',
      machine(['renderD128'], { VK_DRIVER_FILES: '/x/lvp.json:/x/radeon.json' }),
    ],
    [true, 'another system', machine([], {}, 'darwin')],
  ])('is %s with %s', (expected, _, given) => {
    expect(hasGraphicsCard(given)).toBe(expected);
  });
});

describe('the device', () => {
  const card = machine(['renderD128']);

  it('is the CPU when it is asked for, whatever there is', async () => {
    expect(await chooseDevice('cpu', { machine: card, open: fails })).toBe('cpu');
  });

  it('is for auto webgpu where there is a card that opens, and it is told', async () => {
    const told: string[] = [];
    const tell = (text: string) => told.push(text);
    expect(await chooseDevice('auto', { machine: card, open: works, tell })).toBe('webgpu');
    expect(await chooseDevice('auto', { machine: card, open: fails, tell })).toBe('cpu');
    expect(await chooseDevice('auto', { machine: machine([]), open: works, tell })).toBe('cpu');
    expect(told).toEqual([
      'Device: webgpu.',
      'Device: cpu (webgpu cannot be used: no adapter).',
      'Device: cpu (there is no graphics card).',
    ]);
  });

  it('is refused when it is named and does not open, unless the CPU may help out', async () => {
    const error = await refusal(() => chooseDevice('cuda', { open: fails }));
    expect(error.code).toBe('DEVICE_UNAVAILABLE');
    expect(error.hint).toContain('ONNXRUNTIME_NODE_INSTALL=cuda12');
    const told: string[] = [];
    const device = await chooseDevice('webgpu', {
      open: fails,
      fallback: true,
      tell: (text) => told.push(text),
    });
    expect(device).toBe('cpu');
    expect(told).toEqual(['Device: cpu (webgpu cannot be used: no adapter).']);
  });

  it('is opened by computing on it', async () => {
    const error = await refusal(() => chooseDevice('cuda', { fallback: false }));
    expect(error.what).toMatch(/^cuda cannot be used: .+/);
  });
});
