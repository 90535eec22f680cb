/** Compressed vectors with the vectors as they came beside them, in the files of both storages. */
import type { CodeBits } from '../codec/codec.ts';
import type { FileSystem } from '../file-system.ts';
import type { PlainReader } from '../plain/plain-reader.ts';
import type { PlainStorage } from '../plain/plain-storage.ts';
import { StoredWindows } from '../plain/stored-windows.ts';
import { damaged } from '../segments/segment-file.ts';
import type { ScorerOptions, VectorReader, VectorStorage, VectorWriter } from '../vector-storage.ts';
import { RefinedScorer } from './refined-scorer.ts';

/** A window in both forms. */
class RefinedReader implements VectorReader {
  readonly coded: VectorReader;
  readonly numbers: PlainReader;

  constructor(coded: VectorReader, numbers: PlainReader) {
    this.coded = coded;
    this.numbers = numbers;
  }

  get windows(): number {
    return this.numbers.windows;
  }

  get tokens(): number {
    return this.numbers.tokens;
  }

  tokenCount(window: number): number {
    return this.numbers.tokenCount(window);
  }

  vectors(window: number): Float32Array {
    return this.numbers.vectors(window);
  }

  close(): void {
    this.coded.close();
    this.numbers.close();
  }
}

/**
 * The storage that finds by compressed vectors and ranks by the vectors as they came, which it keeps on the disk.
 *
 * @example new RefinedStorage(residualStorage(codec), new PlainStorage(codec.dim, 'float16'), codec.bits)
 */
export class RefinedStorage implements VectorStorage {
  readonly dim: number;
  private readonly coded: VectorStorage;
  private readonly numbers: PlainStorage;
  private readonly bits: CodeBits;

  /** @param bits of a dimension of the compressed vectors */
  constructor(coded: VectorStorage, numbers: PlainStorage, bits: CodeBits) {
    this.dim = numbers.dim;
    this.coded = coded;
    this.numbers = numbers;
    this.bits = bits;
  }

  async writer(directory: string, files?: FileSystem): Promise<VectorWriter> {
    const coded = await this.coded.writer(directory, files);
    const numbers = await this.numbers.writer(directory, files).catch(async (error: unknown) => {
      await coded.abandon();
      throw error;
    });
    return {
      get heldBytes() {
        return coded.heldBytes + numbers.heldBytes;
      },
      async add(vectors, tokens) {
        await coded.add(vectors, tokens);
        await numbers.add(vectors, tokens);
      },
      async copy(from, window) {
        const both = refined(from);
        await coded.copy(both.coded, window);
        await numbers.copy(both.numbers, window);
      },
      async finish() {
        const { files: codedFiles, fit } = await coded.finish();
        const { files: numberFiles } = await numbers.finish();
        return { files: { ...codedFiles, ...numberFiles }, ...(fit && { fit }) };
      },
      async abandon() {
        await coded.abandon();
        await numbers.abandon();
      },
    };
  }

  reader(directory: string, sizes: { readonly windows: number; readonly tokens: number }): VectorReader {
    const coded = this.coded.reader(directory, sizes);
    let numbers: PlainReader | undefined;
    try {
      numbers = this.numbers.reader(directory, sizes);
      for (let window = 0; window < sizes.windows; window++)
        if (coded.tokenCount(window) !== numbers.tokenCount(window))
          throw damaged(directory, `the two forms of window ${window} have different numbers of tokens`);
      return new RefinedReader(coded, numbers);
    } catch (error) {
      numbers?.close();
      coded.close();
      throw error;
    }
  }

  async scorer(readers: readonly VectorReader[], options?: ScorerOptions): Promise<RefinedScorer> {
    const both = readers.map(refined);
    const coded = await this.coded.scorer(
      both.map((reader) => reader.coded),
      options,
    );
    const numbers = new StoredWindows(
      both.map((reader) => reader.numbers),
      this.dim,
    );
    return new RefinedScorer(coded, numbers, this.bits);
  }
}

function refined(reader: VectorReader): RefinedReader {
  if (!(reader instanceof RefinedReader)) throw new TypeError('a reader of another storage');
  return reader;
}
