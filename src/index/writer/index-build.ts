/**
 * Building an index: passages are staged in segments of a few thousand in `building/`, each of them a place from where
 * an interrupted build goes on; then the segments of the index are written from them, and one commit makes it visible.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asWriteError } from '../../data/atomic.ts';
import { RefractError } from '../../errors.ts';
import { Stage, type StageControl } from '../../stage.ts';
import { checkEncoded, type EncodedPassage } from '../encoded-passage.ts';
import { FieldSchema } from '../fields/schema.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { INDEX_FILES, type IndexManifest } from '../manifest.ts';
import { PlainStorage } from '../plain/plain-storage.ts';
import { STAGED_PARTS } from '../segments/parts.ts';
import { type SegmentEntry, segmentName } from '../segments/segment-entry.ts';
import type { SegmentContext } from '../segments/segment-part.ts';
import { SegmentReader, type SegmentSource } from '../segments/segment-reader.ts';
import { finalStorage, stagingPrecision } from '../storages.ts';
import { addTexts, NO_TEXTS, type TextsReport } from '../texts-report.ts';
import { commitBuild } from './build-commit.ts';
import { firstFree, manifestOrNothing, removeEmptyFolder } from './build-place.ts';
import type { IndexBuildOptions, IndexBuildSettings } from './build-settings.ts';
import { readBuildState, writeBuildState } from './build-state.ts';
import { GivenIds } from './given-ids.ts';
import { checkIntact } from './intact.ts';
import { removeFormer, removeLeftovers } from './leftovers.ts';
import { heldBytes, trainingBytes } from './memory.ts';
import { SegmentSequence } from './segment-sequence.ts';
import { lockForWriting, type WriterLock } from './writer-lock.ts';

export type { IndexBuildOptions, IndexBuildSettings } from './build-settings.ts';

/** Passages of a staged segment: so much work at most is lost. */
const STAGED_PASSAGES = 4096;

const WRITE_HINT =
  'Free some space or choose another place with --out. The index that was there is unchanged.';

/** A build under way; whatever was at its place is seen by readers until it finishes. */
export class IndexBuild {
  readonly out: string;
  private readonly given: IndexBuildSettings;
  private readonly control: StageControl;
  private readonly files: FileSystem;
  private readonly heldBytes: number;
  private readonly stagedPassages: number;
  private readonly threads: number | undefined;
  private readonly lock: WriterLock;
  /** Whether the folder was made for this build. */
  private readonly isNew: boolean;
  private readonly old: IndexManifest | undefined;
  private readonly building: string;
  private readonly source: SegmentSource;
  private readonly ids: GivenIds;
  private readonly staging: SegmentSequence;
  private readonly context: SegmentContext;
  private staged: SegmentEntry[] = [];
  /** Whether its manifest is in its place, but perhaps not on the disk: the one before may come back. */
  private unsure = false;
  private passages = 0;
  /** Passages of the source that are staged for good. */
  read = 0;
  /** What became of long and empty passages among them. */
  texts: TextsReport = NO_TEXTS;

  private constructor(
    out: string,
    given: IndexBuildSettings,
    options: IndexBuildOptions,
    place: { readonly lock: WriterLock; readonly isNew: boolean },
  ) {
    const { files = nodeFileSystem, control = {} } = options;
    this.out = out;
    this.given = given;
    this.control = control;
    this.files = files;
    this.heldBytes = heldBytes(options.memoryBytes);
    this.stagedPassages = options.stagedPassages ?? STAGED_PASSAGES;
    this.threads = options.threads;
    this.context = { schema: new FieldSchema(), words: given.words ?? {} };
    this.lock = place.lock;
    this.isNew = place.isNew;
    this.old = manifestOrNothing(out);
    if (this.old !== undefined || !existsSync(join(out, INDEX_FILES.manifest)))
      removeLeftovers(out, this.old, files);
    this.building = join(out, INDEX_FILES.building);
    const storage = new PlainStorage(given.dim, stagingPrecision(given.precision));
    this.source = { directory: this.building, storage, parts: STAGED_PARTS };
    this.ids = new GivenIds(out, this.source);
    this.staging = new SegmentSequence({
      ...this.source,
      files,
      heldBytes: this.heldBytes,
      context: this.context,
      nextName: () => segmentName(this.staged.length + 1),
    });
  }

  /**
   * Begins a build at `out`, or goes on with one of the same key: `read` then says how many passages of the source are
   * staged already.
   *
   * @throws RefractError `INDEX_LOCKED`, `DISK_FULL`
   */
  static async open(
    out: string,
    settings: IndexBuildSettings,
    options: IndexBuildOptions = {},
  ): Promise<IndexBuild> {
    const { files = nodeFileSystem, notice } = options;
    try {
      const isNew = !existsSync(out);
      mkdirSync(out, { recursive: true });
      try {
        const lock = await lockForWriting(out, files, notice);
        try {
          const build = new IndexBuild(out, settings, options, { lock, isNew });
          await build.goOn(notice ?? (() => {}));
          return build;
        } catch (error) {
          lock.release();
          throw error;
        }
      } catch (error) {
        if (isNew) removeEmptyFolder(out);
        throw error;
      }
    } catch (error) {
      throw asWriteError(error, out, WRITE_HINT);
    }
  }

  /** Stages a passage. Errors as those of `IndexWriter.add`. */
  async add(encoded: EncodedPassage): Promise<void> {
    const half = this.given.precision !== 'float32';
    checkEncoded(encoded, this.given.dim, half, { number: this.passages + 1, at: this.out });
    await this.ids.add(encoded.passage.id, this.staged);
    await this.writing(this.staging.add(encoded));
    this.passages++;
  }

  /**
   * A resting place: `read` passages of the source have led to what was added. Every few thousand passages the staged
   * segment is closed here, and a build that is stopped later goes on from here.
   */
  async rest(read: number, texts: TextsReport): Promise<void> {
    if (this.staging.openPassages >= this.stagedPassages || this.staging.full)
      await this.writing(this.close(read, texts));
  }

  /**
   * Writes the index and commits it.
   *
   * @param aside what became of passages that are not counted in `read`; the manifest has them too
   * @throws RefractError `FILE_EMPTY` no passages; `INTERRUPTED`; `DISK_FULL`
   */
  finish(read: number, texts: TextsReport, aside: TextsReport = NO_TEXTS): Promise<IndexManifest> {
    return this.writing(this.complete(read, texts, aside));
  }

  private async complete(read: number, texts: TextsReport, aside: TextsReport): Promise<IndexManifest> {
    await this.close(read, texts);
    const staged = this.staged;
    if (staged.length === 0)
      throw new RefractError('FILE_EMPTY', 'no passages to index', {
        at: this.out,
        hint: 'Give a passages file with one JSON object a line: {"id": ..., "text": ...}.',
      });
    try {
      await checkIntact(this.building, staged);
    } catch (error) {
      if (!(error instanceof RefractError)) throw error;
      // Not to go on from: `suspend` removes it.
      this.staged = [];
      throw new RefractError(error.code, error.what, {
        at: error.at,
        hint: 'What was encoded is damaged and was removed. Check the disk, then run the same command again.',
        cause: error,
      });
    }
    const { dim, precision } = this.given;
    const made = await finalStorage(
      {
        ...{ dim, precision, source: this.source, entries: staged, threads: this.threads },
        memoryBytes: trainingBytes(this.heldBytes),
      },
      this.control,
    );
    const directory = join(this.out, INDEX_FILES.segments);
    this.files.makeDirectory(directory);
    let nextSegment = this.old?.nextSegment ?? firstFree(directory);
    const segments = await this.write(
      new SegmentSequence({
        directory,
        storage: made.storage,
        files: this.files,
        signal: this.control.signal,
        heldBytes: this.heldBytes,
        context: this.context,
        nextName: () => segmentName(nextSegment++),
      }),
    );
    this.files.syncDirectory(directory);
    const { out, building, given, context, old, files } = this;
    const written = { out, building, given, made, segments, context, nextSegment, old, files };
    let manifest: IndexManifest;
    try {
      manifest = await commitBuild({ ...written, texts: addTexts(this.texts, aside) });
    } catch (error) {
      this.unsure = error instanceof RefractError && error.code === 'COMMIT_UNSURE';
      throw error;
    }
    try {
      removeLeftovers(this.out, manifest, this.files);
      this.files.remove(this.building);
      removeFormer(this.out, this.files);
    } finally {
      this.lock.release();
    }
    return manifest;
  }

  /**
   * Gives up for now. What is staged is kept where the build has a key, else nothing is left that was not there.
   *
   * @returns how many passages of the source are kept
   * @throws RefractError `DISK_FULL` when nothing can be removed
   */
  suspend(): Promise<number> {
    return this.writing(this.giveUp());
  }

  private async giveUp(): Promise<number> {
    const kept = this.given.key !== undefined && this.staged.length > 0 ? this.read : 0;
    try {
      await this.staging.abandon(false);
      if (kept === 0 && !this.unsure) {
        // What the disk says, not what was there before: it may have been committed after all.
        const manifest = manifestOrNothing(this.out);
        if (manifest !== undefined || !existsSync(join(this.out, INDEX_FILES.manifest)))
          removeLeftovers(this.out, manifest, this.files);
        this.files.remove(this.building);
        removeEmptyFolder(join(this.out, INDEX_FILES.segments));
      }
    } finally {
      this.lock.release();
    }
    if (kept === 0 && this.isNew) removeEmptyFolder(this.out);
    return kept;
  }

  /** The work; what the operating system refuses of it becomes `DISK_FULL`. */
  private async writing<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw asWriteError(error, this.out, WRITE_HINT);
    }
  }

  private async close(read: number, texts: TextsReport): Promise<void> {
    const entry = await this.staging.closeSegment();
    this.ids.segmentClosed();
    if (entry !== undefined) this.staged = [...this.staged, entry];
    this.read = read;
    this.texts = texts;
    const { key } = this.given;
    if (key !== undefined && entry !== undefined)
      await writeBuildState(
        this.building,
        { key, read, texts, fields: this.context.schema.toJSON(), segments: this.staged },
        this.files,
      );
  }

  private async write(sequence: SegmentSequence): Promise<SegmentEntry[]> {
    const stage = new Stage('writing the index', this.passages, 'passages', this.control);
    let done = 0;
    try {
      for (const entry of this.staged) {
        const reader = new SegmentReader(this.source, entry);
        try {
          for (let passage = 0; passage < entry.passages; passage++) {
            await sequence.copy(reader, passage);
            if (sequence.full) await sequence.closeSegment();
            done++;
            if (stage.due()) await stage.turn(done);
          }
        } finally {
          reader.close();
        }
      }
      await sequence.closeSegment();
    } catch (error) {
      await sequence.abandon(true);
      throw error;
    }
    stage.end();
    return [...sequence.entries];
  }

  /** Takes up what an earlier build of the same key has staged. */
  private async goOn(notice: (sentence: string) => void): Promise<void> {
    const state = readBuildState(this.building);
    if (state !== undefined && state.key === this.given.key) {
      try {
        await checkIntact(this.building, state.segments);
        for (const entry of state.segments) await this.ids.addAll(entry);
        for (const name of readdirSync(this.building))
          if (name !== 'state.json' && !state.segments.some((entry) => entry.name === name))
            this.files.remove(join(this.building, name));
        this.staged = state.segments;
        this.passages = state.segments.reduce((sum, { passages }) => sum + passages, 0);
        [this.read, this.texts] = [state.read, state.texts];
        this.context.schema.take(state.fields);
        notice(`Going on after ${state.read} passages, which were encoded before.`);
        return;
      } catch (error) {
        if (!(error instanceof RefractError)) throw error;
        notice(`What was encoded before is damaged (${error.what}); starting anew.`);
      }
    } else if (state !== undefined)
      notice(
        'What was encoded before was of other passages, another teacher or other settings; starting anew.',
      );
    this.files.remove(this.building);
    this.files.makeDirectory(this.building);
  }
}
