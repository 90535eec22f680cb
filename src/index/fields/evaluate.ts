/** Evaluates a filter over the columns of one segment, to a bitmap of its passages. */
import { emptyBitmap, invertBits, setBit } from '../../data/bitmap.ts';
import { compareCodePoints } from '../../text/code-points.ts';
import type { BoundFilter, BoundTest } from './bound-filter.ts';
import type { Column, FieldsReader } from './reader.ts';

/**
 * The passages of a segment that a filter lets through: bit `p & 7` of byte `p >> 3`.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` when a column is damaged
 * @example evaluateFilter(bindFilter({ field: 'year', from: 2020 }, schema), fields)
 */
export function evaluateFilter(filter: BoundFilter, fields: FieldsReader): Uint8Array {
  switch (filter.kind) {
    case 'not':
      return invertBits(evaluateFilter(filter.part, fields), fields.passages);
    case 'and':
    case 'or': {
      const [first, ...others] = filter.parts.map((part) => evaluateFilter(part, fields));
      for (const other of others)
        for (let i = 0; i < first.length; i++)
          first[i] = filter.kind === 'and' ? first[i] & other[i] : first[i] | other[i];
      return first;
    }
    default: {
      const bits = emptyBitmap(fields.passages);
      const column = fields.column(filter.field);
      if (column !== undefined) mark(bits, column, filter);
      return bits;
    }
  }
}

/** Ends of a range over a field of one type. */
type Ends<T> = { readonly [end in 'from' | 'above' | 'to' | 'below']?: T };

function mark(bits: Uint8Array, column: Column, test: BoundTest): void {
  if (column.type === 'number') {
    const { values } = column;
    const accepts = numberTest(test);
    for (let p = 0; p < values.length; p++) if (accepts(values[p])) setBit(bits, p);
    return;
  }
  if (column.type === 'boolean') {
    const flags = test.kind === 'in' ? test.values.map((value) => (value === true ? 2 : 1)) : [];
    const accepted = acceptedCodes(2, flags);
    for (let p = 0; p < column.values.length; p++) if (accepted[column.values[p]] === 1) setBit(bits, p);
    return;
  }
  const { codes, texts } = column;
  const accepted = acceptedCodes(texts.length, codesOf(texts, test));
  if (column.type === 'string') {
    for (let p = 0; p < codes.length; p++) if (accepted[codes[p]] === 1) setBit(bits, p);
    return;
  }
  const { starts } = column;
  for (let p = 0; p + 1 < starts.length; p++)
    for (let i = starts[p]; i < starts[p + 1]; i++) if (accepted[codes[i]] === 1) setBit(bits, p);
}

/** Whether a number passes; NaN, which is no value, never does. */
function numberTest(test: BoundTest): (value: number) => boolean {
  if (test.kind === 'in') {
    const values = test.values as readonly number[];
    if (values.length === 1) return (value) => value === values[0];
    const set = new Set(values.map((value) => value + 0)); // -0 is 0
    return (value) => set.has(value);
  }
  const { from = -Infinity, above = -Infinity, to = Infinity, below = Infinity } = test.ends as Ends<number>;
  // Values are finite, so that ends that are not given let all through.
  return (value) => value >= from && value > above && value <= to && value < below;
}

/** The codes of the texts that pass. */
function codesOf(texts: readonly string[], test: BoundTest): number[] {
  if (test.kind === 'in') {
    const places = (test.values as readonly string[]).map((value) => ({
      value,
      at: firstNotBelow(texts, value),
    }));
    return places.filter(({ value, at }) => texts[at] === value).map(({ at }) => at + 1);
  }
  const { from, above, to, below } = test.ends as Ends<string>;
  let [first, end] = [0, texts.length];
  if (from !== undefined) first = Math.max(first, firstNotBelow(texts, from));
  if (above !== undefined) first = Math.max(first, firstAbove(texts, above));
  if (to !== undefined) end = Math.min(end, firstAbove(texts, to));
  if (below !== undefined) end = Math.min(end, firstNotBelow(texts, below));
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i + 1);
}

/** 1 for the codes of a list, 0 for others; [texts + 1]. */
function acceptedCodes(texts: number, codes: readonly number[]): Uint8Array {
  const accepted = new Uint8Array(texts + 1);
  for (const code of codes) accepted[code] = 1;
  return accepted;
}

/** Position of the first text that is not before `value` by code points. */
function firstNotBelow(texts: readonly string[], value: string): number {
  let [low, high] = [0, texts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(texts[middle], value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(texts: readonly string[], value: string): number {
  const at = firstNotBelow(texts, value);
  return texts[at] === value ? at + 1 : at;
}
