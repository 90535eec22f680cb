/**
 * AdamW on a block of floats as a WebAssembly SIMD function: four elements at a time, about six times as fast
 * as the same loop in JavaScript. The block lies in the kernel's own memory, so the caller's arrays may be
 * anywhere; copying a block that fits the cache in and out costs little beside reading it from memory.
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

/** Floats of a block. Four blocks (weights, two moments, gradient) fit a core's second-level cache. */
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

/** A block's arrays, views of the kernel's memory of `BLOCK` floats each, and the update of the first `count`. */
export interface AdamWKernel {
  readonly x: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly g: Float32Array;
  run(count: number, numbers: AdamWNumbers): void;
}

const BYTES = 4 * BLOCK;
const [X, M, V, G] = [0, BYTES, 2 * BYTES, 3 * BYTES];
// Locals: the end in bytes, the constants as floats, then the place and four vectors.
const END = 0;
const [BETA1, REST1, BETA2, REST2, SCALE, SHRINK, SIZE, ROOT, EPSILON] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const [AT, GRADIENT, FIRST, SECOND] = [10, 11, 12, 13];

const times = (constant: number): Code => [...get(constant), ...OP.f32x4Splat, ...OP.f32x4Mul];
const load = (base: number): Code => [...get(AT), ...loadFour(base)];

const step: Code = [
  ...[...load(G), ...times(SCALE), ...set(GRADIENT)],
  ...[...load(M), ...times(BETA1), ...get(GRADIENT), ...times(REST1), ...OP.f32x4Add, ...set(FIRST)],
  ...[...load(V), ...times(BETA2), ...get(GRADIENT), ...get(GRADIENT), ...OP.f32x4Mul, ...times(REST2)],
  ...[...OP.f32x4Add, ...set(SECOND)],
  ...[...get(AT), ...get(FIRST), ...storeFour(M)],
  ...[...get(AT), ...get(SECOND), ...storeFour(V)],
  ...[...get(AT), ...load(X), ...times(SHRINK), ...get(FIRST), ...times(SIZE)],
  ...[
    ...get(SECOND),
    ...OP.f32x4SquareRoot,
    ...times(ROOT),
    ...get(EPSILON),
    ...OP.f32x4Splat,
    ...OP.f32x4Add,
  ],
  ...[...OP.f32x4Div, ...OP.f32x4Sub, ...storeFour(X)],
  ...[...get(AT), ...i32(16), ...OP.i32Add, ...set(AT)],
];

/** Compiles the kernel with a memory of its own. */
export function createAdamWKernel(): AdamWKernel {
  const memory = new WebAssembly.Memory({ initial: (4 * BYTES) / 65_536 });
  const bytes = encodeModule({
    name: 'adamw',
    parameters: [TYPE.i32, ...Array<number>(9).fill(TYPE.f32)],
    result: TYPE.i32,
    locals: [TYPE.i32, TYPE.v128, TYPE.v128, TYPE.v128],
    body: [...whileLoop([...get(AT), ...get(END), ...OP.i32LessUnsigned], step), ...get(AT)],
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory },
  });
  const update = instance.exports.adamw as (end: number, ...constants: number[]) => number;
  const view = (base: number) => new Float32Array(memory.buffer, base, BLOCK);
  return {
    x: view(X),
    m: view(M),
    v: view(V),
    g: view(G),
    run(count, { beta1, beta2, epsilon, scale, shrink, size, root }) {
      update(
        Math.ceil(count / 4) * 16,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        scale,
        shrink,
        size,
        root,
        epsilon,
      );
    },
  };
}
