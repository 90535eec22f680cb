/** The second readings of a pack's tokens on disk: `readings.safetensors`, with `rows` [V] and `log_odds` [V]. */
import { RefractError } from '../errors.ts';
import type { Readings } from './readings.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

/** The file in a checkpoint's folder. */
export const READINGS_FILE = 'readings.safetensors';

/** Readings as tensors by the names that the file has. */
export function readingsTensors({ rows, logOdds }: Readings): Map<string, Tensor> {
  return new Map<string, Tensor>([
    ['rows', { dtype: 'I32', shape: [rows.length], data: rows }],
    ['log_odds', { dtype: 'F32', shape: [logOdds.length], data: logOdds }],
  ]);
}

/** Writes the file, atomically. Throws `DISK_FULL`. */
export function writeReadings(path: string, readings: Readings): void {
  writeSafetensors(path, readingsTensors(readings));
}

/**
 * Reads the file of a checkpoint whose word table has `tableRows` rows and whose tokenizer has `ids` ids. Throws `CHECKPOINT_FORMAT` when a tensor
 * is missing or of another type, `CHECKPOINT_SHAPE` when a row is not in the table.
 */
export function readReadings(path: string, tableRows: number, ids: number): Readings {
  const tensors = readSafetensors(path);
  const rows = tensors.get('rows');
  const logOdds = tensors.get('log_odds');
  if (rows?.dtype !== 'I32' || logOdds?.dtype !== 'F32' || !logOdds.data.every(Number.isFinite))
    throw new RefractError('CHECKPOINT_FORMAT', 'it must hold rows (I32) and finite log_odds (F32)', {
      at: path,
      hint: 'Copy the pack again, or distill it again.',
    });
  const size = rows.data.length;
  const wrong = rows.data.findIndex((row, token) => row !== token && (row < size || row >= tableRows));
  if (size < ids || logOdds.data.length !== size || wrong >= 0)
    throw new RefractError(
      'CHECKPOINT_SHAPE',
      wrong >= 0
        ? `token ${wrong} has its second vector in row ${rows.data[wrong]}, the word table has ${tableRows} rows`
        : `rows has ${size} elements and log_odds ${logOdds.data.length}, the tokenizer has ${ids} ids`,
      {
        at: path,
        hint: 'The file belongs to another pack; copy the whole folder again, or distill it again.',
      },
    );
  return { rows: rows.data, logOdds: logOdds.data };
}
