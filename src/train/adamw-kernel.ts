/**
 * AdamW as a WebAssembly SIMD function: four elements at a time, about six times as fast as the same loop in
 * JavaScript. Moments live in the kernel's own memory and never move; weights and gradients, which belong to
 * others, pass through it in blocks that fit the cache.
 */
import {
  type Code,
  encodeModule,
  get,
  i32,
  loadFour,
  OP,
  set,
  storeFour,
  TYPE,
  WebAssembly,
  whileLoop,
} from '../wasm-module.ts';

/** Floats of a block of weights or gradients. Two, with their moments, fit a core's second-level cache. */
export const BLOCK = 8192;

/** Numbers of one update, as in `adamw.ts`. */
export interface AdamWNumbers {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** What gradients are multiplied by. */
  readonly scale: number;
  /** 1 - rate * decay. */
  readonly shrink: number;
  /** rate / (1 - beta1^t). */
  readonly size: number;
  /** 1 / sqrt(1 - beta2^t). */
  readonly root: number;
}

/** First and second moments of one tensor, and where the kernel finds them. */
export interface KernelMoments {
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly kernel: AdamWKernel;
  /** Addresses of `m` and `v`, in bytes. */
  readonly address: { readonly m: number; readonly v: number };
}

/** One compiled kernel with its memory. */
export interface AdamWKernel {
  /** Blocks of `BLOCK` floats for weights and gradients. */
  readonly x: Float32Array;
  readonly g: Float32Array;
  /** Updates the first `count` elements of `x` with `g`; their moments begin at the addresses `m` and `v`. */
  run(count: number, m: number, v: number, numbers: AdamWNumbers): void;
}

const BYTES = 4 * BLOCK;
const [X, G, MOMENTS] = [0, BYTES, 2 * BYTES];
const PAGE = 65_536;
/** Bytes of one kernel's memory, unless a single tensor needs more. An address has 32 bits. */
const MOST_BYTES = 2 ** 30;
// Locals: the end and the moments' addresses in bytes, the constants as floats, the place, two vectors.
const [END, FIRST_AT, SECOND_AT] = [0, 1, 2];
const [BETA1, REST1, BETA2, REST2, SCALE, SHRINK, SIZE, ROOT, EPSILON] = [3, 4, 5, 6, 7, 8, 9, 10, 11];
const [AT, GRADIENT, FIRST, SECOND] = [12, 13, 14, 15];

const times = (constant: number): Code => [...get(constant), ...OP.f32x4Splat, ...OP.f32x4Mul];
const load = (base: number): Code => [...get(AT), ...loadFour(base)];
const at = (base: number): Code => [...get(AT), ...get(base), ...OP.i32Add];

const step: Code = [
  ...[...load(G), ...times(SCALE), ...set(GRADIENT)],
  ...[...at(FIRST_AT), ...loadFour(0), ...times(BETA1)],
  ...[...get(GRADIENT), ...times(REST1), ...OP.f32x4Add, ...set(FIRST)],
  ...[...at(SECOND_AT), ...loadFour(0), ...times(BETA2)],
  ...[...get(GRADIENT), ...get(GRADIENT), ...OP.f32x4Mul, ...times(REST2), ...OP.f32x4Add, ...set(SECOND)],
  ...[...at(FIRST_AT), ...get(FIRST), ...storeFour(0)],
  ...[...at(SECOND_AT), ...get(SECOND), ...storeFour(0)],
  ...[...get(AT), ...load(X), ...times(SHRINK), ...get(FIRST), ...times(SIZE)],
  ...[...get(SECOND), ...OP.f32x4SquareRoot, ...times(ROOT)],
  ...[...get(EPSILON), ...OP.f32x4Splat, ...OP.f32x4Add],
  ...[...OP.f32x4Div, ...OP.f32x4Sub, ...storeFour(X)],
  ...[...get(AT), ...i32(16), ...OP.i32Add, ...set(AT)],
];

/**
 * Moments, all zero, for tensors of the given lengths. Memory that is never touched (rows of a table that no
 * batch uses) is not taken from the system.
 */
export function allocateMoments(lengths: readonly number[]): KernelMoments[] {
  const found: KernelMoments[] = [];
  for (let start = 0; start < lengths.length; ) {
    let end = start;
    let bytes = MOMENTS;
    do bytes += 2 * room(lengths[end++]);
    while (end < lengths.length && bytes + 2 * room(lengths[end]) <= MOST_BYTES);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    const kernel = createKernel(memory);
    let address = MOMENTS;
    for (const length of lengths.slice(start, end)) {
      const [m, v] = [address, address + room(length)];
      const view = (base: number) => new Float32Array(memory.buffer, base, length);
      found.push({ m: view(m), v: view(v), kernel, address: { m, v } });
      address = v + room(length);
    }
    start = end;
  }
  return found;
}

/** Bytes of `length` floats, in whole registers. */
function room(length: number): number {
  return Math.ceil(length / 4) * 16;
}

function createKernel(memory: InstanceType<typeof WebAssembly.Memory>): AdamWKernel {
  const bytes = encodeModule({
    name: 'adamw',
    parameters: [...Array<number>(3).fill(TYPE.i32), ...Array<number>(9).fill(TYPE.f32)],
    result: TYPE.i32,
    locals: [TYPE.i32, TYPE.v128, TYPE.v128, TYPE.v128],
    body: [...whileLoop([...get(AT), ...get(END), ...OP.i32LessUnsigned], step), ...get(AT)],
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const update = instance.exports.adamw as (
    end: number,
    m: number,
    v: number,
    ...constants: number[]
  ) => number;
  return {
    x: new Float32Array(memory.buffer, X, BLOCK),
    g: new Float32Array(memory.buffer, G, BLOCK),
    run(count, m, v, { beta1, beta2, epsilon, scale, shrink, size, root }) {
      const rest = [1 - beta1, 1 - beta2];
      update(room(count), m, v, beta1, rest[0], beta2, rest[1], scale, shrink, size, root, epsilon);
    },
  };
}
