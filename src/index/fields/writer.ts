/** Writes the fields of one segment's passages. Memory is that of the columns. */
import { join } from 'node:path';
import type { Passage } from '../../data/records.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { FileEntries } from '../vector-storage.ts';
import { type ColumnBuilder, columnBuilder, type FinishedColumn } from './column-builders.ts';
import { type ColumnEntry, FIELD_FILES } from './column-file.ts';
import type { FieldsReader } from './reader.ts';
import type { FieldSchema } from './schema.ts';

/**
 * The fields of one segment, passage by passage in the segment's order.
 *
 * @example
 * const writer = new FieldsWriter(directory, schema);
 * for (const passage of passages) writer.add(passage);
 * const files = await writer.finish();
 */
export class FieldsWriter {
  private readonly directory: string;
  private readonly schema: FieldSchema;
  private readonly files: FileSystem;
  private readonly builders = new Map<string, ColumnBuilder>();
  private readonly open: StreamedFile[] = [];
  private passages = 0;

  /** @param directory it exists; @param schema of the index; fields that are new join it */
  constructor(directory: string, schema: FieldSchema, files: FileSystem = nodeFileSystem) {
    this.directory = directory;
    this.files = files;
    this.schema = schema;
  }

  /** About how much memory the columns take. */
  get heldBytes(): number {
    return 16 * this.builders.size * this.passages;
  }

  /**
   * Adds the next passage.
   *
   * @throws RefractError `FIELD_TYPE`, and then the passage was not added; `SETTING_INVALID` for what is no metadata
   */
  add(passage: Passage): void {
    const values = this.schema.admit(passage);
    for (const [name, value] of values) this.builder(name).add(this.passages, value);
    this.passages++;
  }

  /** Adds a passage of another segment of the same index. */
  copy(from: FieldsReader, passage: number): void {
    for (const name of from.names) {
      const value = from.value(name, passage);
      if (value !== undefined) this.builder(name).add(this.passages, value);
    }
    this.passages++;
  }

  /** Writes the files, flushes them to the disk, and closes them. */
  async finish(): Promise<FileEntries> {
    const { header, columns } = FIELD_FILES;
    const data = await this.create(columns);
    const entries: ColumnEntry[] = [];
    for (const [name, builder] of this.builders) {
      const type = this.schema.type(name)!;
      const { parts, ...rest } = builder.finish(this.passages);
      entries.push({ name, type, ...rest, ...(await place(data, parts)) });
    }
    const description = await this.create(header);
    await description.append(`${JSON.stringify({ passages: this.passages, columns: entries }, null, 1)}\n`);
    return { [columns]: await data.finish(), [header]: await description.finish() };
  }

  /** Closes without finishing; does nothing after `finish`. */
  async abandon(): Promise<void> {
    for (const file of this.open) await file.abandon();
  }

  private builder(name: string): ColumnBuilder {
    const known = this.builders.get(name);
    if (known !== undefined) return known;
    const made = columnBuilder(this.schema.type(name)!);
    this.builders.set(name, made);
    return made;
  }

  private async create(name: string): Promise<StreamedFile> {
    const file = await StreamedFile.create(join(this.directory, name), this.files);
    this.open.push(file);
    return file;
  }
}

type Ranges = { readonly values: [number, number] } & Pick<
  ColumnEntry,
  'starts' | 'textStarts' | 'textBytes'
>;

/** Appends the parts of a column, each at a multiple of 8 bytes; where they lie. */
async function place(file: StreamedFile, parts: FinishedColumn['parts']): Promise<Ranges> {
  const ranges: [string, [number, number]][] = [];
  for (const [name, part] of Object.entries(parts) as [string, ArrayBufferView][]) {
    const gap = -file.bytes & 7;
    if (gap > 0) await file.append(new Uint8Array(gap));
    ranges.push([name, [file.bytes, part.byteLength]]);
    await file.append(part);
  }
  return Object.fromEntries(ranges) as unknown as Ranges;
}
