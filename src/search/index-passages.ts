/**
 * From a passages file to an index: passages are read, encoded by the teacher and written in chunks, so that
 * memory does not grow with the collection.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFreePlace, writeDirectoryAtomic } from '../data/atomic.ts';
import { streamPassages } from '../data/passages.ts';
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import { buildIndex } from '../index/build.ts';
import type { LexicalSettings } from '../index/lexical/lexical-files.ts';
import { INDEX_FILES, type IndexManifest, type IndexPrecision } from '../index/manifest.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { modelFingerprint, tokenizerFingerprint } from '../model/fingerprint.ts';
import type { Precision } from '../model/precision.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import { encodePassages, stopIfAborted } from './encode-passages.ts';
import {
  COPY_LIMIT_BYTES,
  checkpointBytes,
  copyTeacher,
  TEACHER_FOLDER,
  teacherPath,
} from './teacher-folder.ts';

/** Choices for `indexPassages`. */
export interface IndexPassagesOptions {
  /** `float16` (default) or `float32`. */
  readonly precision?: IndexPrecision;
  /** How passages are cut into words for BM25; by default as they are. */
  readonly words?: LexicalSettings;
  /** What the teacher computes in, `float32` by default; another is noted in the index's fingerprint. */
  readonly encoderPrecision?: Precision;
  readonly device?: Device;
  /** Threads of the computation; by default those of the machine. */
  readonly threads?: number;
  /** Replace the index that is at `out`; anything else there is never replaced. */
  readonly overwrite?: boolean;
  /** Put a copy of the teacher into the index; by default when it is at most 200 MB. */
  readonly copyTeacher?: boolean;
  readonly progress?: ProgressFactory;
  /** Stops the work when aborted; nothing is left at `out` that was not there. */
  readonly signal?: AbortSignal;
}

/** What `indexPassages` made. */
export interface IndexReport {
  readonly manifest: IndexManifest;
  /** Whether the index holds a copy of its teacher. */
  readonly teacherCopied: boolean;
  readonly seconds: number;
}

/**
 * Builds the index of the collection in file `passages` with the teacher in folder `teacher`, at `out`. The
 * file is read through once before anything is encoded, so that a bad line costs seconds, not the whole work.
 *
 * Throws `OUTPUT_EXISTS`, `DISK_FULL`, `INTERRUPTED`, `TEACHER_MISMATCH` (a pack instead of a teacher), and
 * what `streamPassages` and `readCheckpoint` throw; whatever was at `out` before is then still there.
 *
 * @example await indexPassages('teacher', 'passages.jsonl', 'index', { threads: 2 })
 */
export async function indexPassages(
  teacher: string,
  passages: string,
  out: string,
  options: IndexPassagesOptions = {},
): Promise<IndexReport> {
  const {
    progress = silent,
    signal,
    device,
    threads,
    precision,
    words,
    encoderPrecision = 'float32',
  } = options;
  const start = performance.now();
  checkPlace(out, options.overwrite === true);
  const checkpoint = readCheckpoint(teacher);
  if (checkpoint.settings.kind === 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a language pack, not a teacher', {
      at: teacher,
      hint: 'Index with the teacher that the pack was made for; the pack then encodes the queries.',
    });
  const total = await countPassages(passages, progress, signal);
  const teacherCopied = options.copyTeacher ?? checkpointBytes(teacher, checkpoint) <= COPY_LIMIT_BYTES;
  const encoder = await Encoder.fromCheckpoint(checkpoint, {
    device,
    threads,
    precision: encoderPrecision,
  });
  try {
    const work = progress('indexing', total, 'passages');
    const manifest = await writeDirectoryAtomic(out, async (directory) => {
      const settings = {
        dim: encoder.dim,
        fingerprint: {
          teacher: modelFingerprint(checkpoint),
          tokenizer: tokenizerFingerprint(checkpoint.tokenizerJson),
          ...(encoderPrecision === 'float32' ? {} : { encoding: encoderPrecision }),
        },
        settings: {
          retrieval: checkpoint.settings.retrieval,
          teacher: teacherCopied ? TEACHER_FOLDER : teacherPath(out, teacher),
        },
        precision,
        words,
        overwrite: true,
      };
      const encoded = encodePassages(encoder, streamPassages(passages), { signal, onDone: work.update });
      const built = await buildIndex(directory, settings, encoded).catch((error: unknown) => {
        throw atPlace(error, directory, out);
      });
      if (teacherCopied) await copyTeacher(teacher, checkpoint, directory);
      return built;
    });
    work.end(`${manifest.passages} passages, ${manifest.tokens} token vectors`);
    return { manifest, teacherCopied, seconds: (performance.now() - start) / 1000 };
  } finally {
    await encoder.close();
  }
}

async function countPassages(
  path: string,
  progress: ProgressFactory,
  signal: AbortSignal | undefined,
): Promise<number> {
  const work = progress('checking', 0, 'passages');
  let count = 0;
  for await (const _ of streamPassages(path)) {
    stopIfAborted(signal);
    work.update(++count);
  }
  work.end(`${count} passages`);
  return count;
}

/** Refuses a place that holds something, except an index that may be overwritten. */
function checkPlace(out: string, overwrite: boolean): void {
  if (isFreePlace(out)) return;
  if (isIndex(out) && overwrite) return;
  throw new RefractError(
    'OUTPUT_EXISTS',
    isIndex(out) ? 'there is already an index here' : 'there is already something here that is no index',
    { at: out, hint: isIndex(out) ? 'Choose another place, or add --overwrite.' : 'Choose another place.' },
  );
}

function isIndex(path: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(path, INDEX_FILES.manifest), 'utf8'));
    return (manifest as { kind?: unknown } | null)?.kind === 'refract-index';
  } catch {
    return false; // no manifest, or none that can be read
  }
}

/** The error with the place that the user named instead of the one it was written beside. */
function atPlace(error: unknown, directory: string, out: string): unknown {
  if (!(error instanceof RefractError) || error.at?.startsWith(directory) !== true) return error;
  return new RefractError(error.code, error.what, { at: out, hint: error.hint, cause: error });
}
