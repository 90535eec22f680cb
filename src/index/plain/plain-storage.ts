/**
 * Vectors stored as they are, in half or single precision, and searched exactly: every window is scored for every query.
 *
 * Files: `vectors.f16` or `vectors.f32`, row-major [tokens, dim], window after window; `vectors.lengths`, a uint32 a
 * window, its number of tokens.
 */
import { encodeFloat16 } from '../../data/half.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { VectorReader, VectorStorage, VectorWriter } from '../vector-storage.ts';
import { LENGTHS, type PlainPrecision, PlainReader, vectorFile } from './plain-reader.ts';
import { PlainScorer } from './plain-scorer.ts';

/** The storage of numbers as they are. */
export class PlainStorage implements VectorStorage {
  readonly dim: number;
  readonly precision: PlainPrecision;
  private readonly shardBytes: number | undefined;

  /** @param shardBytes the most bytes of vectors that one WebAssembly memory takes */
  constructor(dim: number, precision: PlainPrecision, shardBytes?: number) {
    this.dim = dim;
    this.precision = precision;
    this.shardBytes = shardBytes;
  }

  async writer(directory: string, files: FileSystem = nodeFileSystem): Promise<VectorWriter> {
    const { precision } = this;
    const name = vectorFile(precision);
    const vectorsOut = await StreamedFile.create(`${directory}/${name}`, files);
    const lengths: number[] = [];
    let lengthsOut: StreamedFile | undefined;
    return {
      get heldBytes() {
        return 12 * lengths.length;
      },
      async add(vectors, tokens) {
        lengths.push(tokens);
        await vectorsOut.append(precision === 'float16' ? encodeFloat16(vectors) : vectors);
      },
      async copy(from, window) {
        lengths.push(from.tokenCount(window));
        await vectorsOut.append((from as PlainReader).stored(window));
      },
      async finish() {
        lengthsOut = await StreamedFile.create(`${directory}/${LENGTHS}`, files);
        await lengthsOut.append(Uint32Array.from(lengths));
        return { files: { [name]: await vectorsOut.finish(), [LENGTHS]: await lengthsOut.finish() } };
      },
      async abandon() {
        await vectorsOut.abandon();
        await lengthsOut?.abandon();
      },
    };
  }

  reader(directory: string, sizes: { readonly windows: number; readonly tokens: number }): PlainReader {
    return new PlainReader(directory, this, sizes);
  }

  async scorer(readers: readonly VectorReader[]): Promise<PlainScorer> {
    return new PlainScorer(readers as readonly PlainReader[], this.dim, this.shardBytes);
  }
}
