/**
 * Writes the words of one segment's passages. Postings are collected in memory up to a limit, then written to the disk
 * as a run; the end merges the runs, and whole segments that were appended, term by term.
 */
import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { countBits } from '../../data/bitmap.ts';
import { type Passage, passageText } from '../../data/records.ts';
import { RefractError } from '../../errors.ts';
import { PostingsBuilder } from '../../lexical/postings.ts';
import { Stage, type StageControl } from '../../stage.ts';
import { compareCodePoints } from '../../text/code-points.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { FileEntries } from '../vector-storage.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { DictionaryWriter } from './dictionary-writer.ts';
import { LEXICAL_FILES, type LexicalHeader, type LexicalSettings, termsOf } from './lexical-files.ts';
import { PostingListEncoder } from './posting-list.ts';
import type { LexicalReader } from './reader.ts';
import { SequentialFile } from './sequential-file.ts';
import { MemorySource, RunSource, SegmentSource, type TermSource } from './term-sources.ts';

/** Postings that are kept in memory, 14 bytes each, and the words that they are of. */
const POSTINGS_IN_MEMORY = 4_000_000;
/** Bytes of a run that are collected before they are written. */
const RUN_BUFFER = 1 << 20;

/** Choices for `LexicalWriter`. */
export interface LexicalWriterOptions {
  /** Postings kept in memory; what is more goes to the disk as runs. */
  readonly postingsInMemory?: number;
  readonly files?: FileSystem;
}

/** A source that is opened when the segment is written. */
type Pending = (size: number) => TermSource;

/**
 * The words of one segment, passage by passage in the segment's order.
 *
 * @example
 * const writer = new LexicalWriter(directory, { stem: 'english' });
 * for (const passage of passages) await writer.add(passage);
 * const files = await writer.finish();
 */
export class LexicalWriter {
  private readonly directory: string;
  private readonly files: FileSystem;
  private readonly settings: LexicalSettings;
  private readonly most: number;
  private readonly cut: (text: string) => string[];
  private readonly pending: Pending[] = [];
  private readonly runs: string[] = [];
  private readonly open: StreamedFile[] = [];
  private readonly descriptors: number[] = [];
  /** Number of terms of each passage, in pieces. */
  private readonly lengths: ArrayLike<number>[] = [];
  private builder = new PostingsBuilder();
  private passages = 0;
  /** First passage of the builder. */
  private base = 0;

  /** @param directory it exists */
  constructor(
    directory: string,
    settings: LexicalSettings = {},
    { postingsInMemory = POSTINGS_IN_MEMORY, files = nodeFileSystem }: LexicalWriterOptions = {},
  ) {
    this.directory = directory;
    this.files = files;
    this.settings = settings;
    this.most = postingsInMemory;
    this.cut = termsOf(settings);
  }

  /** About how much memory it holds beside the postings, which go to the disk when they are many. */
  get heldBytes(): number {
    return 4 * this.passages;
  }

  /** Adds the next passage, its title and text together. */
  async add(passage: Passage): Promise<void> {
    this.builder.add(this.cut(passageText(passage)));
    this.passages++;
    if (this.builder.size >= this.most) await this.spill();
  }

  /**
   * Adds the live passages of another segment with the same settings, in their order, as they lie. Its reader must stay
   * open until `finish`.
   *
   * @param live bit `p & 7` of byte `p >> 3` for its passage p; undefined is all
   */
  async append(from: LexicalReader, live?: Uint8Array): Promise<void> {
    if (this.passages > this.base) await this.spill();
    const base = this.passages;
    this.pending.push(() => new SegmentSource(from.parts(), base, live));
    const lengths = from.lengths();
    this.lengths.push(live === undefined ? lengths : lengths.filter((_, p) => (live[p >> 3] >> (p & 7)) & 1));
    this.passages += live === undefined ? from.passages : countBits(live);
    this.base = this.passages;
  }

  /**
   * Merges and writes, in turns, flushes to the disk, and closes.
   *
   * @throws RefractError `INTERRUPTED`; `CHECKPOINT_FORMAT` when a segment that was appended is damaged
   */
  async finish(control: StageControl = {}): Promise<FileEntries> {
    try {
      return await this.merge(control);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RefractError('CHECKPOINT_FORMAT', `the words of a segment are damaged: ${error.message}`, {
        at: this.directory,
        hint: 'Find the damaged file with `refract index verify`; copy the index again, or build it again.',
        cause: error,
      });
    }
  }

  private async merge(control: StageControl): Promise<FileEntries> {
    if (this.passages > this.base) this.keepBuilder();
    const sources = this.pending.map((make) => make(this.passages));
    const { header, terms, postings } = LEXICAL_FILES;
    const termsFile = await this.create(terms);
    const postingsFile = await this.create(postings);
    const dictionary = new DictionaryWriter(termsFile, postingsFile);
    const stage = new Stage('writing words', 0, 'terms', control);
    const list = new PostingListEncoder();
    for (let term = least(sources); term !== undefined; term = least(sources)) {
      list.clear();
      for (const source of sources) if (source.term === term) source.take(list);
      if (list.count > 0) await dictionary.add(term, list);
      if (stage.due()) await stage.turn(dictionary.terms);
    }
    const blocks = await dictionary.finish();
    const lengths: [number, number] = [postingsFile.bytes, 0];
    for (const piece of this.lengths) lengths[1] += await appendNumbers(postingsFile, piece);
    stage.end();
    const contents: LexicalHeader = {
      passages: this.passages,
      terms: dictionary.terms,
      postings: dictionary.postings,
      settings: this.settings,
      blocks,
      lengths,
    };
    const headerFile = await this.create(header);
    await headerFile.append(`${JSON.stringify(contents, null, 1)}\n`);
    const files = {
      [terms]: await termsFile.finish(),
      [postings]: await postingsFile.finish(),
      [header]: await headerFile.finish(),
    };
    await this.abandon();
    return files;
  }

  /** Closes without finishing, and removes the runs; does nothing after `finish`. */
  async abandon(): Promise<void> {
    for (const file of this.open.splice(0)) await file.abandon();
    for (const file of this.descriptors.splice(0)) closeSync(file);
    for (const run of this.runs.splice(0)) this.files.remove(run);
  }

  /** Takes what the builder has as a source in memory. */
  private keepBuilder(): void {
    const postings = this.builder.finish();
    const { base } = this;
    this.lengths.push(postings.lengths);
    this.pending.push(() => new MemorySource(postings, base));
    this.builder = new PostingsBuilder();
    this.base = this.passages;
  }

  /** Writes what the builder has as a run. */
  private async spill(): Promise<void> {
    const postings = this.builder.finish();
    const source = new MemorySource(postings, this.base);
    this.lengths.push(postings.lengths);
    this.builder = new PostingsBuilder();
    this.base = this.passages;
    const path = join(this.directory, `lexical.run-${this.runs.length}`);
    this.runs.push(path);
    const file = await StreamedFile.create(path, this.files);
    this.open.push(file);
    await writeRun(file, source);
    await file.finish();
    this.pending.push((size) => {
      const descriptor = openSync(path, 'r');
      this.descriptors.push(descriptor);
      return new RunSource(new SequentialFile(descriptor, 0, statSync(path).size), size);
    });
  }

  private async create(name: string): Promise<StreamedFile> {
    const file = await StreamedFile.create(join(this.directory, name), this.files);
    this.open.push(file);
    return file;
  }
}

/** The first term that any source has at hand. */
function least(sources: readonly TermSource[]): string | undefined {
  let first: string | undefined;
  for (const { term } of sources)
    if (term !== undefined && (first === undefined || compareCodePoints(term, first) < 0)) first = term;
  return first;
}

async function writeRun(file: StreamedFile, source: TermSource): Promise<void> {
  const encoder = new TextEncoder();
  const buffer = new ByteBuffer();
  const list = new PostingListEncoder();
  for (let { term } = source; term !== undefined; { term } = source) {
    const bytes = encoder.encode(term);
    list.clear();
    source.take(list);
    buffer.varint(bytes.length);
    buffer.append(bytes);
    buffer.varint(list.count);
    buffer.varint(list.view().length);
    buffer.append(list.view());
    if (buffer.length < RUN_BUFFER) continue;
    await file.append(buffer.view());
    buffer.clear();
  }
  await file.append(buffer.view());
}

/** Appends numbers of variable length; the bytes that they take. */
async function appendNumbers(file: StreamedFile, numbers: ArrayLike<number>): Promise<number> {
  const buffer = new ByteBuffer();
  for (let i = 0; i < numbers.length; i++) buffer.varint(numbers[i]);
  await file.append(buffer.view());
  return buffer.length;
}
