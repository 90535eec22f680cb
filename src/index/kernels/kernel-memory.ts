/** The memory that kernels and threads share, and the kernels that work in it: WebAssembly SIMD, or plain code. */
import { RefractError } from '../../errors.ts';
import type { Kernels } from './kernels.ts';
import { KERNELS_BASE64 } from './kernels-module.ts';
import { plainKernels } from './plain.ts';

const PAGE = 65536;
/** Pages of the largest memory of 32-bit WebAssembly, 4 GiB. */
const MAX_PAGES = 65536;

/** What another thread needs to see the same memory; can be posted to a worker. */
export interface SharedKernelMemory {
  /** A shared `WebAssembly.Memory`, or the buffer itself where plain code computes. */
  readonly memory: { readonly buffer: SharedArrayBuffer } | SharedArrayBuffer;
}

/** The part of the WebAssembly API that is used; Node's types leave it to the DOM library. */
interface SharedWebAssembly {
  validate(bytes: Uint8Array): boolean;
  readonly Memory: new (limits: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

const wasm = (globalThis as unknown as { readonly WebAssembly?: SharedWebAssembly }).WebAssembly;
const moduleBytes = Uint8Array.from(Buffer.from(KERNELS_BASE64, 'base64'));
let compiled: object | undefined;
let simd: boolean | undefined;

/** Whether this runtime has WebAssembly with SIMD and shared memory. */
export function hasSimd(): boolean {
  simd ??= wasm?.validate(moduleBytes) === true;
  return simd;
}

/**
 * A shared memory of a fixed size, its typed views, and the kernels over it.
 *
 * @example
 * const memory = KernelMemory.create(1 << 20);
 * const rows = memory.allocate(256 * count);
 * memory.kernels.dotRows(block, 32, rows, count, 128, out);
 */
export class KernelMemory {
  readonly shared: SharedKernelMemory;
  readonly kernels: Kernels;
  readonly u8: Uint8Array<SharedArrayBuffer>;
  readonly i16: Int16Array<SharedArrayBuffer>;
  readonly u16: Uint16Array<SharedArrayBuffer>;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly u32: Uint32Array<SharedArrayBuffer>;
  readonly f32: Float32Array<SharedArrayBuffer>;
  readonly f64: Float64Array<SharedArrayBuffer>;
  private used = 0;

  /** Sees the memory of another thread. */
  constructor(shared: SharedKernelMemory) {
    this.shared = shared;
    const { memory } = shared;
    const plain = memory instanceof SharedArrayBuffer;
    const buffer = plain ? memory : memory.buffer;
    this.u8 = new Uint8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    if (plain) this.kernels = plainKernels(buffer);
    else {
      compiled ??= new wasm!.Module(moduleBytes);
      this.kernels = new wasm!.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
    }
  }

  /**
   * A new memory of `bytes`; `plain` computes without WebAssembly, as is done where it is missing.
   *
   * @throws RefractError `OUT_OF_MEMORY` beyond 4 GiB, or when the system has no more
   */
  static create(bytes: number, plain = false): KernelMemory {
    const pages = Math.ceil(bytes / PAGE);
    const refuse = (cause?: unknown) =>
      new RefractError('OUT_OF_MEMORY', `${Math.round(bytes / 2 ** 20)} MiB of shared memory cannot be had`, {
        hint: 'Search fewer passages at once (an index can have at most 4 GiB of codes), or free memory.',
        cause,
      });
    if (pages > MAX_PAGES) throw refuse();
    try {
      const memory =
        plain || !hasSimd()
          ? new SharedArrayBuffer(PAGE * pages)
          : new wasm!.Memory({ initial: pages, maximum: MAX_PAGES, shared: true });
      return new KernelMemory({ memory });
    } catch (cause) {
      throw refuse(cause);
    }
  }

  /** The address of `bytes` more, a multiple of 64. */
  allocate(bytes: number): number {
    const address = this.used;
    this.used = roundUp(address + bytes, 64);
    if (this.used > this.u8.length) throw new RangeError(`${this.used} of ${this.u8.length} bytes`);
    return address;
  }
}

/** `value` rounded up to a multiple of `step`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
