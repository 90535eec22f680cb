/**
 * Writing the token vectors of an index for other engines: float16 matrices in chunks of passages, as NumPy files or as
 * safetensors, with the number of tokens of each window, and ids in the same order.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { streamPiecesAtomic, writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import { encodeFloat16 } from '../data/half.ts';
import { Stage, type StageControl } from '../stage.ts';
import { npyHeader, safetensorsHeader } from './array-headers.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import type { LateInteractionIndex } from './late-interaction.ts';
import { StreamedFile } from './streamed-file.ts';

/** How the arrays are written. */
export const EXPORT_FORMATS = ['npy', 'safetensors'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Choices for `exportVectors`. */
export interface ExportOptions {
  readonly format?: ExportFormat;
  /** Passages of a chunk, 25,000 by default. */
  readonly chunk?: number;
  readonly control?: StageControl;
  readonly files?: FileSystem;
}

/** What `exportVectors` wrote. */
export interface ExportReport {
  readonly passages: number;
  readonly windows: number;
  readonly tokens: number;
  readonly chunks: number;
}

const CHUNK = 25_000;

/**
 * Writes the folder `out`, which must not exist:
 *
 * - `N.npy` (float16 [tokens, dim]) and `doclens.N.npy` (int32 [windows]) for each chunk N from 0; or `N.safetensors`
 *   with the tensors `vectors` and `lengths`;
 * - `ids.jsonl`, for each window in the order of the rows `{"id", "chunk", "start", "tokens"}`, a long passage having
 *   several lines;
 * - `export.json`: the counts, and what made the vectors.
 *
 * @throws RefractError `DISK_FULL`, `INTERRUPTED`
 * @example await exportVectors(openIndex('index'), 'vectors', { format: 'npy' })
 */
export async function exportVectors(
  index: LateInteractionIndex,
  out: string,
  { format = 'npy', chunk = CHUNK, control = {}, files = nodeFileSystem }: ExportOptions = {},
): Promise<ExportReport> {
  return writeDirectoryAtomic(out, async (folder) => {
    mkdirSync(folder, { recursive: true });
    const stage = new Stage('exporting', index.size, 'passages', control);
    let [windows, tokens, chunks] = [0, 0, 0];
    const lines = async function* (): AsyncGenerator<string> {
      for (let first = 0; first < index.size; first += chunk, chunks++) {
        const end = Math.min(first + chunk, index.size);
        const lengths: number[] = [];
        for (let ordinal = first; ordinal < end; ordinal++) lengths.push(...index.windows(ordinal));
        const rows = lengths.reduce((sum, count) => sum + count, 0);
        const file = await ChunkFile.create(folder, chunks, { format, dim: index.dim, rows, lengths, files });
        let start = 0;
        try {
          for (let ordinal = first; ordinal < end; ordinal++) {
            await file.append(encodeFloat16(index.vectors(ordinal)));
            for (const count of index.windows(ordinal)) {
              yield `${JSON.stringify({ id: index.id(ordinal), chunk: chunks, start, tokens: count })}\n`;
              start += count;
            }
            if (stage.due()) await stage.turn(ordinal + 1);
          }
          await file.finish();
        } finally {
          await file.abandon();
        }
        windows += lengths.length;
        tokens += rows;
      }
    };
    await streamPiecesAtomic(join(folder, 'ids.jsonl'), lines());
    stage.end();
    const report = { passages: index.size, windows, tokens, chunks };
    const { dim, fingerprint } = index;
    const summary = {
      kind: 'refract-vectors',
      version: 1,
      format,
      type: 'float16',
      dim,
      ...report,
      fingerprint,
    };
    writeFileAtomic(join(folder, 'export.json'), `${JSON.stringify(summary, null, 2)}\n`);
    return report;
  });
}

interface ChunkShape {
  readonly format: ExportFormat;
  readonly dim: number;
  readonly rows: number;
  readonly lengths: readonly number[];
  readonly files: FileSystem;
}

/** The rows of a chunk, which are many, behind a header that says how many. */
class ChunkFile {
  private readonly file: StreamedFile;

  private constructor(file: StreamedFile) {
    this.file = file;
  }

  static async create(
    folder: string,
    chunk: number,
    { format, dim, rows, lengths, files }: ChunkShape,
  ): Promise<ChunkFile> {
    const file = await StreamedFile.create(join(folder, `${chunk}.${format}`), files);
    const counts = Int32Array.from(lengths);
    if (format === 'safetensors') {
      await file.append(
        safetensorsHeader([
          { name: 'lengths', type: 'I32', shape: [counts.length], bytes: counts.byteLength },
          { name: 'vectors', type: 'F16', shape: [rows, dim], bytes: 2 * rows * dim },
        ]),
      );
      await file.append(counts);
      return new ChunkFile(file);
    }
    await file.append(npyHeader('<f2', [rows, dim]));
    const beside = await StreamedFile.create(join(folder, `doclens.${chunk}.npy`), files);
    try {
      await beside.append(npyHeader('<i4', [counts.length]));
      await beside.append(counts);
      await beside.finish();
    } finally {
      await beside.abandon();
    }
    return new ChunkFile(file);
  }

  append(rows: Uint16Array): Promise<void> {
    return this.file.append(rows);
  }

  async finish(): Promise<void> {
    await this.file.finish();
  }

  abandon(): Promise<void> {
    return this.file.abandon();
  }
}
