/** One array of exported vectors: its header says how many rows follow, then they come one passage after the other. */
import { join } from 'node:path';
import { encodeFloat16, FLOAT16_MAX } from '../data/half.ts';
import { RefractError } from '../errors.ts';
import { npyHeader, safetensorsHeader } from './array-headers.ts';
import type { FileSystem } from './file-system.ts';
import { DAMAGED_HINT } from './segments/segment-file.ts';
import { StreamedFile } from './streamed-file.ts';

/** How the arrays are written. */
export const EXPORT_FORMATS = ['npy', 'safetensors'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What their numbers are. */
export const EXPORT_TYPES = ['float16', 'float32'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

const BYTES: Readonly<Record<ExportType, number>> = { float16: 2, float32: 4 };
const NPY: Readonly<Record<ExportType, string>> = { float16: '<f2', float32: '<f4' };
const TENSOR = { float16: 'F16', float32: 'F32' } as const;

/** What a chunk holds. */
export interface ChunkShape {
  readonly format: ExportFormat;
  readonly type: ExportType;
  readonly dim: number;
  /** Token vectors. */
  readonly rows: number;
  /** Tokens of each window. */
  readonly lengths: readonly number[];
  readonly files: FileSystem;
}

/** The file of a chunk. */
export class ChunkFile {
  private readonly file: StreamedFile;
  private readonly type: ExportType;

  private constructor(file: StreamedFile, type: ExportType) {
    this.file = file;
    this.type = type;
  }

  /** Makes the files of a chunk in `folder`, up to the rows. */
  static async create(
    folder: string,
    chunk: number,
    { format, type, dim, rows, lengths, files }: ChunkShape,
  ): Promise<ChunkFile> {
    const file = await StreamedFile.create(join(folder, `${chunk}.${format}`), files);
    try {
      const counts = Int32Array.from(lengths);
      if (format === 'safetensors') {
        await file.append(
          safetensorsHeader([
            { name: 'lengths', type: 'I32', shape: [counts.length], bytes: counts.byteLength },
            { name: 'vectors', type: TENSOR[type], shape: [rows, dim], bytes: BYTES[type] * rows * dim },
          ]),
        );
        await file.append(counts);
        return new ChunkFile(file, type);
      }
      await file.append(npyHeader(NPY[type], [rows, dim]));
      const beside = await StreamedFile.create(join(folder, `doclens.${chunk}.npy`), files);
      try {
        await beside.append(npyHeader('<i4', [counts.length]));
        await beside.append(counts);
        await beside.finish();
      } finally {
        await beside.abandon();
      }
      return new ChunkFile(file, type);
    } catch (error) {
      await file.abandon();
      throw error;
    }
  }

  /**
   * Appends the vectors of the passage `id`.
   *
   * @throws RefractError `SETTING_INVALID` a number that float16 has not; `CHECKPOINT_FORMAT` one that is not finite,
   * which no index takes
   */
  append(vectors: Float32Array, id: string): Promise<void> {
    const most = this.type === 'float16' ? FLOAT16_MAX : Number.MAX_VALUE;
    const wrong = vectors.find((value) => !(Math.abs(value) <= most));
    if (wrong !== undefined) throw refused(wrong, id);
    return this.file.append(this.type === 'float16' ? encodeFloat16(vectors) : vectors);
  }

  async finish(): Promise<void> {
    await this.file.finish();
  }

  abandon(): Promise<void> {
    return this.file.abandon();
  }
}

function refused(value: number, id: string): RefractError {
  if (!Number.isFinite(value))
    return new RefractError('CHECKPOINT_FORMAT', `a vector of passage "${id}" holds ${value}: damage`, {
      hint: DAMAGED_HINT,
    });
  return new RefractError(
    'SETTING_INVALID',
    `a vector of passage "${id}" holds ${value}, too large for float16`,
    {
      hint: 'Export it as float32, with --type float32.',
    },
  );
}
