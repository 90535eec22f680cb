/**
 * Writing the token vectors of an index for other engines: matrices in chunks of passages, as NumPy files or as
 * safetensors, with the number of tokens of each window, and ids in the same order.
 */
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { Stage, type StageControl } from '../stage.ts';
import { ChunkFile, type ExportFormat, type ExportType } from './export-chunk.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import type { LateInteractionIndex } from './late-interaction.ts';
import { StreamedFile, writeWhole } from './streamed-file.ts';

export { EXPORT_FORMATS, EXPORT_TYPES, type ExportFormat, type ExportType } from './export-chunk.ts';

/** Choices for `exportVectors`. */
export interface ExportOptions {
  readonly format?: ExportFormat;
  /** What the numbers are, `float16` by default. */
  readonly type?: ExportType;
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
 * - `N.npy` ([tokens, dim]) and `doclens.N.npy` (int32 [windows]) for each chunk N from 0; or `N.safetensors` with the
 *   tensors `vectors` and `lengths`;
 * - `ids.jsonl`, for each window in the order of the rows `{"id", "chunk", "start", "tokens"}`, a long passage having
 *   several lines;
 * - `export.json`: the counts, and what made the vectors.
 *
 * @throws RefractError `DISK_FULL`, `INTERRUPTED`; `SETTING_INVALID` an index in float32 with a number that float16 has
 * not; `CHECKPOINT_FORMAT` numbers that are not finite; nothing is written then
 * @example await exportVectors(openIndex('index'), 'vectors', { format: 'npy' })
 */
export async function exportVectors(
  index: LateInteractionIndex,
  out: string,
  {
    format = 'npy',
    type = 'float16',
    chunk = CHUNK,
    control = {},
    files = nodeFileSystem,
  }: ExportOptions = {},
): Promise<ExportReport> {
  return writeDirectoryAtomic(out, async (folder) => {
    files.makeDirectory(folder);
    const ids = await StreamedFile.create(join(folder, 'ids.jsonl'), files);
    const stage = new Stage('exporting', index.size, 'passages', control);
    let [windows, tokens, chunks] = [0, 0, 0];
    try {
      for (let first = 0; first < index.size; first += chunk, chunks++) {
        const end = Math.min(first + chunk, index.size);
        const lengths: number[] = [];
        for (let ordinal = first; ordinal < end; ordinal++) lengths.push(...index.windows(ordinal));
        const rows = lengths.reduce((sum, count) => sum + count, 0);
        const shape = { format, type, dim: index.dim, rows, lengths, files };
        const file = await ChunkFile.create(folder, chunks, shape);
        let start = 0;
        try {
          for (let ordinal = first; ordinal < end; ordinal++) {
            const id = index.id(ordinal);
            await file.append(index.vectors(ordinal), id);
            for (const count of index.windows(ordinal)) {
              await ids.append(`${JSON.stringify({ id, chunk: chunks, start, tokens: count })}\n`);
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
      await ids.finish();
    } finally {
      await ids.abandon();
    }
    stage.end();
    const report = { passages: index.size, windows, tokens, chunks };
    const { dim, fingerprint } = index;
    const summary = { kind: 'refract-vectors', version: 1, format, type, dim, ...report, fingerprint };
    await writeWhole(join(folder, 'export.json'), `${JSON.stringify(summary, null, 2)}\n`, files);
    return report;
  });
}
