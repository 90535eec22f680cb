/** Vectors stored as centroids and residuals of a few bits. */
import { availableParallelism } from 'node:os';
import type { Codec } from '../codec/codec.ts';
import { TokenEncoder } from '../codec/token-encoder.ts';
import type { VectorReader, VectorStorage } from '../vector-storage.ts';
import { CompressedScorer, type ScorerSettings } from './scorer.ts';
import { CompressedReader } from './segment-reader.ts';
import { CompressedWriter } from './segment-writer.ts';

/** Choices that change the speed and nothing else, except `probes`. */
export interface ResidualStorageOptions extends Omit<ScorerSettings, 'threads'> {
  /** Threads, by default one for each processor. */
  readonly threads?: number;
}

/**
 * The storage of a codec. Readers and writers of one storage understand each other.
 *
 * @example
 * const storage = residualStorage(await readCodec('index/codec'));
 * const scorer = await storage.scorer([storage.reader('index/segments/000001', { windows, tokens })]);
 * const hits = await scorer.search(query, 32, 10, [undefined]);
 */
export function residualStorage(codec: Codec, options: ResidualStorageOptions = {}): VectorStorage {
  const { threads = availableParallelism(), ...settings } = options;
  return {
    dim: codec.dim,
    writer: (directory, files) =>
      CompressedWriter.create(
        codec,
        directory,
        () => new TokenEncoder(codec, threads, settings.plain),
        files,
      ),
    reader: (directory, sizes) => new CompressedReader(codec, directory, sizes),
    scorer: async (readers, { threads: wanted = threads } = {}) =>
      CompressedScorer.open(codec, compressed(readers), { ...settings, threads: wanted }),
  };
}

function compressed(readers: readonly VectorReader[]): CompressedReader[] {
  return readers.map((reader) => {
    if (!(reader instanceof CompressedReader)) throw new TypeError('a reader of another storage');
    return reader;
  });
}
