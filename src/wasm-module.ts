/**
 * Just enough of the WebAssembly binary format to write one SIMD function by hand: instructions as byte
 * arrays, and a module that imports its memory. Specification: https://webassembly.github.io/spec/core/binary/
 */

/** Bytes of one or more instructions. */
export type Code = readonly number[];

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

/** Value types. */
export const TYPE = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** Instructions that take no immediate. */
export const OP = {
  i32Add: [0x6a],
  i32Sub: [0x6b],
  i32Shl: [0x74],
  i32LessUnsigned: [0x49],
  i32AtLeastUnsigned: [0x4f],
  f32Add: [0x92],
  f32x4Splat: simd(0x13),
  f32x4SquareRoot: simd(0xe3),
  f32x4Add: simd(0xe4),
  f32x4Sub: simd(0xe5),
  f32x4Mul: simd(0xe6),
  f32x4Div: simd(0xe7),
  /** `a < b ? b : a` in each lane: one machine instruction, unlike the NaN-propagating maximum. */
  f32x4PseudoMax: simd(0xeb),
  /** The two lower floats as two float64 numbers. */
  f64x2PromoteLow: simd(0x5f),
  f64x2Add: simd(0xf0),
  f64x2Mul: simd(0xf2),
} as const satisfies Record<string, Code>;

/** Pushes local `index`. */
export const get = (index: number): Code => [0x20, ...unsigned(index)];
/** Pops into local `index`. */
export const set = (index: number): Code => [0x21, ...unsigned(index)];
/** Pushes a 32-bit integer. */
export const i32 = (value: number): Code => [0x41, ...signed(value)];
/** Pushes a 32-bit float. */
export const f32 = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
/** Pops an address, pushes the four floats at address + `offset`. */
export const loadFour = (offset: number): Code => [...simd(0x00), 2, ...unsigned(offset)];
/** Pops four floats and, below them, an address; writes them at address + `offset`. */
export const storeFour = (offset: number): Code => [...simd(0x0b), 2, ...unsigned(offset)];
/** Pops an address, pushes the two floats at address + `offset` in the lower lanes. */
export const loadTwo = (offset: number): Code => [...simd(0x5d), 2, ...unsigned(offset)];
/** Pops an address, pushes the float at address + `offset` in all four lanes. */
export const loadSplat = (offset: number): Code => [...simd(0x09), 2, ...unsigned(offset)];
/** Pops four floats, pushes the one in `lane`. */
export const lane = (lane: number): Code => [...simd(0x1f), lane];
/** Repeats `body` while `condition` (which leaves an i32) holds; tests before each turn. */
export const whileLoop = (condition: Code, body: Code): Code => [
  ...[0x03, 0x40],
  ...condition,
  ...[0x04, 0x40],
  ...body,
  ...[0x0c, 1],
  ...[0x0b, 0x0b],
];

/** One exported function. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly result: number;
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

/** The bytes of a module that imports `env.memory` and exports one function. */
export function encodeModule({ name, parameters, result, locals, body }: WasmFunction): Uint8Array {
  const text = (value: string) => [...unsigned(value.length), ...new TextEncoder().encode(value)];
  const section = (id: number, content: Code) => [id, ...unsigned(content.length), ...content];
  const code = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type]), ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...unsigned(parameters.length), ...parameters, 1, result]),
    ...section(2, [1, ...text('env'), ...text('memory'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text(name), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

/** A WebAssembly memory. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The part of the WebAssembly API that is used; Node's types leave it to the DOM library. */
interface WebAssemblyApi {
  readonly Memory: new (limits: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** The runtime's WebAssembly. */
export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
