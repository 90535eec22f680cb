/** How large the encoders of a study are, from its first finished teacher. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint } from '../../model/checkpoint.ts';
import { cellFolder, readCell } from '../cell-record.ts';
import type { Matrix } from '../matrix.ts';

/**
 * Layers, width and parameters in words; undefined when no teacher is finished.
 *
 * @example modelSize(matrix, out) // '3 layers, 256 wide, 6.9 million parameters'
 */
export function modelSize({ cells }: Matrix, out: string): string | undefined {
  const teacher = cells.find(
    (cell) =>
      cell.kind === 'teacher' &&
      readCell(out, cell)?.state === 'finished' &&
      existsSync(join(cellFolder(out, cell), 'config.json')),
  );
  if (teacher === undefined) return undefined;
  const { config, tensors } = readCheckpoint(cellFolder(out, teacher));
  let parameters = 0;
  for (const { shape } of tensors.values()) parameters += shape.reduce((product, size) => product * size, 1);
  const layers = config.numHiddenLayers > 0 ? `${config.numHiddenLayers} layers, ` : '';
  return `${layers}${config.hiddenSize} wide, ${(parameters / 1e6).toFixed(1)} million parameters`;
}
