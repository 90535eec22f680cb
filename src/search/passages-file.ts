/** Reading a passages file through before it is worked on: its number of passages, its checksum, its faults. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { streamPassages } from '../data/passages.ts';
import { FieldSchema } from '../index/fields/schema.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import { stopIfAborted } from './encode-passages.ts';

/** What a passages file holds. */
export interface PassagesFile {
  /** Passages with a text. */
  readonly passages: number;
  /** Passages without one, which are left out. */
  readonly empty: number;
  /** Checksum of the file's bytes, by which an interrupted build knows it again. */
  readonly sha256: string;
}

/** Choices for `readThrough`. */
export interface ReadThroughOptions {
  /** Count passages without text; refused without it. */
  readonly skipEmpty?: boolean;
  /** Fields that the index has; those of the passages must have the same types. By default it has none. */
  readonly schema?: FieldSchema;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/**
 * Reads the whole file, checking every line and the types of metadata. Throws what `streamPassages` throws,
 * `FIELD_TYPE`, and `INTERRUPTED`.
 *
 * @example (await readThrough('passages.jsonl')).passages // 18891
 */
export async function readThrough(
  path: string,
  { skipEmpty = false, schema = new FieldSchema(), progress = silent, signal }: ReadThroughOptions = {},
): Promise<PassagesFile> {
  const work = progress('checking', 0, 'passages');
  let [passages, empty] = [0, 0];
  const onEmpty = skipEmpty ? () => empty++ : undefined;
  for await (const passage of streamPassages(path, { onEmpty })) {
    stopIfAborted(signal);
    schema.admit(passage);
    work.update(++passages);
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    stopIfAborted(signal);
    hash.update(chunk);
  }
  work.end(`${passages} passages`);
  return { passages, empty, sha256: hash.digest('hex') };
}
