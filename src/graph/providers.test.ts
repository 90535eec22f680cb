import { describe, expect, it } from 'vitest';
import { RefractError } from '../errors.ts';
import { asRunError, unavailable } from './providers.ts';

describe('errors of a run', () => {
  it.each([
    'VK_ERROR_OUT_OF_DEVICE_MEMORY\n    at AllocateMemory',
    'Failed to allocate memory for requested buffer of size 1073741824',
    'Out of memory: the device was lost',
  ])('say when memory was short: %s', (text) => {
    const error = asRunError('webgpu', new Error(text)) as RefractError;
    expect(error).toBeInstanceOf(RefractError);
    expect(error.code).toBe('DEVICE_MEMORY');
    expect(error.what).toBe(`webgpu ran out of memory: ${text.split('\n')[0]}`);
  });

  it('say when a card has no 16-bit floats', () => {
    const text = 'Program Cast requires f16 but the device does not support it.';
    expect(asRunError('webgpu', new Error(text))).toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });

  it('are otherwise left as they are, and on the CPU always', () => {
    for (const error of [
      new Error('Invalid Feed Input Name'),
      new RefractError('GRAPH_SHAPE', 'x', { hint: 'y' }),
    ])
      expect(asRunError('webgpu', error)).toBe(error);
    const memory = new Error('Failed to allocate memory');
    expect(asRunError('cpu', memory)).toBe(memory);
  });
});

it('a device that cannot be opened is told without the place in the source of the runtime', () => {
  const text = '/onnxruntime_src/onnxruntime/core/x.cc:136 f()::<lambda()> a == b was false. No adapter';
  expect(unavailable('webgpu', new Error(text))).toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    what: 'webgpu cannot be used: No adapter',
  });
  const fault = new Error('a fault');
  expect(unavailable('cpu', fault)).toBe(fault);
});
