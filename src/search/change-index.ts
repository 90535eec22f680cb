/** Adding passages to an index: encoded by the teacher that the index names, written beside what is there. */
import { streamPassages } from '../data/passages.ts';
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import { FieldSchema } from '../index/fields/schema.ts';
import type { FileSystem } from '../index/file-system.ts';
import { type IndexManifest, readManifest } from '../index/manifest.ts';
import { NO_TEXTS, type TextsReport } from '../index/texts-report.ts';
import { type AddReport, IndexWriter } from '../index/writer/index-writer.ts';
import { Encoder } from '../model/encoder.ts';
import type { LongPassages } from '../model/input.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import type { StageControl } from '../stage.ts';
import { encodePassages, LONG_PASSAGES } from './encode-passages.ts';
import { readThrough } from './passages-file.ts';
import { readIndexTeacher } from './teacher-folder.ts';

/** Choices for `addPassages`. */
export interface AddPassagesOptions {
  /** Passages whose ids are in the index take the place of those; refused without it. */
  readonly replace?: boolean;
  /** Where the index's teacher lies, when the index holds no copy and it has moved. */
  readonly teacher?: string;
  /** Leave out passages of which no token takes part in scoring, and count them; refused without it. */
  readonly skipEmpty?: boolean;
  readonly memoryBytes?: number;
  readonly device?: Device;
  /** Hears that the CPU takes over where the device's memory does not suffice; without it that is an error. */
  readonly fallback?: (sentence: string) => void;
  readonly threads?: number;
  readonly progress?: ProgressFactory;
  /** Stops the work when aborted; the index is then as it was. */
  readonly signal?: AbortSignal;
  readonly notice?: (sentence: string) => void;
  readonly files?: FileSystem;
}

/** What `addPassages` did. */
export interface AddPassagesReport extends AddReport {
  readonly manifest: IndexManifest;
  /** What became of long and empty passages among the added. */
  readonly texts: TextsReport;
  readonly seconds: number;
}

/**
 * Adds the passages of file `passages` to the index at `index` in one commit; long ones are cut as when it was built.
 *
 * Throws `DUPLICATE_ID` (an id twice in the file, or without `replace` in the index), `TEACHER_MISMATCH`,
 * `TOKENIZER_MISMATCH`, `INDEX_LOCKED`, `DISK_FULL`, `INTERRUPTED`, `PASSAGE_EMPTY`, and what `streamPassages` and
 * `openIndex` throw; the index is then as it was.
 *
 * @example await addPassages('index', 'new.jsonl', { replace: true })
 */
export async function addPassages(
  index: string,
  passages: string,
  options: AddPassagesOptions = {},
): Promise<AddPassagesReport> {
  const { progress = silent, signal, skipEmpty = false, replace } = options;
  const { device, fallback, threads } = options;
  const start = performance.now();
  const { fingerprint, settings, fields } = readManifest(index);
  const teacher = readIndexTeacher({ path: index, fingerprint, settings }, options.teacher);
  const writer = await IndexWriter.open(index, options);
  let encoder: Encoder | undefined;
  try {
    const file = await readThrough(passages, {
      ...{ progress, signal, skipEmpty },
      schema: new FieldSchema(fields),
    });
    encoder = await Encoder.fromCheckpoint(teacher, {
      device,
      fallback,
      threads,
      precision: fingerprint.encoding,
    });
    const work = progress('adding', file.passages, 'passages');
    let texts: TextsReport = NO_TEXTS;
    const read = streamPassages(passages, { onEmpty: skipEmpty ? () => {} : undefined });
    const encoded = encodePassages(encoder, read, {
      ...{ long: longOf(settings), skipEmpty, signal },
      onDone: work.update,
      async onRest(state) {
        texts = state.texts;
      },
    });
    const report = await writer.add(encoded, { replace });
    texts = { ...texts, skipped: texts.skipped + file.empty };
    writer.note(texts);
    await writer.commit({ merge: false });
    work.end(`${report.added} passages`);
    const manifest = await mergeAfter(writer, { progress, signal }, options.notice);
    return { ...report, manifest, texts, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    throw asUnchanged(error, index);
  } finally {
    await writer.close();
    await encoder?.close();
  }
}

/**
 * Merges after a commit. That stands whatever becomes of the merging: what fails or is stopped of it is told, not thrown.
 *
 * @returns the newest manifest
 */
export async function mergeAfter(
  writer: IndexWriter,
  control: StageControl,
  notice: (sentence: string) => void = () => {},
): Promise<IndexManifest> {
  try {
    return await writer.merge({ control });
  } catch (error) {
    if (!(error instanceof RefractError)) throw error;
    notice(
      `The change is committed; merging segments afterwards was not done (${error.what}). refract index merge does it.`,
    );
    return writer.manifest;
  }
}

/** How the index's long passages were cut when it was built. */
function longOf(settings: Readonly<Record<string, unknown>>): LongPassages {
  return (settings.long as LongPassages | undefined) ?? LONG_PASSAGES;
}

function asUnchanged(error: unknown, index: string): unknown {
  if (!(error instanceof RefractError) || error.code !== 'INTERRUPTED') return error;
  return new RefractError('INTERRUPTED', error.what, {
    at: index,
    hint: 'What was committed is whole; run the same command again.',
    cause: error,
  });
}
