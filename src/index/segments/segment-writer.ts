/** Writing a segment: its vectors and its parts, passage by passage. */
import type { StageControl } from '../../stage.ts';
import { type EncodedPassage, windowsOf } from '../encoded-passage.ts';
import type { FileSystem } from '../file-system.ts';
import type { FileEntries, VectorStorage, VectorWriter } from '../vector-storage.ts';
import type { SegmentEntry } from './segment-entry.ts';
import type { PartReader, PartWriter, SegmentContext, SegmentPart } from './segment-part.ts';
import type { SegmentReader } from './segment-reader.ts';
import { windowsPart } from './windows-part.ts';

interface OpenPart {
  readonly part: SegmentPart;
  readonly writer: PartWriter<PartReader>;
}

/** A segment that is being written. */
export class SegmentWriter {
  readonly name: string;
  private readonly directory: string;
  private readonly storage: VectorStorage;
  private readonly files: FileSystem;
  private readonly vectors: VectorWriter;
  private readonly parts: readonly OpenPart[];
  passages = 0;
  windows = 0;
  tokens = 0;

  private constructor(
    { directory, name, storage, files }: SegmentPlace,
    vectors: VectorWriter,
    parts: readonly OpenPart[],
  ) {
    this.directory = directory;
    this.name = name;
    this.storage = storage;
    this.files = files;
    this.vectors = vectors;
    this.parts = parts;
  }

  /** Makes the folder `name` in `directory`, which must not exist. */
  static async create(place: SegmentPlace, kinds: readonly SegmentPart[]): Promise<SegmentWriter> {
    const { directory, name, storage, files } = place;
    const folder = `${directory}/${name}`;
    files.makeDirectory(folder);
    const vectors = await storage.writer(folder, files);
    const parts: OpenPart[] = [];
    try {
      for (const part of kinds) parts.push({ part, writer: await part.writer(folder, files, place.context) });
    } catch (error) {
      for (const { writer } of [...parts, { writer: vectors }]) await writer.abandon().catch(() => {});
      files.remove(folder);
      throw error;
    }
    return new SegmentWriter(place, vectors, parts);
  }

  /** About how much memory its vectors and parts hold. */
  get heldBytes(): number {
    return this.parts.reduce((sum, { writer }) => sum + writer.heldBytes, this.vectors.heldBytes);
  }

  async add(passage: EncodedPassage): Promise<void> {
    for (const { writer } of this.parts) await writer.add(passage);
    const windows = windowsOf(passage);
    const dim = passage.vectors.length / passage.tokens;
    let start = 0;
    for (const tokens of windows) {
      await this.vectors.add(passage.vectors.subarray(start * dim, (start + tokens) * dim), tokens);
      start += tokens;
    }
    this.count(windows.length, passage.tokens);
  }

  /**
   * Takes over a passage of another segment, which stays open until `finish`: its vectors as they lie where the storage is
   * the same, and what it has not from the passage itself.
   */
  async copy(from: SegmentReader, passage: number): Promise<void> {
    const map = from.part(windowsPart);
    const [first, end] = [map.first(passage), map.first(passage + 1)];
    let tokens = 0;
    for (let window = first; window < end; window++) {
      const count = from.vectors.tokenCount(window);
      if (from.storage === this.storage) await this.vectors.copy(from.vectors, window);
      else await this.vectors.add(from.vectors.vectors(window), count);
      tokens += count;
    }
    for (const { part, writer } of this.parts) {
      if (from.has(part)) await writer.copy(from.part(part), passage);
      else await writer.add({ passage: from.passage(passage), tokens });
    }
    this.count(end - first, tokens);
  }

  /** Closes the segment with all on the disk; what the manifest says of it. */
  async finish(control?: StageControl): Promise<SegmentEntry> {
    const { files: vectorFiles, fit } = await this.vectors.finish();
    let files: FileEntries = vectorFiles;
    for (const { writer } of this.parts) files = { ...files, ...(await writer.finish(control)) };
    this.files.syncDirectory(`${this.directory}/${this.name}`);
    const { name, passages, windows, tokens } = this;
    return { name, passages, windows, tokens, ...(fit && { fit }), files };
  }

  /** Closes and removes it. Does nothing after `finish`, but to remove. */
  async abandon(): Promise<void> {
    for (const { writer } of [...this.parts, { writer: this.vectors }])
      await writer.abandon().catch(() => {});
    this.files.remove(`${this.directory}/${this.name}`);
  }

  private count(windows: number, tokens: number): void {
    this.passages++;
    this.windows += windows;
    this.tokens += tokens;
  }
}

/** Where a segment is written, and in what. */
export interface SegmentPlace {
  readonly directory: string;
  readonly name: string;
  readonly storage: VectorStorage;
  readonly files: FileSystem;
  readonly context: SegmentContext;
}
