/** The folder of a codec: `codec.json` with the sizes and the quantiser, `centroids.i16` with the numbers. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { FileEntries } from '../vector-storage.ts';
import { type Codec, codecOf, MAX_CENTROIDS, paddedDim } from './codec.ts';

/** Files within a codec's folder. */
export const CODEC_FILES = {
  parts: 'codec.json',
  /** int16: cells, then centroids, row-major by the padded dimension. */
  centroids: 'centroids.i16',
} as const;

const positive = z.number().positive();
const schema = z.object({
  kind: z.literal('refract-codec'),
  version: z.literal(1),
  dim: z.number().int().positive(),
  bits: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  unit: positive,
  levels: z.array(z.number().int().min(-128).max(127)),
  levelUnit: positive,
  maxScale: positive,
  cellSizes: z.array(z.number().int().positive().max(MAX_CENTROIDS)).min(1),
});

/**
 * Writes `codec` to files in `directory`, which exists and holds no codec.
 *
 * @throws Error of the system when it cannot be written
 */
export async function writeCodec(
  codec: Codec,
  directory: string,
  files: FileSystem = nodeFileSystem,
): Promise<FileEntries> {
  const write = (path: string, pieces: readonly (string | Int16Array)[]) => writePieces(path, pieces, files);
  const { dim, bits, unit, levels, levelUnit, maxScale, cellStarts, cells, centroids } = codec;
  const parts: z.infer<typeof schema> = {
    kind: 'refract-codec',
    version: 1,
    ...{ dim, bits, unit, levels: [...levels], levelUnit, maxScale },
    cellSizes: Array.from({ length: cellStarts.length - 1 }, (_, c) => cellStarts[c + 1] - cellStarts[c]),
  };
  return {
    [CODEC_FILES.parts]: await write(join(directory, CODEC_FILES.parts), [`${JSON.stringify(parts)}\n`]),
    [CODEC_FILES.centroids]: await write(join(directory, CODEC_FILES.centroids), [cells, centroids]),
  };
}

async function writePieces(path: string, pieces: readonly (string | Int16Array)[], files: FileSystem) {
  const file = await StreamedFile.create(path, files);
  try {
    for (const piece of pieces) await file.append(piece);
    return await file.finish();
  } finally {
    await file.abandon();
  }
}

/**
 * Reads the codec in `directory`.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE` a file is missing; `CHECKPOINT_FORMAT` one is damaged
 */
export function readCodec(directory: string): Codec {
  const at = join(directory, CODEC_FILES.parts);
  const { kind: _kind, version: _version, cellSizes, levels, ...parts } = readParts(at);
  if (levels.length !== 2 ** parts.bits) {
    throw damaged(at, `${levels.length} levels for ${parts.bits} bits`);
  }
  const cellStarts = new Uint32Array(cellSizes.length + 1);
  cellSizes.forEach((size, c) => {
    cellStarts[c + 1] = cellStarts[c] + size;
  });
  const size = cellStarts[cellSizes.length];
  if (size > MAX_CENTROIDS) throw damaged(at, `${size} centroids, more than ${MAX_CENTROIDS}`);
  const path = join(directory, CODEC_FILES.centroids);
  requireFile(path);
  const padded = paddedDim(parts.dim);
  const expected = 2 * padded * (cellSizes.length + size);
  const actual = statSync(path).size;
  if (actual !== expected) throw damaged(path, `the file has ${actual} bytes instead of ${expected}`);
  const numbers = new Int16Array(new Uint8Array(readFileSync(path)).buffer);
  return codecOf({
    ...parts,
    levels: Int8Array.from(levels),
    cells: numbers.slice(0, cellSizes.length * padded),
    centroids: numbers.slice(cellSizes.length * padded),
    cellStarts,
  });
}

function readParts(at: string): z.infer<typeof schema> {
  requireFile(at);
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(at, 'utf8'));
  } catch (cause) {
    throw damaged(at, 'the codec is not JSON', cause);
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(at, `the codec is damaged: ${issue.path.join('.')}: ${issue.message}`);
}

function requireFile(at: string): void {
  if (existsSync(at)) return;
  throw new RefractError('CHECKPOINT_INCOMPLETE', 'the index lacks this file of its codec', {
    at,
    hint: 'Build the index again with `refract index`.',
  });
}

function damaged(at: string, what: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'The file was cut off or changed. Build the index again with `refract index`.',
    cause,
  });
}
