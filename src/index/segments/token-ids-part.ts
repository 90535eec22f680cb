/**
 * The token id of each vector, in as many bytes as the largest needs. The file is left out where no passage came with
 * ids.
 */
import { readFileSync } from 'node:fs';
import { StreamedFile } from '../streamed-file.ts';
import { damaged, SegmentFile } from './segment-file.ts';
import type { PartReader, PartWriter, SegmentPart, SegmentShape } from './segment-part.ts';

/** Bytes an id, and the file of such ids. The largest number of a width stands for an unknown id (-1). */
const WIDTHS = [2, 3, 4] as const;
const fileOf = (width: number) => `tokens.u${8 * width}`;
const unknownOf = (width: number) => 2 ** (8 * width) - 1;

/** The token ids of a segment. */
export interface TokenIdsReader extends PartReader {
  /** The ids of a passage's tokens, -1 where they are unknown. */
  ids(passage: number): Int32Array;
}

/** The part that holds token ids. */
export const tokenIdsPart: SegmentPart<TokenIdsReader> = {
  name: 'token ids',
  filePrefix: 'tokens',
  writer: async (directory, files) => new TokenIdsWriter(directory, files),
  reader: (directory, shape) => new PackedTokenIds(directory, shape),
};

class TokenIdsWriter implements PartWriter<TokenIdsReader> {
  readonly heldBytes = 0;
  private readonly directory: string;
  private readonly files: Parameters<SegmentPart['writer']>[1];
  private width = 0;
  private file: StreamedFile | undefined;
  private known = false;

  constructor(directory: string, files: Parameters<SegmentPart['writer']>[1]) {
    this.directory = directory;
    this.files = files;
  }

  add({ tokenIds, tokens }: { readonly tokenIds?: Int32Array; readonly tokens: number }): Promise<void> {
    return this.append(tokenIds ?? new Int32Array(tokens).fill(-1));
  }

  copy(from: TokenIdsReader, passage: number): Promise<void> {
    return this.append(from.ids(passage));
  }

  async finish() {
    const { file, width } = this;
    if (file === undefined) return {};
    const entry = await file.finish();
    if (this.known) return { [fileOf(width)]: entry };
    this.files.remove(this.place(width));
    return {};
  }

  async abandon(): Promise<void> {
    await this.file?.abandon();
  }

  private async append(ids: Int32Array): Promise<void> {
    let most = -1;
    for (const id of ids) if (id > most) most = id;
    this.known ||= most >= 0;
    await this.widen(WIDTHS.find((width) => most < unknownOf(width)) ?? 4);
    await this.file?.append(packed(ids, this.width));
  }

  /** Goes on in a file of wider ids, where these need it; that happens at most twice in a segment. */
  private async widen(width: number): Promise<void> {
    if (width <= this.width) return;
    const [old, oldWidth] = [this.file, this.width];
    this.file = await StreamedFile.create(this.place(width), this.files);
    this.width = width;
    if (old === undefined) return;
    await old.finish();
    await this.file.append(packed(unpacked(readFileSync(this.place(oldWidth)), oldWidth), width));
    this.files.remove(this.place(oldWidth));
  }

  private place(width: number): string {
    return `${this.directory}/${fileOf(width)}`;
  }
}

/** Little-endian unsigned numbers of `width` bytes. */
function packed(ids: Int32Array, width: number): Uint8Array {
  const bytes = new Uint8Array(ids.length * width);
  const unknown = unknownOf(width);
  for (let i = 0, at = 0; i < ids.length; i++)
    for (let rest = ids[i] < 0 ? unknown : ids[i], k = 0; k < width; k++, rest = Math.floor(rest / 256))
      bytes[at++] = rest % 256;
  return bytes;
}

function unpacked(bytes: Uint8Array, width: number): Int32Array {
  const unknown = unknownOf(width);
  const ids = new Int32Array(bytes.length / width);
  for (let i = 0; i < ids.length; i++) {
    let value = 0;
    for (let k = width - 1; k >= 0; k--) value = value * 256 + bytes[i * width + k];
    ids[i] = value === unknown ? -1 : value;
  }
  return ids;
}

class PackedTokenIds implements TokenIdsReader {
  private readonly shape: SegmentShape;
  private readonly file: SegmentFile | undefined;
  private readonly width: number;

  constructor(directory: string, shape: SegmentShape) {
    this.shape = shape;
    this.width = WIDTHS.find((width) => shape.files[fileOf(width)] !== undefined) ?? 0;
    if (this.width > 0) this.file = new SegmentFile(directory, fileOf(this.width), this.width * shape.tokens);
  }

  ids(passage: number): Int32Array {
    const offsets = this.shape.tokenOffsets();
    const [start, count] = [offsets[passage], offsets[passage + 1] - offsets[passage]];
    if (this.file === undefined) return new Int32Array(count).fill(-1);
    const ids = unpacked(this.file.read(new Uint8Array(count * this.width), start * this.width), this.width);
    // No id is as large as to become negative in 32 bits, but the one that stands for unknown.
    if (ids.some((id) => id < -1)) throw damaged(this.file.path);
    return ids;
  }

  close(): void {
    this.file?.close();
  }
}
