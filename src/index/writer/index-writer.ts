/** Changing an index while others search it: passages are added, replaced and deleted, and commits make it seen. */
import { join } from 'node:path';
import { asWriteError } from '../../data/atomic.ts';
import type { StageControl } from '../../stage.ts';
import type { EncodedPassage } from '../encoded-passage.ts';
import { FieldSchema } from '../fields/schema.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import {
  INDEX_FILES,
  type IndexManifest,
  manifestText,
  nextManifest,
  readManifest,
  replaceManifest,
} from '../manifest.ts';
import { segmentName } from '../segments/segment-entry.ts';
import type { SegmentSource } from '../segments/segment-reader.ts';
import { storageOf } from '../storages.ts';
import { addTexts, type TextsReport } from '../texts-report.ts';
import { writeBatch } from './added-batch.ts';
import { manifestOrNothing } from './build-place.ts';
import { checkIntact } from './intact.ts';
import { removeLeftovers, removeUnnamed } from './leftovers.ts';
import { heldBytes } from './memory.ts';
import { copyLive, mergedFit } from './merge-copy.ts';
import { type MergeRun, nextMerge, nextWholeMerge } from './merge-policy.ts';
import { OpenSegments } from './open-segments.ts';
import { OperationQueue } from './operation-queue.ts';
import { PassageMarks } from './passage-marks.ts';
import { notThere } from './refused-ids.ts';
import { SegmentSequence } from './segment-sequence.ts';
import type { WritableSegment } from './writable-segment.ts';
import { lockForWriting, type WriterLock } from './writer-lock.ts';
import type { AddOptions, AddReport, IndexWriterOptions, MergeOptions } from './writer-options.ts';

export type { AddOptions, AddReport, IndexWriterOptions, MergeOptions } from './writer-options.ts';

const WRITE_HINT =
  'Free some space, or mend the rights of the folder. Nothing of what failed is in the index.';

/**
 * The one writer of an index. What it does is seen by readers at `commit`, all at once; without it, it is gone. What is
 * asked of it after `close` is refused with `SETTING_INVALID`.
 *
 * @example
 * const writer = await IndexWriter.open('index');
 * await writer.add(encoded, { replace: true });
 * await writer.delete(['p17']);
 * await writer.commit();
 * await writer.close();
 */
export class IndexWriter {
  readonly path: string;
  private current: IndexManifest;
  private readonly lock: WriterLock;
  private readonly files: FileSystem;
  private readonly source: SegmentSource;
  private readonly heldBytes: number;
  private readonly segments: OpenSegments;
  private nextSegment: number;
  private texts: TextsReport;
  /** Fields of what is in the segments, committed or not. */
  private schema: FieldSchema;
  private dirty = false;
  private readonly operations: OperationQueue;
  /** The one merge at a time, which never rejects. */
  private merging: Promise<void> | undefined;
  /** Whether the last manifest is in its place, but perhaps not on the disk: the one before may come back. */
  private unsure = false;

  private constructor(path: string, lock: WriterLock, options: IndexWriterOptions) {
    this.path = path;
    this.operations = new OperationQueue(path, (error) => this.asError(error));
    this.lock = lock;
    this.files = options.files ?? nodeFileSystem;
    this.heldBytes = heldBytes(options.memoryBytes);
    this.current = readManifest(path);
    removeLeftovers(path, this.current, this.files);
    this.source = {
      directory: join(path, INDEX_FILES.segments),
      storage: storageOf(path, this.current, options),
    };
    this.schema = new FieldSchema(this.current.fields);
    this.segments = new OpenSegments(this.source, this.current.segments);
    this.nextSegment = this.current.nextSegment;
    this.texts = this.current.texts;
  }

  /**
   * Opens the index at `path` for changing.
   *
   * @throws RefractError `INDEX_LOCKED` another process changes it; `DISK_FULL` the folder cannot be written; and what
   * `openIndex` throws
   */
  static async open(path: string, options: IndexWriterOptions = {}): Promise<IndexWriter> {
    readManifest(path);
    const { files = nodeFileSystem, notice } = options;
    try {
      const lock = await lockForWriting(path, files, notice);
      try {
        return new IndexWriter(path, lock, options);
      } catch (error) {
        lock.release();
        throw error;
      }
    } catch (error) {
      throw asWriteError(error, path, WRITE_HINT);
    }
  }

  /** The manifest of the last commit. */
  get manifest(): IndexManifest {
    return this.current;
  }

  /** Whether the index has a passage with an id, after what was done since the last commit. */
  has(id: string): boolean {
    return this.segments.find(id) !== undefined;
  }

  /**
   * Adds passages, all of them or, when one is refused, none.
   *
   * @throws RefractError `DUPLICATE_ID` an id twice among them, or (without `replace`) in the index; `PASSAGE_EMPTY`;
   * `GRAPH_SHAPE`, `SETTING_INVALID` vectors that cannot be stored; `FIELD_TYPE`; `DISK_FULL`; and what `passages` throws
   */
  add(
    passages: AsyncIterable<EncodedPassage> | Iterable<EncodedPassage>,
    { replace = false }: AddOptions = {},
  ): Promise<AddReport> {
    return this.operations.take(async () => {
      // Fields of a batch that is refused do not stay.
      const schema = new FieldSchema(this.schema.toJSON());
      const { source, segments } = this;
      const sequence = this.sequence(schema);
      const { dim, precision } = this.current;
      const place = { at: this.path, dim, precision, source, segments, sequence, replace };
      const { opened, added, replaced } = await writeBatch(passages, place);
      replaced.delete();
      segments.append(opened);
      this.schema = schema;
      this.dirty ||= added > 0;
      return { added, replaced: replaced.count };
    });
  }

  /**
   * Deletes passages by their ids, all of them or, when an id is refused, none.
   *
   * @param options.missing `ignore` passes over ids that the index does not have
   * @returns how many there were, and how many were not there
   * @throws RefractError `UNKNOWN_ID`
   */
  delete(
    ids: Iterable<string>,
    { missing = 'refuse' }: { readonly missing?: 'refuse' | 'ignore' } = {},
  ): Promise<{ readonly deleted: number; readonly missing: number }> {
    return this.operations.take(async () => {
      const unknown: string[] = [];
      const found = new PassageMarks();
      for (const id of new Set(ids)) {
        const place = this.segments.find(id);
        if (place === undefined) unknown.push(id);
        else found.mark(place.segment, place.passage);
      }
      if (unknown.length > 0 && missing === 'refuse') throw notThere(unknown, this.path);
      found.delete();
      this.dirty ||= found.count > 0;
      return { deleted: found.count, missing: unknown.length };
    });
  }

  /** Adds to what the manifest says of long and empty passages. */
  note(texts: TextsReport): void {
    this.texts = addTexts(this.texts, texts);
  }

  /**
   * Makes everything since the last commit visible, then merges in the background where it pays.
   *
   * @param options.merge `false` leaves the segments as they are
   * @returns the manifest; the old one when nothing changed
   * @throws RefractError `DISK_FULL`; what is in the index is then still the last commit, and `commit` may be tried again;
   * `COMMIT_UNSURE` it is made, and may be gone after a power cut
   */
  async commit({ merge = true }: { readonly merge?: boolean } = {}): Promise<IndexManifest> {
    const manifest = await this.operations.take(() => this.write());
    // Merging only tidies: what fails here is tried at the next commit, and told by `merge`.
    if (
      merge &&
      !this.operations.closed &&
      this.merging === undefined &&
      nextMerge(this.candidates()) !== undefined
    )
      this.alone(() => this.mergeNow()).catch(() => {});
    return manifest;
  }

  /**
   * Merges segments until they are few and hold little that is deleted; adding and deleting may go on meanwhile. What
   * was done since the last commit, and then the merging too, is seen at the next.
   *
   * @returns the manifest of its last commit
   */
  async merge(options: MergeOptions = {}): Promise<IndexManifest> {
    this.operations.checkOpen();
    while (this.merging !== undefined) await this.merging;
    return this.alone(() => this.mergeNow(options));
  }

  /** Runs a merge as the one that there is. */
  private alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = work();
    const ended = () => {
      this.merging = undefined;
    };
    this.merging = result.then(ended, ended);
    return result;
  }

  private async mergeNow({ all = false, control }: MergeOptions = {}): Promise<IndexManifest> {
    if (all) {
      // From front to back, so that what is deleted meanwhile does not bring the same run again.
      let run = nextWholeMerge(this.candidates());
      for (; run !== undefined; run = nextWholeMerge(this.candidates(), run.start + 1))
        await this.mergeRun(run, control);
      return this.current;
    }
    for (let run = nextMerge(this.candidates()); run !== undefined; run = nextMerge(this.candidates())) {
      if (this.operations.closed) break;
      const before = this.segments.count;
      await this.mergeRun(run, control);
      // Memory may forbid larger segments.
      if (this.segments.count >= before && run.end - run.start > 1) break;
    }
    return this.current;
  }

  /**
   * Waits for a merge in the background, gives up what was not committed, and lets go of the index.
   *
   * @throws RefractError `DISK_FULL` when what it left cannot be removed; the next writer does
   */
  async close(): Promise<void> {
    if (this.operations.closed) return;
    this.operations.closed = true;
    try {
      await this.finish().finally(() => this.lock.release());
    } catch (error) {
      throw this.asError(error);
    }
  }

  private async finish(): Promise<void> {
    await this.operations.settled();
    while (this.merging !== undefined) await this.merging;
    await this.operations.settled();
    this.segments.close();
    // What the disk says: a commit may have failed when its manifest was already in its place.
    const manifest = this.unsure ? undefined : manifestOrNothing(this.path);
    if (manifest !== undefined) removeLeftovers(this.path, manifest, this.files);
  }

  private async mergeRun(run: MergeRun, control?: StageControl): Promise<void> {
    const sources = this.segments.hold(run);
    let replaced = false;
    const sequence = this.sequence(this.schema, control?.signal);
    try {
      await checkIntact(
        this.source.directory,
        sources.map(({ entry }) => entry),
      );
      const merged = await copyLive(sources, sequence, control);
      await this.operations.run(async () => {
        const fit = mergedFit(sources.map(({ entry }) => entry));
        const made = this.segments.open(sequence.entries.map((entry) => ({ ...entry, ...(fit && { fit }) })));
        merged.carryDeletions(made);
        this.segments.replace(sources, made);
        replaced = true;
        // What was done since the last commit stays unseen until the next.
        const uncommitted = this.dirty || this.texts !== this.current.texts;
        this.dirty = true;
        if (!uncommitted) await this.write();
      });
    } catch (error) {
      if (!replaced) await sequence.abandon(true);
      throw this.asError(error);
    } finally {
      this.segments.letGo(sources);
    }
  }

  /** Commits; within an operation that excludes others. */
  private async write(): Promise<IndexManifest> {
    if (!this.dirty && this.texts === this.current.texts) return this.current;
    const generation = this.current.generation + 1;
    const kept = this.segments.kept();
    for (const segment of kept) await segment.writeDeleted(generation, this.files);
    this.files.syncDirectory(this.source.directory);
    const manifest = nextManifest(this.current, {
      texts: this.texts,
      fields: this.schema.toJSON(),
      nextSegment: this.nextSegment,
      segments: kept.map(({ entry }) => entry),
    });
    const before = this.current;
    try {
      await replaceManifest(this.path, manifest, this.files);
    } catch (error) {
      // Readers see it where it lies in its place, though it may not be on the disk for good: nothing old is removed.
      const there = manifestOrNothing(this.path);
      if (there !== undefined && manifestText(there) === manifestText(manifest)) {
        this.unsure = true;
        this.committed(manifest, kept);
      }
      throw error;
    }
    this.unsure = false;
    this.committed(manifest, kept);
    removeUnnamed(this.path, before, manifest, this.files);
    return manifest;
  }

  private committed(manifest: IndexManifest, kept: WritableSegment[]): void {
    this.current = manifest;
    this.dirty = false;
    this.segments.committed(kept);
  }

  private sequence(schema: FieldSchema, signal?: AbortSignal): SegmentSequence {
    return new SegmentSequence({
      ...this.source,
      files: this.files,
      signal,
      heldBytes: this.heldBytes,
      context: { schema, words: this.current.words },
      nextName: () => segmentName(this.nextSegment++),
    });
  }

  private candidates() {
    return this.segments.candidates(this.heldBytes);
  }

  /** What the operating system refuses of writing becomes `DISK_FULL`. */
  private asError(error: unknown): unknown {
    return asWriteError(error, this.path, WRITE_HINT);
  }
}
