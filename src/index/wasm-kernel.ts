/**
 * MaxSim of eight query tokens against one passage, as a WebAssembly SIMD function written here.
 *
 * The eight query tokens lie across the lanes of two 128-bit registers (dimension by dimension), the passage's
 * floats are broadcast: a product needs no horizontal sum, and the running maximum of each query token stays
 * in its lane. Four passage tokens are worked on together, so that every query load serves four products
 * and eight sums are in flight.
 */
import {
  type Code,
  encodeModule,
  f32,
  get,
  i32,
  lane,
  loadFour,
  loadSplat,
  OP,
  set,
  TYPE,
  whileLoop,
} from '../wasm-module.ts';

/** Query tokens that one call handles. */
export const QUERY_GROUP = 8;
/** Dimensions that one turn of the inner loop handles; vectors are padded to a multiple with zeros. */
export const DIM_STEP = 4;

/**
 * `maxsim(query, passage, tokens, stride)`: byte addresses of the packed query (`stride / 4 x 8` floats) and
 * of the passage (`tokens` rows of `stride` bytes); returns sum over the eight of max over the rows.
 */
export type MaxSimKernel = (query: number, passage: number, tokens: number, stride: number) => number;

// Locals: parameters 0-3, then integers, then vectors.
const [QUERY, PASSAGE, TOKENS, STRIDE] = [0, 1, 2, 3];
const ROWS = [4, 5, 6, 7];
const [POINTER, END] = [8, 9];
const SUMS = [10, 11, 12, 13, 14, 15, 16, 17];
const [LOW, HIGH, VALUE, MAX_LOW, MAX_HIGH] = [18, 19, 20, 21, 22];

/** Scores `rows` passage tokens from PASSAGE on, then moves PASSAGE and TOKENS behind them. */
function scoreRows(rows: number): Code {
  const addresses = ROWS.slice(0, rows).flatMap((local, r) => [
    ...(r === 0 ? get(PASSAGE) : [...get(ROWS[r - 1]), ...get(STRIDE), ...OP.i32Add]),
    ...set(local),
  ]);
  const clear = SUMS.slice(0, 2 * rows).flatMap((sum) => [...f32(0), ...OP.f32x4Splat, ...set(sum)]);
  const accumulate = (sum: number, query: number) => [
    ...[...get(sum), ...get(VALUE), ...get(query), ...OP.f32x4Mul],
    ...[...OP.f32x4Add, ...set(sum)],
  ];
  const step = Array.from({ length: DIM_STEP }, (_, k) => [
    ...[...get(POINTER), ...loadFour(32 * k), ...set(LOW)],
    ...[...get(POINTER), ...loadFour(32 * k + 16), ...set(HIGH)],
    ...ROWS.slice(0, rows).flatMap((local, r) => [
      ...[...get(local), ...loadSplat(4 * k), ...set(VALUE)],
      ...accumulate(SUMS[2 * r], LOW),
      ...accumulate(SUMS[2 * r + 1], HIGH),
    ]),
  ]).flat();
  const advance = (local: number, bytes: number) => [
    ...get(local),
    ...i32(bytes),
    ...OP.i32Add,
    ...set(local),
  ];
  const keep = (max: number, sum: number) => [...get(max), ...get(sum), ...OP.f32x4PseudoMax, ...set(max)];
  return [
    ...addresses,
    ...clear,
    ...[...get(QUERY), ...set(POINTER)],
    ...whileLoop(
      [...get(POINTER), ...get(END), ...OP.i32LessUnsigned],
      [
        ...step,
        ...advance(POINTER, 32 * DIM_STEP),
        ...ROWS.slice(0, rows).flatMap((local) => advance(local, 4 * DIM_STEP)),
      ],
    ),
    ...ROWS.slice(0, rows).flatMap((_, r) => [
      ...keep(MAX_LOW, SUMS[2 * r]),
      ...keep(MAX_HIGH, SUMS[2 * r + 1]),
    ]),
    // Each row pointer now stands at the end of its row.
    ...[...get(ROWS[rows - 1]), ...set(PASSAGE)],
    ...[...get(TOKENS), ...i32(rows), ...OP.i32Sub, ...set(TOKENS)],
  ];
}

const body: Code = [
  ...[...get(QUERY), ...get(STRIDE), ...i32(3), ...OP.i32Shl, ...OP.i32Add, ...set(END)],
  ...[MAX_LOW, MAX_HIGH].flatMap((max) => [...f32(Number.NEGATIVE_INFINITY), ...OP.f32x4Splat, ...set(max)]),
  ...whileLoop([...get(TOKENS), ...i32(4), ...OP.i32AtLeastUnsigned], scoreRows(4)),
  ...whileLoop([...get(TOKENS), ...i32(1), ...OP.i32AtLeastUnsigned], scoreRows(1)),
  ...[...get(MAX_LOW), ...lane(0)],
  ...[1, 2, 3].flatMap((index) => [...get(MAX_LOW), ...lane(index), ...OP.f32Add]),
  ...[0, 1, 2, 3].flatMap((index) => [...get(MAX_HIGH), ...lane(index), ...OP.f32Add]),
];

/** The kernel's module, 2 KB of WebAssembly. */
export const KERNEL_MODULE: Uint8Array = encodeModule({
  name: 'maxsim',
  parameters: [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32],
  result: TYPE.f32,
  locals: [...Array<number>(6).fill(TYPE.i32), ...Array<number>(13).fill(TYPE.v128)],
  body,
});
