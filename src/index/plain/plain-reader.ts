/** Reading the vectors of a segment that are stored as they are. */
import { decodeFloat16 } from '../../data/half.ts';
import { damaged, SegmentFile } from '../segments/segment-file.ts';
import type { VectorReader } from '../vector-storage.ts';

/** How a stored number is written: half precision (half the size) or as it came. */
export type PlainPrecision = 'float16' | 'float32';

/** Vectors that are read from the disk at a time. */
const CHUNK_TOKENS = 16384;

/** File of the windows' numbers of tokens. */
export const LENGTHS = 'vectors.lengths';
/** File of the vectors. */
export const vectorFile = (precision: PlainPrecision) =>
  precision === 'float16' ? 'vectors.f16' : 'vectors.f32';

/** The open vectors of a segment. */
export class PlainReader implements VectorReader {
  readonly windows: number;
  readonly tokens: number;
  /** Where the tokens of each window begin, and their number at the end. */
  readonly offsets: Float64Array;
  private readonly dim: number;
  private readonly bytesPerNumber: number;
  private readonly file: SegmentFile;

  constructor(
    directory: string,
    { dim, precision }: { readonly dim: number; readonly precision: PlainPrecision },
    { windows, tokens }: { readonly windows: number; readonly tokens: number },
  ) {
    this.windows = windows;
    this.tokens = tokens;
    this.dim = dim;
    this.bytesPerNumber = precision === 'float16' ? 2 : 4;
    const lengths = new SegmentFile(directory, LENGTHS, 4 * windows);
    this.offsets = new Float64Array(windows + 1);
    let positive = true;
    try {
      new Uint32Array(lengths.all().buffer).forEach((length, window) => {
        this.offsets[window + 1] = this.offsets[window] + length;
        positive &&= length > 0;
      });
    } finally {
      lengths.close();
    }
    if (!positive || this.offsets[windows] !== tokens) throw damaged(lengths.path);
    this.file = new SegmentFile(directory, vectorFile(precision), this.bytesPerNumber * dim * tokens);
  }

  tokenCount(window: number): number {
    return this.offsets[window + 1] - this.offsets[window];
  }

  vectors(window: number): Float32Array {
    const rows = new Float32Array(this.tokenCount(window) * this.dim);
    this.readInto(rows, this.dim, this.offsets[window], this.tokenCount(window));
    return rows;
  }

  /** The bytes of a window as they lie on the disk. */
  stored(window: number): Uint8Array {
    const row = this.bytesPerNumber * this.dim;
    return this.file.read(new Uint8Array(this.tokenCount(window) * row), this.offsets[window] * row);
  }

  /** Reads `tokens` vectors from token `first` on into `rows`, one every `width` floats. */
  readInto(rows: Float32Array, width: number, first: number, tokens: number): void {
    const { dim, bytesPerNumber } = this;
    for (let done = 0; done < tokens; done += CHUNK_TOKENS) {
      const count = Math.min(CHUNK_TOKENS, tokens - done);
      let values = new Float32Array(count * dim);
      const position = bytesPerNumber * dim * (first + done);
      if (bytesPerNumber === 2) decodeFloat16(this.file.read(new Uint16Array(count * dim), position), values);
      else this.file.read(values, position);
      if (width !== dim) values = spread(values, dim, width);
      rows.set(values, done * width);
    }
  }

  close(): void {
    this.file.close();
  }
}

/** Rows of `dim` floats moved `width` floats apart, zeros between. */
function spread(values: Float32Array, dim: number, width: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array((values.length / dim) * width);
  for (let start = 0, to = 0; start < values.length; start += dim, to += width)
    rows.set(values.subarray(start, start + dim), to);
  return rows;
}
