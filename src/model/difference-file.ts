/**
 * A difference on disk: `difference.safetensors`, in which a tensor's name stands after what is said of it.
 *
 *     values/NAME                      the tensor itself
 *     added/NAME                       to be added to the teacher's
 *     rows/NAME, row_values/NAME       rows that are others [n], and these rows [n, H]
 *     rows/NAME, row_added/NAME        the same, to be added to the teacher's rows
 *     low_rank_b/NAME, low_rank_a/NAME [out, r] and [r, in], whose product is to be added
 */

import { tensorToFloat16 } from '../data/half.ts';
import { RefractError } from '../errors.ts';
import type { Change, Difference } from './difference.ts';
import { type FloatTensor, readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';
import type { Reduced } from './settings.ts';

/** The file in a pack's folder. */
export const DIFFERENCE_FILE = 'difference.safetensors';

/** Writes the file, atomically; in half precision all but values are rounded to it. Throws `DISK_FULL`, `SETTING_INVALID`. */
export function writeDifferenceFile(
  path: string,
  difference: Difference,
  precision: Reduced['precision'],
): void {
  const tensors = new Map<string, StoredTensor>();
  const float = (name: string, tensor: FloatTensor) =>
    tensors.set(
      name,
      precision === 'float16'
        ? { dtype: 'F16', shape: tensor.shape, data: tensorToFloat16(name, tensor.data) }
        : tensor,
    );
  const rowIds = (name: string, rows: Int32Array) =>
    tensors.set(`rows/${name}`, { dtype: 'I32', shape: [rows.length], data: rows });
  for (const [name, change] of difference) {
    switch (change.kind) {
      case 'values':
        tensors.set(`values/${name}`, change.values);
        break;
      case 'added':
        float(`added/${name}`, change.added);
        break;
      case 'rows':
        rowIds(name, change.rows);
        tensors.set(`row_values/${name}`, change.values);
        break;
      case 'added-rows':
        rowIds(name, change.rows);
        float(`row_added/${name}`, change.added);
        break;
      case 'low-rank':
        float(`low_rank_a/${name}`, change.factors.a);
        float(`low_rank_b/${name}`, change.factors.b);
    }
  }
  writeSafetensors(path, tensors);
}

/**
 * Reads the file of a difference from `base`, whose names and shapes it must fit.
 *
 * @throws RefractError `FILE_MISSING`, `CHECKPOINT_FORMAT` (a tensor that is no part of a difference),
 *   `CHECKPOINT_SHAPE` (one that does not fit), naming it
 */
export function readDifferenceFile(path: string, base: ReadonlyMap<string, FloatTensor>): Difference {
  const found = readSafetensors(path);
  const difference = new Map<string, Change>();
  const refuse = (code: 'CHECKPOINT_FORMAT' | 'CHECKPOINT_SHAPE', what: string) =>
    new RefractError(code, what, { at: path, hint: 'Copy the pack again, or distill it again.' });
  const float = (key: string, shape: readonly number[]): FloatTensor => {
    const tensor = found.get(key);
    if (tensor?.dtype !== 'F32') throw refuse('CHECKPOINT_FORMAT', `there is no tensor ${key} of floats`);
    const fits = tensor.shape.length === shape.length && shape.every((size, i) => tensor.shape[i] === size);
    if (!fits)
      throw refuse('CHECKPOINT_SHAPE', `${key} has shape [${tensor.shape}], the teacher asks for [${shape}]`);
    return tensor;
  };
  const add = (name: string, change: Change) => {
    if (difference.has(name)) throw refuse('CHECKPOINT_FORMAT', `tensor ${name} is changed in two ways`);
    difference.set(name, change);
  };
  for (const [key, tensor] of found) {
    const [part] = key.split('/', 1);
    const name = key.slice(part.length + 1);
    const before = base.get(name);
    if (before === undefined) throw refuse('CHECKPOINT_FORMAT', `the teacher has no tensor for ${key}`);
    const { shape } = before;
    switch (part) {
      case 'values':
        add(name, { kind: 'values', values: float(key, shape) });
        break;
      case 'added':
        add(name, { kind: 'added', added: float(key, shape) });
        break;
      case 'rows': {
        if (tensor.dtype !== 'I32' || tensor.shape.length !== 1 || shape.length !== 2)
          throw refuse('CHECKPOINT_FORMAT', `${key} is no list of rows of a table`);
        const rows = tensor.data;
        const lost = rows.find((row) => row < 0 || row >= shape[0]);
        if (lost !== undefined)
          throw refuse('CHECKPOINT_SHAPE', `${key} names row ${lost}, the table has ${shape[0]} rows`);
        const size = [rows.length, shape[1]];
        if (found.has(`row_added/${name}`))
          add(name, { kind: 'added-rows', rows, added: float(`row_added/${name}`, size) });
        else add(name, { kind: 'rows', rows, values: float(`row_values/${name}`, size) });
        break;
      }
      case 'low_rank_a': {
        const [out, into] = shape;
        const rank = tensor.shape[0] ?? 0;
        const factors = { a: float(key, [rank, into]), b: float(`low_rank_b/${name}`, [out, rank]) };
        add(name, { kind: 'low-rank', factors });
        break;
      }
      case 'low_rank_b':
      case 'row_added':
      case 'row_values': {
        const other = part === 'low_rank_b' ? `low_rank_a/${name}` : `rows/${name}`;
        if (!found.has(other)) throw refuse('CHECKPOINT_FORMAT', `${key} stands without ${other}`);
        break;
      }
      default:
        throw refuse('CHECKPOINT_FORMAT', `tensor ${key} is no part of a difference`);
    }
  }
  return difference;
}
