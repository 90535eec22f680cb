/** What devices are called in ONNX Runtime, and what its errors mean for users. */
import type * as ort from 'onnxruntime-node';
import { RefractError } from '../errors.ts';

/** Where a graph runs. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** All devices. */
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const satisfies readonly Device[];

/** The execution providers for `device`, in the order in which ONNX Runtime asks them. */
export function executionProviders(
  device: Device,
): NonNullable<ort.InferenceSession.SessionOptions['executionProviders']> {
  return device === 'cpu' ? ['cpu'] : [device, 'cpu'];
}

/** What is missing where a device cannot be opened. */
const WAYS_OUT: Record<Device, string> = {
  cpu: 'Report this, with the system and its version.',
  webgpu:
    'It needs a graphics card with its driver and, on Linux, the Vulkan loader (package libvulkan1). Use --device cpu, or --device-fallback to go on without.',
  cuda: 'It needs Linux x64, CUDA 12 with cuDNN 9, and the provider libraries, which are not installed by default: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node. Use --device webgpu or cpu, or --device-fallback to go on without.',
};

/** The error of a device that cannot be opened; on the CPU that is a fault, and `cause` itself. */
export function unavailable(device: Device, cause: unknown): unknown {
  if (device === 'cpu') return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RefractError('DEVICE_UNAVAILABLE', `${device} cannot be used: ${firstLine(reason)}`, {
    hint: WAYS_OUT[device],
    cause,
  });
}

/** What ONNX Runtime, Dawn, Vulkan and CUDA say when memory does not suffice. */
const SHORT_OF_MEMORY =
  /out of (device |host |gpu )?memory|OUT_OF_(DEVICE|HOST)_MEMORY|failed to allocate|bad allocation|exceeds the max buffer size|CUDA_ERROR_OUT_OF_MEMORY/i;

/**
 * An error of a run as users should see it: `DEVICE_MEMORY` where the device's memory was short,
 * `DEVICE_UNAVAILABLE` where the card cannot compute in float16, else `cause` itself.
 */
export function asRunError(device: Device, cause: unknown): unknown {
  if (device === 'cpu' || !(cause instanceof Error) || cause instanceof RefractError) return cause;
  if (/requires f16 but the device does not support it/.test(cause.message)) {
    return new RefractError('DEVICE_UNAVAILABLE', `${device} has no 16-bit floats on this card`, {
      hint: 'Leave out --mixed-precision.',
      cause,
    });
  }
  if (!SHORT_OF_MEMORY.test(cause.message)) return cause;
  return new RefractError('DEVICE_MEMORY', `${device} ran out of memory: ${firstLine(cause.message)}`, {
    hint: 'Take smaller batches or shorter texts, close other programs that use the device, or use --device cpu.',
    cause,
  });
}

/** The first line of a message, without the place in ONNX Runtime's source and the condition that failed there. */
function firstLine(text: string): string {
  return text
    .trim()
    .split('\n', 1)[0]
    .replace(/^\/onnxruntime_src\/.* was false\. /, '');
}
