/**
 * What a language pack changes in its teacher, tensor by tensor. A pack is mostly its teacher: all rows of the word
 * table but those of its own language, and whatever was frozen, are the teacher's bit for bit. What differs is kept in
 * one of these ways, and the teacher and the difference together are the pack again.
 */
import { isLinear } from './adapters.ts';
import { WORD_TABLE } from './families/index.ts';
import { addLowRank, type LowRank, type Truncation, truncate } from './low-rank.ts';
import type { FloatTensor } from './safetensors.ts';

/** How one tensor differs from the teacher's. */
export type Change =
  /** The tensor itself: exact. */
  | { readonly kind: 'values'; readonly values: FloatTensor }
  /** What is to be added to the teacher's. */
  | { readonly kind: 'added'; readonly added: FloatTensor }
  /** Some rows of it: `values` [n, H] as they are, or `added` to the rows of the base. */
  | { readonly kind: 'rows'; readonly rows: Int32Array; readonly values: FloatTensor }
  | { readonly kind: 'added-rows'; readonly rows: Int32Array; readonly added: FloatTensor }
  /** B A is to be added to it. */
  | { readonly kind: 'low-rank'; readonly factors: LowRank };

/** Changes by tensor name; tensors that are not named are the teacher's. */
export type Difference = ReadonlyMap<string, Change>;

/** What a difference may lose. */
export interface DifferenceOptions {
  /** Keep what is added instead of what is, to be rounded to half precision. */
  readonly added?: boolean;
  /** Cut the difference of linear weights to a low rank. */
  readonly truncation?: Truncation;
  /** Low-rank differences that are known, because they were trained: kept as they are. */
  readonly factors?: ReadonlyMap<string, LowRank>;
}

/**
 * The difference of `tensors` from `base`, which has the same names and shapes (the teacher's tensors, the word table
 * with its second rows). Without options it is exact.
 *
 * @example applyDifference(base, differenceOf(base, pack.tensors)) // pack.tensors, bit for bit
 */
export function differenceOf(
  base: ReadonlyMap<string, FloatTensor>,
  tensors: ReadonlyMap<string, FloatTensor>,
  options: DifferenceOptions = {},
): Difference {
  const changes = new Map<string, Change>();
  for (const [name, tensor] of tensors) {
    const before = base.get(name)!;
    const factors = options.factors?.get(name);
    if (sameBits(before.data, tensor.data)) continue;
    if (factors !== undefined) changes.set(name, { kind: 'low-rank', factors });
    else if (name === WORD_TABLE) changes.set(name, rowChange(before, tensor, options));
    else changes.set(name, tensorChange(name, before, tensor, options));
  }
  return changes;
}

function tensorChange(
  name: string,
  before: FloatTensor,
  tensor: FloatTensor,
  { added, truncation }: DifferenceOptions,
): Change {
  const [out, into] = tensor.shape;
  if (truncation !== undefined && isLinear(name, tensor.shape)) {
    const difference = Float64Array.from(tensor.data, (value, i) => value - before.data[i]);
    const { factors } = truncate(difference, [out, into], truncation);
    if (factors.a.shape[0] * (out + into) < out * into) return { kind: 'low-rank', factors };
  }
  return added ? { kind: 'added', added: minus(tensor, before) } : { kind: 'values', values: tensor };
}

function rowChange(before: FloatTensor, tensor: FloatTensor, { added }: DifferenceOptions): Change {
  const [count, width] = tensor.shape;
  const changed: number[] = [];
  const row = ({ data }: FloatTensor, r: number) => data.subarray(r * width, (r + 1) * width);
  for (let r = 0; r < count; r++) if (!sameBits(row(before, r), row(tensor, r))) changed.push(r);
  const rows = Int32Array.from(changed);
  const values = pickRows(tensor, rows);
  return added
    ? { kind: 'added-rows', rows, added: minus(values, pickRows(before, rows)) }
    : { kind: 'rows', rows, values };
}

/**
 * `base` with the difference: tensors that did not change are those of `base` themselves, the others are new.
 *
 * @example const tensors = applyDifference(teacher.tensors, difference)
 */
export function applyDifference(
  base: ReadonlyMap<string, FloatTensor>,
  difference: Difference,
): Map<string, FloatTensor> {
  return new Map(
    [...base].map(([name, before]) => {
      const change = difference.get(name);
      return [name, change === undefined ? before : applied(before, change)];
    }),
  );
}

function applied(before: FloatTensor, change: Change): FloatTensor {
  switch (change.kind) {
    case 'values':
      return change.values;
    case 'low-rank':
      return addLowRank(before, change.factors);
    case 'added':
      return { ...before, data: before.data.map((value, i) => value + change.added.data[i]) };
    case 'rows':
    case 'added-rows': {
      const width = before.shape[1];
      const data = before.data.slice();
      change.rows.forEach((row, n) => {
        for (let h = 0; h < width; h++)
          data[row * width + h] =
            change.kind === 'rows'
              ? change.values.data[n * width + h]
              : before.data[row * width + h] + change.added.data[n * width + h];
      });
      return { ...before, data };
    }
  }
}

function pickRows({ data, shape: [, width] }: FloatTensor, rows: Int32Array): FloatTensor {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, n) => {
    picked.set(data.subarray(row * width, (row + 1) * width), n * width);
  });
  return { dtype: 'F32', shape: [rows.length, width], data: picked };
}

function minus(a: FloatTensor, b: FloatTensor): FloatTensor {
  return { ...a, data: a.data.map((value, i) => value - b.data[i]) };
}

/** Whether the same numbers stand in both, zeros with their sign. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const words = (x: Float32Array) => new Uint32Array(x.buffer, x.byteOffset, x.length);
  const [left, right] = [words(a), words(b)];
  return left.length === right.length && left.every((word, i) => word === right[i]);
}
