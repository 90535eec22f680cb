/** Vectors stored as centroids and residuals of a few bits. */
import { availableParallelism } from 'node:os';
import { RefractError } from '../../errors.ts';
import type { Codec } from '../codec/codec.ts';
import { TokenEncoder } from '../codec/token-encoder.ts';
import type { VectorReader, VectorStorage } from '../vector-storage.ts';
import { CompressedScorer, type ScorerSettings } from './scorer.ts';
import { BLOCK_TOKENS } from './search-work.ts';
import { CompressedReader } from './segment-reader.ts';
import { CompressedWriter } from './segment-writer.ts';

/** Choices that change the speed and nothing else, except `probes`. */
export interface ResidualStorageOptions extends Omit<ScorerSettings, 'threads' | 'live'> {
  /** Threads; by default one for each processor, and for a search no more than there is work for. */
  readonly threads?: number;
}

/**
 * The storage of a codec. Readers and writers of one storage understand each other.
 *
 * @throws RefractError `SETTING_INVALID` threads that are no whole number of at least 1; of `scorer`, too
 * @example
 * const storage = residualStorage(await readCodec('index/codec'));
 * const scorer = await storage.scorer([storage.reader('index/segments/000001', { windows, tokens })]);
 * const hits = await scorer.search(query, 32, 10, [undefined]);
 */
export function residualStorage(codec: Codec, options: ResidualStorageOptions = {}): VectorStorage {
  const { threads: given, ...settings } = options;
  const threads = given ?? availableParallelism();
  checkThreads(threads);
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
    async scorer(readers, { threads: wanted = given, live } = {}) {
      if (wanted !== undefined) checkThreads(wanted);
      const tokens = readers.reduce((sum, reader) => sum + reader.tokens, 0);
      const usual = Math.min(threads, mostThreads(codec, tokens));
      return new CompressedScorer(codec, compressed(readers), {
        ...settings,
        threads: wanted ?? usual,
        live,
      });
    },
  };
}

/** Multiply-adds of a query for which a thread is worth its start: 1 to 2 ms of them. */
const WORK_PER_THREAD = 2 ** 25;

/** The most threads that a query has work for: it is multiplied with all centroids and at most all tokens. */
export function mostThreads({ size, paddedDim }: Codec, tokens: number): number {
  return Math.ceil(((size + tokens) * paddedDim * BLOCK_TOKENS) / WORK_PER_THREAD);
}

function checkThreads(threads: number): void {
  if (Number.isSafeInteger(threads) && threads >= 1) return;
  throw new RefractError('SETTING_INVALID', `${threads} threads`, {
    hint: 'Give a whole number of at least 1, or none for one for each processor.',
  });
}

function compressed(readers: readonly VectorReader[]): CompressedReader[] {
  return readers.map((reader) => {
    if (!(reader instanceof CompressedReader)) throw new TypeError('a reader of another storage');
    return reader;
  });
}
