import { describe, expect, it } from 'vitest';
import { RefractError } from '../errors.ts';
import { asOpenError, asRunError, unavailable } from './providers.ts';

describe('errors of a run', () => {
  // As users of ONNX Runtime have reported them, and as webgpu.test.ts meets them.
  const arena =
    '/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, onnxruntime::WaitNotificationFn) ';
  const call =
    '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:121 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*) [with ERRTYPE = cublasStatus_t] ';
  const node = "Non-zero status code returned while running MatMul node. Name:'n' Status Message: ";
  it.each([
    ['VK_ERROR_OUT_OF_DEVICE_MEMORY\n    at AllocateMemory', 'VK_ERROR_OUT_OF_DEVICE_MEMORY'],
    ['Out of memory: the device was lost', 'Out of memory: the device was lost'],
    ['Allocation size too large\n - While calling', 'Allocation size too large'],
    ['[Invalid Buffer (unlabeled)] is invalid due to a previous error.', '[Invalid Buffer (unlabeled)] is'],
    ['Buffer size (2) exceeds the max buffer size limit (1).', 'Buffer size (2) exceeds'],
    [
      `${node}${arena}Failed to allocate memory for requested buffer of size 8388608000`,
      `${node}Failed to allocate memory for requested buffer of size 8388608000`,
    ],
    [
      `${arena}Available memory of 5513472 is smaller than requested bytes of 20751872`,
      'Available memory of 5513472 is smaller than requested bytes of 20751872',
    ],
    [
      `${call}CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&handle);`,
      'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0',
    ],
    [
      'CUDNN failure 4002: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0',
      'CUDNN failure 4002',
    ],
    [`${call}CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);`, 'CUDA failure 2'],
    [`${node}bad allocation`, `${node}bad allocation`],
    [`${node}std::bad_alloc`, `${node}std::bad_alloc`],
  ])('say when memory was short: %s', (text, said) => {
    for (const error of [asRunError('cuda', new Error(text)), asOpenError('cuda', new Error(text))]) {
      expect(error).toBeInstanceOf(RefractError);
      const { code, what } = error as RefractError;
      expect(code).toBe('DEVICE_MEMORY');
      expect(what.slice(0, 'cuda ran out of memory: '.length + said.length)).toBe(
        `cuda ran out of memory: ${said}`,
      );
    }
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
    expect([asRunError('cpu', memory), asOpenError('cpu', memory)]).toEqual([memory, memory]);
    expect(asOpenError('cuda', new Error('no provider'))).toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
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
