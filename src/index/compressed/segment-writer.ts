/** Writing the compressed vectors of one segment. */
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';
import type { Codec } from '../codec/codec.ts';
import { BATCH_TOKENS, type TokenEncoder } from '../codec/token-encoder.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { CentroidFit, FileEntries, VectorReader, VectorWriter } from '../vector-storage.ts';
import { encodeLists } from './inverted-lists.ts';
import { COMPRESSED_FILES, MAX_WINDOW_TOKENS } from './segment-files.ts';
import { CompressedReader } from './segment-reader.ts';

/** Encodes windows in batches; of each, the codes stay in memory until `finish`, 2 bytes a token. */
export class CompressedWriter implements VectorWriter {
  private readonly codec: Codec;
  private readonly files: Readonly<Record<'codes' | 'residuals', StreamedFile>>;
  private readonly directory: string;
  private readonly disk: FileSystem;
  private readonly makeEncoder: () => TokenEncoder;
  private encoder: TokenEncoder | undefined;
  /** Vectors that wait in the encoder, and the tokens of windows that end among them or later. */
  private waiting = 0;
  private readonly unfinished: { tokens: number; codes: Uint16Array[]; records: Uint8Array[] }[] = [];
  private readonly codes: Uint16Array[] = [];
  private readonly counts: number[] = [];
  private tokens = 0;

  private constructor(
    codec: Codec,
    directory: string,
    disk: FileSystem,
    files: CompressedWriter['files'],
    makeEncoder: () => TokenEncoder,
  ) {
    this.codec = codec;
    this.directory = directory;
    this.disk = disk;
    this.files = files;
    this.makeEncoder = makeEncoder;
  }

  static async create(
    codec: Codec,
    directory: string,
    makeEncoder: () => TokenEncoder,
    disk: FileSystem = nodeFileSystem,
  ): Promise<CompressedWriter> {
    const codes = await StreamedFile.create(join(directory, COMPRESSED_FILES.codes), disk);
    try {
      const residuals = await StreamedFile.create(join(directory, COMPRESSED_FILES.residuals), disk);
      return new CompressedWriter(codec, directory, disk, { codes, residuals }, makeEncoder);
    } catch (error) {
      await codes.abandon();
      throw error;
    }
  }

  /** Codes stay until `finish`, which makes lists of them: about 10 bytes a token. */
  get heldBytes(): number {
    return 10 * this.tokens;
  }

  async add(vectors: Float32Array, tokens: number): Promise<void> {
    const { dim } = this.codec;
    this.check(vectors, tokens);
    this.encoder ??= this.makeEncoder();
    this.unfinished.push({ tokens, codes: [], records: [] });
    for (let done = 0; done < tokens; ) {
      const count = Math.min(tokens - done, BATCH_TOKENS - this.waiting);
      this.encoder.vectors.set(vectors.subarray(done * dim, (done + count) * dim), this.waiting * dim);
      this.waiting += count;
      done += count;
      if (this.waiting === BATCH_TOKENS) await this.encode();
    }
  }

  async copy(from: VectorReader, window: number): Promise<void> {
    if (!(from instanceof CompressedReader) || from.codec !== this.codec) {
      throw new RefractError('SETTING_INVALID', 'the segment was compressed by another codec', {
        hint: 'Give its decoded vectors to `add`.',
      });
    }
    await this.encode();
    const { codes, record } = from.stored(window);
    await this.write(codes, record);
  }

  async finish(): Promise<{ readonly files: FileEntries; readonly fit?: CentroidFit }> {
    await this.encode();
    const { codes, residuals, counts, lists } = COMPRESSED_FILES;
    const files: Record<string, { bytes: number; sha256: string }> = {
      [codes]: await this.files.codes.finish(),
      [residuals]: await this.files.residuals.finish(),
    };
    const small = async (name: string, pieces: Iterable<Uint8Array | Uint16Array>) => {
      const file = await StreamedFile.create(join(this.directory, name), this.disk);
      try {
        for (const piece of pieces) await file.append(piece);
        files[name] = await file.finish();
      } finally {
        await file.abandon();
      }
    };
    await small(counts, [Uint16Array.from(this.counts)]);
    await small(lists, encodeLists(this.codes, this.codec.size));
    const fit = this.encoder?.fit;
    await this.encoder?.close();
    this.encoder = undefined;
    if (!fit || fit.tokens === 0) return { files };
    const { tokens, squares, errors } = fit;
    return { files, fit: { tokens, residual: squares / tokens, error: errors / tokens } };
  }

  async abandon(): Promise<void> {
    for (const file of Object.values(this.files)) await file.abandon();
    await this.encoder?.close();
    this.encoder = undefined;
  }

  private check(vectors: Float32Array, tokens: number): void {
    const where = `window ${this.counts.length + this.unfinished.length + 1} of the segment`;
    if (!(tokens >= 1 && tokens <= MAX_WINDOW_TOKENS) || vectors.length !== tokens * this.codec.dim) {
      throw new RefractError(
        'GRAPH_SHAPE',
        `${where} has ${vectors.length} numbers for ${tokens} tokens of ${this.codec.dim}`,
        {
          at: this.directory,
          hint: `Give 1 to ${MAX_WINDOW_TOKENS} tokens and tokens * dim numbers, row-major.`,
        },
      );
    }
    let sum = 0;
    for (const value of vectors) sum += Math.abs(value);
    if (!(sum <= Number.MAX_VALUE)) {
      throw new RefractError('SETTING_INVALID', `${where} has a vector with a number that is not finite`, {
        at: this.directory,
        hint: 'The encoder is damaged; check its weights.',
      });
    }
  }

  /** Encodes what waits, and writes the windows that are whole. */
  private async encode(): Promise<void> {
    const { encoder, waiting, unfinished } = this;
    if (!encoder || waiting === 0) return;
    await encoder.encode(waiting);
    this.waiting = 0;
    const { packedBytes } = this.codec;
    let done = 0;
    while (done < waiting) {
      const window = unfinished[0];
      const before = window.codes.reduce((sum, { length }) => sum + length, 0);
      const count = Math.min(window.tokens - before, waiting - done);
      window.codes.push(encoder.codes.slice(done, done + count));
      window.records.push(
        encoder.scales.slice(done, done + count),
        encoder.packed.slice(done * packedBytes, (done + count) * packedBytes),
      );
      done += count;
      if (before + count < window.tokens) break;
      unfinished.shift();
      await this.write(...joined(window));
    }
  }

  private async write(codes: Uint16Array, record: Uint8Array): Promise<void> {
    this.codes.push(codes);
    this.counts.push(codes.length);
    this.tokens += codes.length;
    await this.files.codes.append(codes);
    await this.files.residuals.append(record);
  }
}

/** A window's codes, and its record: all scale bytes, then all levels. Its parts came from one or more batches. */
function joined({
  tokens,
  codes,
  records,
}: {
  readonly tokens: number;
  readonly codes: readonly Uint16Array[];
  readonly records: readonly Uint8Array[];
}): [Uint16Array, Uint8Array] {
  const all = new Uint16Array(tokens);
  const record = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let [token, level] = [0, tokens];
  codes.forEach((part, i) => {
    all.set(part, token);
    record.set(records[2 * i], token);
    record.set(records[2 * i + 1], level);
    token += part.length;
    level += records[2 * i + 1].length;
  });
  return [all, record];
}
