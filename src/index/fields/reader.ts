/**
 * Reads the fields of one segment. A column is read when it is first asked for; the file stays open until `close`, so
 * that a segment that is removed meanwhile can still be read.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { MetadataValue } from '../../data/records.ts';
import { RefractError } from '../../errors.ts';
import { type ColumnEntry, FIELD_FILES, headerSchema } from './column-file.ts';
import type { FieldType } from './schema.ts';

/** A column in memory. Codes are from 1; 0 is no value. */
export type Column =
  | { readonly type: 'number'; readonly values: Float64Array }
  | { readonly type: 'boolean'; readonly values: Uint8Array }
  | { readonly type: 'string'; readonly codes: Codes; readonly texts: readonly string[] }
  | {
      readonly type: 'strings';
      readonly codes: Codes;
      readonly starts: Uint32Array;
      readonly texts: readonly string[];
    };

type Codes = Uint8Array | Uint16Array | Uint32Array;

/**
 * The fields of an open segment.
 *
 * @example
 * const fields = FieldsReader.open(directory, 1000);
 * fields.metadata(17); // { year: 2021, source: 'who' }
 */
export class FieldsReader {
  readonly passages: number;
  private readonly path: string;
  private readonly file: number;
  private readonly entries: ReadonlyMap<string, ColumnEntry>;
  private closed = false;
  private readonly columns = new Map<string, Column>();

  private constructor(path: string, file: number, passages: number, entries: readonly ColumnEntry[]) {
    this.path = path;
    this.file = file;
    this.passages = passages;
    this.entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /**
   * Opens the fields in the folder of a segment of `passages` passages.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` a file is missing; `CHECKPOINT_FORMAT` they are damaged
   */
  static open(directory: string, passages: number): FieldsReader {
    const at = join(directory, FIELD_FILES.header);
    const path = join(directory, FIELD_FILES.columns);
    let file: number | undefined;
    try {
      const header = headerSchema.safeParse(parsed(at));
      if (!header.success) throw damaged(at, `${header.error.issues[0].path.join('.')} is wrong`);
      if (header.data.passages !== passages)
        throw damaged(at, `it says ${header.data.passages} passages instead of ${passages}`);
      file = openSync(path, 'r');
      const { size } = fstatSync(file);
      for (const entry of header.data.columns) checkRanges(entry, passages, size, path);
      return new FieldsReader(path, file, passages, header.data.columns);
    } catch (error) {
      if (file !== undefined) closeSync(file);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new RefractError('CHECKPOINT_INCOMPLETE', 'the index lacks the fields of a segment', {
        at: (error as NodeJS.ErrnoException).path,
        hint: 'Copy the whole index again, or build it again.',
        cause: error,
      });
    }
  }

  /** Names of the fields that passages of this segment have. */
  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** The type of a field, or undefined when no passage of the segment has it. */
  type(name: string): FieldType | undefined {
    return this.entries.get(name)?.type;
  }

  /**
   * A column, or undefined when no passage of the segment has the field.
   *
   * @throws RefractError `CHECKPOINT_FORMAT` when it is damaged
   */
  column(name: string): Column | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    let column = this.columns.get(name);
    if (column === undefined) {
      column = this.read(entry);
      this.columns.set(name, column);
    }
    return column;
  }

  /** What a passage has in a field; undefined for nothing. */
  value(name: string, passage: number): MetadataValue | undefined {
    const column = this.column(name);
    if (column === undefined) return undefined;
    switch (column.type) {
      case 'number':
        return Number.isNaN(column.values[passage]) ? undefined : column.values[passage];
      case 'boolean':
        return column.values[passage] === 0 ? undefined : column.values[passage] === 2;
      case 'string':
        return column.codes[passage] === 0 ? undefined : column.texts[column.codes[passage] - 1];
      case 'strings': {
        const codes = column.codes.subarray(column.starts[passage], column.starts[passage + 1]);
        return codes.length === 0 ? undefined : Array.from(codes, (code) => column.texts[code - 1]);
      }
    }
  }

  /** All that a passage has, without `title` and `language`. */
  metadata(passage: number): Record<string, MetadataValue> {
    const values: [string, MetadataValue][] = [];
    for (const name of this.names) {
      if (name === 'title' || name === 'language') continue;
      const value = this.value(name, passage);
      if (value !== undefined) values.push([name, value]);
    }
    return Object.fromEntries(values);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeSync(this.file);
  }

  private read({ name, type, values, width = 1, starts, textStarts, textBytes }: ColumnEntry): Column {
    const wrong = (what: string) => damaged(this.path, `field "${name}": ${what}`);
    if (type === 'number') return { type, values: new Float64Array(this.bytes(values)) };
    if (type === 'boolean') {
      const flags = new Uint8Array(this.bytes(values));
      if (flags.some((flag) => flag > 2)) throw wrong('a value is neither true nor false');
      return { type, values: flags };
    }
    const texts = decoded(new Uint32Array(this.bytes(textStarts!)), new Uint8Array(this.bytes(textBytes!)));
    if (texts === undefined) throw wrong('its texts are damaged');
    const buffer = this.bytes(values);
    const codes =
      width === 1 ? new Uint8Array(buffer) : width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
    const least = type === 'string' ? 0 : 1;
    if (codes.some((code: number) => code < least || code > texts.length))
      throw wrong('a code stands for no text');
    if (type === 'string') return { type, codes, texts };
    const places = new Uint32Array(this.bytes(starts!));
    if (places[0] !== 0 || places[this.passages] !== codes.length || !ascending(places))
      throw wrong('its lists are damaged');
    return { type, codes, starts: places, texts };
  }

  private bytes([first, length]: readonly [number, number]): ArrayBuffer {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.file, bytes, done, length - done, first + done);
      if (read === 0) throw damaged(this.path, 'it was cut off');
      done += read;
    }
    return bytes.buffer;
  }
}

function parsed(at: string): unknown {
  const text = readFileSync(at, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(at, 'it is not JSON', cause);
  }
}

/** Refuses parts that lie outside of the file or do not have the size that they must have. */
function checkRanges(entry: ColumnEntry, passages: number, size: number, path: string): void {
  const { type, values, width, starts, texts, textStarts, textBytes } = entry;
  const coded = type === 'string' || type === 'strings';
  const sizes: [readonly [number, number] | undefined, number | undefined][] = [
    [
      values,
      { number: 8 * passages, boolean: passages, string: (width ?? 0) * passages, strings: undefined }[type],
    ],
    ...(coded
      ? ([
          [textStarts, 4 * ((texts ?? 0) + 1)],
          [textBytes, undefined],
        ] as typeof sizes)
      : []),
    ...(type === 'strings' ? ([[starts, 4 * (passages + 1)]] as typeof sizes) : []),
  ];
  const whole = values[1] % (width ?? 1) === 0 && (!coded || (width !== undefined && texts !== undefined));
  for (const [part, needed] of sizes)
    if (!whole || part === undefined || part[0] + part[1] > size || (needed ?? part[1]) !== part[1])
      throw damaged(path, `field "${entry.name}" does not lie in it as fields.json says`);
}

/** Texts by their starts, or undefined when these are wrong or a text is not UTF-8. */
function decoded(starts: Uint32Array, bytes: Uint8Array): string[] | undefined {
  if (starts[0] !== 0 || starts[starts.length - 1] !== bytes.length || !ascending(starts)) return undefined;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return Array.from({ length: starts.length - 1 }, (_, i) =>
      decoder.decode(bytes.subarray(starts[i], starts[i + 1])),
    );
  } catch {
    return undefined;
  }
}

function ascending(values: Uint32Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] < values[i - 1]) return false;
  return true;
}

function damaged(at: string, what: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', `the file is damaged: ${what}`, {
    at,
    hint: 'Copy the index again, or build it again.',
    cause,
  });
}
