/**
 * From a passages file to an index: passages are read, encoded by the teacher and written in chunks, so that
 * memory does not grow with the collection. An interrupted build goes on where it was.
 */
import { createHash } from 'node:crypto';
import { streamPassages } from '../data/passages.ts';
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import type { FileSystem } from '../index/file-system.ts';
import type { LexicalSettings } from '../index/lexical/lexical-files.ts';
import { INDEX_VERSION, type IndexManifest, type PrecisionChoice } from '../index/manifest.ts';
import { NO_TEXTS } from '../index/texts-report.ts';
import { checkPlace } from '../index/writer/build-place.ts';
import { IndexBuild } from '../index/writer/index-build.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import type { LongPassages } from '../model/input.ts';
import type { ModelSource } from '../model/model-source.ts';
import type { Precision } from '../model/precision.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';
import { VERSION } from '../version.ts';
import { type EncodingState, encodePassages, LONG_PASSAGES } from './encode-passages.ts';
import { type PassagesFile, readThrough } from './passages-file.ts';
import {
  COPY_LIMIT_BYTES,
  checkpointBytes,
  copyTeacher,
  liesInside,
  TEACHER_FOLDER,
  teacherPath,
} from './teacher-folder.ts';

/** Choices for `indexPassages`. */
export interface IndexPassagesOptions {
  /** How vectors are stored, `auto` by default: as float16, or in 4 bits where there are many. */
  readonly precision?: PrecisionChoice;
  /** How passages are cut into words for BM25; by default as they are. */
  readonly words?: LexicalSettings;
  /** What the teacher computes in, `float32` by default; another is noted in the index's fingerprint. */
  readonly encoderPrecision?: Precision;
  /** What becomes of passages that are longer than the teacher reads: windows that share a quarter, by default. */
  readonly long?: LongPassages;
  /** Leave out passages of which no token takes part in scoring, and count them; refused without it. */
  readonly skipEmpty?: boolean;
  /** Memory that the work may take beside the encoder, about; default 1 GiB. */
  readonly memoryBytes?: number;
  /** Passages after which an interrupted build can go on, default 4096; rounded up to what is encoded together. */
  readonly stagedPassages?: number;
  readonly device?: Device;
  /** Hears that the CPU takes over where the device's memory does not suffice; without it that is an error. */
  readonly fallback?: (sentence: string) => void;
  /** Threads of the computation; by default those of the machine. */
  readonly threads?: number;
  /** Replace the index that is at `out`; anything else there is never replaced. */
  readonly overwrite?: boolean;
  /** Where the teacher came from, of one from the hub: kept with the index's settings. */
  readonly source?: ModelSource;
  /**
   * Put a copy of the teacher into the index; by default when it is at most 200 MB. One that lies in the folder of the index
   * is copied in any case.
   */
  readonly copyTeacher?: boolean;
  readonly progress?: ProgressFactory;
  /** Stops the work when aborted; what is encoded is kept, and the same call goes on from there. */
  readonly signal?: AbortSignal;
  /** Hears from where an interrupted build goes on, and whose lock was taken over. */
  readonly notice?: (sentence: string) => void;
  readonly files?: FileSystem;
}

/** What `indexPassages` made. */
export interface IndexReport {
  readonly manifest: IndexManifest;
  /** Whether the index holds a copy of its teacher. */
  readonly teacherCopied: boolean;
  /** Passages that an earlier, interrupted run had encoded. */
  readonly resumedFrom: number;
  readonly seconds: number;
}

/**
 * Builds the index of the collection in file `passages` with the teacher in folder `teacher`, at `out`. The
 * file is read through once before anything is encoded, so that a bad line costs seconds, not the whole work.
 *
 * Throws `OUTPUT_EXISTS`, `INDEX_LOCKED`, `DISK_FULL`, `INTERRUPTED`, `PASSAGE_EMPTY`, `TEACHER_MISMATCH` (a pack instead
 * of a teacher), and what `streamPassages` and `readCheckpoint` throw; an index that was at `out` is then still there.
 *
 * @example await indexPassages('teacher', 'passages.jsonl', 'index', { threads: 2 })
 */
export async function indexPassages(
  teacher: string,
  passages: string,
  out: string,
  options: IndexPassagesOptions = {},
): Promise<IndexReport> {
  const { progress = silent, signal, device, fallback, threads, encoderPrecision = 'float32' } = options;
  const { precision = 'auto', long = LONG_PASSAGES, skipEmpty = false, words = {} } = options;
  const start = performance.now();
  checkPlace(out, options.overwrite === true);
  const checkpoint = readCheckpoint(teacher);
  if (checkpoint.settings.kind === 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a language pack, not a teacher', {
      at: teacher,
      hint: 'Index with the teacher that the pack was made for; the pack then encodes the queries.',
    });
  const file = await readThrough(passages, { progress, signal, skipEmpty });
  // A teacher within the index may be the copy that goes with the old one.
  const teacherCopied =
    liesInside(out, teacher) ||
    (options.copyTeacher ?? checkpointBytes(teacher, checkpoint) <= COPY_LIMIT_BYTES);
  const fingerprint = {
    teacher: modelFingerprint(checkpoint),
    tokenizer: tokenizerFingerprint(checkpoint.tokenizerJson),
    ...(encoderPrecision === 'float32' ? {} : { encoding: encoderPrecision }),
  };
  const settings = {
    retrieval: checkpoint.settings.retrieval,
    teacher: teacherPath(out, teacher),
    ...(options.source && { teacherSource: options.source }),
    long,
  };
  const { dim } = checkpoint.settings.retrieval;
  const carry = {
    folder: TEACHER_FOLDER,
    setting: 'teacher',
    write: (folder: string) => copyTeacher(teacher, checkpoint, folder),
  };
  const encoder = await Encoder.fromCheckpoint(checkpoint, {
    device,
    fallback,
    threads,
    precision: encoderPrecision,
  });
  let build: IndexBuild | undefined;
  try {
    const key = keyOf({
      fingerprint,
      settings,
      precision,
      words,
      skipEmpty,
      teacherCopied,
      source: file.sha256,
    });
    build = await IndexBuild.open(
      out,
      { dim, fingerprint, settings, precision, words, key, ...(teacherCopied && { carry }) },
      { ...options, control: { progress, signal } },
    );
    const resumedFrom = build.read;
    const manifest = await encodeInto(build, encoder, { passages, file, ...options, long, skipEmpty });
    return { manifest, teacherCopied, resumedFrom, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    throw withWayOn(error, (await build?.suspend()) ?? 0, out);
  } finally {
    await encoder.close();
  }
}

interface EncodingInto extends IndexPassagesOptions {
  readonly passages: string;
  readonly file: PassagesFile;
}

async function encodeInto(
  build: IndexBuild,
  encoder: Encoder,
  { passages, file, progress = silent, signal, long, skipEmpty = false }: EncodingInto,
): Promise<IndexManifest> {
  const work = progress('indexing', file.passages, 'passages');
  const from: EncodingState = { read: build.read, texts: build.texts };
  let last = from;
  const rest = streamPassages(passages, { onEmpty: skipEmpty ? () => {} : undefined });
  const encoded = encodePassages(encoder, after(rest, from.read), {
    ...{ long, skipEmpty, signal, from },
    onDone: work.update,
    async onRest(state) {
      last = state;
      await build.rest(state.read, state.texts);
    },
  });
  for await (const passage of encoded) await build.add(passage);
  // Passages without any text were left out while the file was read.
  const manifest = await build.finish(last.read, last.texts, { ...NO_TEXTS, skipped: file.empty });
  work.end(`${manifest.passages} passages, ${manifest.tokens} token vectors`);
  return manifest;
}

/** All but the first `count` items. */
async function* after<Item>(items: AsyncIterable<Item>, count: number): AsyncGenerator<Item> {
  let n = 0;
  for await (const item of items) if (n++ >= count) yield item;
}

/** Names what a build is of, so that another one does not go on from it. */
function keyOf(build: object): string {
  const text = JSON.stringify({ format: INDEX_VERSION, version: VERSION, ...build });
  return createHash('sha256').update(text).digest('hex');
}

/** An interruption says from where the same command goes on. */
function withWayOn(error: unknown, kept: number, out: string): unknown {
  if (!(error instanceof RefractError) || error.code !== 'INTERRUPTED' || kept === 0) return error;
  return new RefractError('INTERRUPTED', error.what, {
    at: out,
    hint: `Run the same command again: it goes on after the ${kept} passages that are encoded.`,
    cause: error,
  });
}
