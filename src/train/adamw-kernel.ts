/**
 * AdamW as WebAssembly SIMD functions: four elements at a time, about six times as fast as the same loops in
 * JavaScript. Moments live in the kernel's own memory and never move. There is room beside them for the gradient,
 * which ONNX Runtime then writes there, and for the weights (`place-weights.ts`). Arrays that stand elsewhere pass
 * through in blocks that fit the cache; for large tensors such copies take longer than the update itself.
 *
 * One thread is enough: ONNX Runtime takes no memory that threads share, so a second one would need those copies.
 */
import {
  type Code,
  encodeModule,
  get,
  i32,
  loadFour,
  loadTwo,
  type Memory,
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

/** First and second moments of one tensor, and the kernel in whose memory they are. */
export interface KernelMoments {
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly kernel: AdamWKernel;
}

/** Arrays of one tensor, all zero, in one kernel's memory where that has room for all four. */
export interface KernelTensor extends KernelMoments {
  /** For the weights. */
  readonly x: Float32Array;
  /** For the gradient. */
  readonly g: Float32Array;
}

/** The compiled functions with one memory. */
export interface AdamWKernel {
  /** Blocks of `BLOCK` floats, for weights and gradients that stand elsewhere. */
  readonly x: Float32Array;
  readonly g: Float32Array;
  /** Whether `array` is in the kernel's memory. */
  holds(array: Float32Array): boolean;
  /** Updates `count` elements in place, and up to three behind them. The addresses, in bytes, are the arrays'. */
  run(count: number, x: number, g: number, m: number, v: number, numbers: AdamWNumbers): void;
  /**
   * Sums of the squares of every fourth element in float64, from the first, second, third and fourth on, of
   * `count` elements (a multiple of 4) at address `g`.
   */
  squares(count: number, g: number): Float64Array;
}

const BYTES = 4 * BLOCK;
/**
 * Where the blocks begin. Large arrays of the system begin a few bytes after a page of 4096, and a copy to addresses
 * just behind those of its source, counted within a page, is five times as slow on some processors (AMD Zen 3).
 */
const [SUMS, X_BLOCK, G_BLOCK] = [0, 2048, 2048 + BYTES];
const FIRST_TENSOR = G_BLOCK + BYTES;
const PAGE = 65_536;
/** Bytes of one kernel's memory, unless a single tensor needs more. */
const MOST_BYTES = 2 ** 30;
/** An address has 32 bits. */
const ADDRESSES = 2 ** 32;
// Locals: the end and the arrays' addresses in bytes, the constants as floats, the place, vectors.
const [END, X, G, M, V] = [0, 1, 2, 3, 4];
const [BETA1, REST1, BETA2, REST2, SCALE, SHRINK, SIZE, ROOT, EPSILON] = [5, 6, 7, 8, 9, 10, 11, 12, 13];
const [AT, GRADIENT, FIRST, SECOND] = [14, 15, 16, 17];

const times = (constant: number): Code => [...get(constant), ...OP.f32x4Splat, ...OP.f32x4Mul];
const at = (base: number): Code => [...get(AT), ...get(base), ...OP.i32Add];
const load = (base: number): Code => [...at(base), ...loadFour(0)];
const forward = (place: number): Code => [...get(place), ...i32(16), ...OP.i32Add, ...set(place)];
const before = (place: number, end: number): Code => [...get(place), ...get(end), ...OP.i32LessUnsigned];

const step: Code = [
  ...[...load(G), ...times(SCALE), ...set(GRADIENT)],
  ...[...load(M), ...times(BETA1)],
  ...[...get(GRADIENT), ...times(REST1), ...OP.f32x4Add, ...set(FIRST)],
  ...[...load(V), ...times(BETA2)],
  ...[...get(GRADIENT), ...get(GRADIENT), ...OP.f32x4Mul, ...times(REST2), ...OP.f32x4Add, ...set(SECOND)],
  ...[...at(M), ...get(FIRST), ...storeFour(0)],
  ...[...at(V), ...get(SECOND), ...storeFour(0)],
  ...[...at(X), ...load(X), ...times(SHRINK), ...get(FIRST), ...times(SIZE)],
  ...[...get(SECOND), ...OP.f32x4SquareRoot, ...times(ROOT)],
  ...[...get(EPSILON), ...OP.f32x4Splat, ...OP.f32x4Add],
  ...[...OP.f32x4Div, ...OP.f32x4Sub, ...storeFour(0)],
  ...forward(AT),
];

const UPDATE = encodeModule({
  name: 'adamw',
  parameters: [...Array<number>(5).fill(TYPE.i32), ...Array<number>(9).fill(TYPE.f32)],
  result: TYPE.i32,
  locals: [TYPE.i32, TYPE.v128, TYPE.v128, TYPE.v128],
  body: [...whileLoop(before(AT, END), step), ...get(AT)],
});

// Locals of the second function: place and end in bytes, two pairs of sums, two floats as float64.
const [NEXT, STOP, LOWER, UPPER, PAIR] = [0, 1, 2, 3, 4];
const addSquares = (offset: number, sums: number): Code => [
  ...[...get(NEXT), ...loadTwo(offset), ...OP.f64x2PromoteLow, ...set(PAIR)],
  ...[...get(sums), ...get(PAIR), ...get(PAIR), ...OP.f64x2Mul, ...OP.f64x2Add, ...set(sums)],
];

const SQUARES = encodeModule({
  name: 'squares',
  parameters: [TYPE.i32, TYPE.i32],
  result: TYPE.i32,
  locals: [TYPE.v128, TYPE.v128, TYPE.v128],
  body: [
    ...whileLoop(before(NEXT, STOP), [...addSquares(0, LOWER), ...addSquares(8, UPPER), ...forward(NEXT)]),
    ...[...i32(SUMS), ...get(LOWER), ...storeFour(0)],
    ...[...i32(SUMS), ...get(UPPER), ...storeFour(16)],
    ...get(NEXT),
  ],
});

/**
 * Arrays for tensors of the given lengths. Memory that is never touched (rows of a table that no batch uses, room for
 * weights that stay elsewhere) is not taken from the system.
 */
export function allocateTensors(lengths: readonly number[]): KernelTensor[] {
  const found: KernelTensor[] = [];
  for (let start = 0; start < lengths.length; ) {
    let end = start;
    let bytes = FIRST_TENSOR;
    do bytes += arrays(lengths[end]) * room(lengths[end++]);
    while (end < lengths.length && bytes + 4 * room(lengths[end]) <= MOST_BYTES);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    const kernel = createKernel(memory);
    let address = FIRST_TENSOR;
    for (const length of lengths.slice(start, end)) {
      const next = () => {
        address += room(length);
        return new Float32Array(memory.buffer, address - room(length), length);
      };
      const elsewhere = () => new Float32Array(length);
      const other = arrays(length) === 4 ? next : elsewhere;
      found.push({ m: next(), v: next(), x: other(), g: other(), kernel });
    }
    start = end;
  }
  return found;
}

/** Bytes of `length` floats, in whole registers. */
function room(length: number): number {
  return Math.ceil(length / 4) * 16;
}

/** How many arrays of `length` a memory takes: the moments always, weights and gradient where addresses suffice. */
function arrays(length: number): number {
  return FIRST_TENSOR + 4 * room(length) <= ADDRESSES ? 4 : 2;
}

function createKernel(memory: Memory): AdamWKernel {
  const compile = <T>(bytes: Uint8Array, name: string): T =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports[name] as T;
  const update = compile<(...numbers: number[]) => number>(UPDATE, 'adamw');
  const squares = compile<(from: number, to: number) => number>(SQUARES, 'squares');
  const { buffer } = memory;
  const sums = new Float64Array(buffer, SUMS, 4);
  return {
    x: new Float32Array(buffer, X_BLOCK, BLOCK),
    g: new Float32Array(buffer, G_BLOCK, BLOCK),
    holds: (array) => array.buffer === buffer,
    run(count, x, g, m, v, { beta1, beta2, epsilon, scale, shrink, size, root }) {
      const rest = [1 - beta1, 1 - beta2];
      update(room(count), x, g, m, v, beta1, rest[0], beta2, rest[1], scale, shrink, size, root, epsilon);
    },
    squares(count, g) {
      squares(g, g + 4 * count);
      return sums;
    },
  };
}
