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

/** The error of a graph that cannot be brought to a device: `DEVICE_MEMORY`, or else as `unavailable`. */
export function asOpenError(device: Device, cause: unknown): unknown {
  const error = asRunError(device, cause);
  return error === cause ? unavailable(device, cause) : error;
}

/**
 * What is said when memory does not suffice. Dawn tells of the buffer that it could not make on standard error alone;
 * what ONNX Runtime throws is that the buffer is invalid, which for its own buffers has no other reason.
 */
const SHORT_OF_MEMORY = new RegExp(
  [
    // ONNX Runtime's arena and its limit, and C++
    'failed to allocate|is smaller than requested bytes|bad allocation|bad_alloc',
    // Vulkan, CUDA with cuBLAS and cuDNN, Direct3D, Metal
    'out of (device |host |gpu )?memory|OUT_OF_(DEVICE_|HOST_)?MEMORY|cudaErrorMemoryAllocation',
    '(CUBLAS|CUDNN)_STATUS_\\w*ALLOC\\w*_FAILED|E_OUTOFMEMORY|insufficient memory',
    // Dawn
    '\\[Invalid Buffer[^\\]]*\\] is invalid|allocation size too large|exceeds the max buffer size',
    // of a value larger than what may be bound, which it then binds in pieces
    'too many storage buffers in shader',
    'is larger than the maximum \\w*( buffer)? ?binding size',
  ].join('|'),
  'i',
);

/** What ONNX Runtime says of a look-up. */
const OUTSIDE_TABLE =
  /indices element out of data bounds, idx=(-?\d+) must be within the inclusive range \[-\d+,(\d+)\]/;

/**
 * An error of a run as users should see it: `DEVICE_MEMORY` where the device's memory was short,
 * `DEVICE_UNAVAILABLE` where the card cannot compute in float16, `GRAPH_SHAPE` where a table lacks a row that was asked
 * for, else `cause` itself.
 */
export function asRunError(device: Device, cause: unknown): unknown {
  const row = cause instanceof Error ? OUTSIDE_TABLE.exec(cause.message) : null;
  if (row !== null)
    return new RefractError('GRAPH_SHAPE', `row ${row[1]} of a table whose last one is ${row[2]}`, {
      hint: 'A text has more tokens than the encoder has positions, or its tokenizer gives ids that have no vector: lower the lengths of texts (model_max_length in tokenizer_config.json, of an encoder that came as ONNX), or take tokenizer and weights from the same model.',
      cause,
    });
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
    .replace(/\/onnxruntime_src\/.* was false\. /, '')
    .replace(
      /\S*onnxruntime\S*\.(cc|h):\d+ .*?(?=(Failed to allocate|Available memory|\w+ failure \d+:))/,
      '',
    );
}
