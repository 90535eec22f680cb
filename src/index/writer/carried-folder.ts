/** A folder that an index carries along, such as its teacher: written beside, moved into place, listed in the manifest. */
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, createReadStream, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Codec } from '../codec/codec.ts';
import { writeCodec } from '../codec/codec-files.ts';
import type { FileSystem } from '../file-system.ts';
import { INDEX_FILES } from '../manifest.ts';
import type { FileEntries, FileEntry } from '../vector-storage.ts';

/** What is carried along. */
export interface CarriedFolder {
  /** Its name; a later generation of the index, with other contents, adds a number. */
  readonly folder: string;
  /** Makes the folder at `directory`, which does not exist, with files and no folders in it. */
  write(directory: string, files: FileSystem): Promise<void>;
}

/** The folder of an index's codec. */
export function codecToCarry(codec: Codec): CarriedFolder {
  return {
    folder: INDEX_FILES.codec,
    async write(directory, files) {
      files.makeDirectory(directory);
      await writeCodec(codec, directory, files);
    },
  };
}

/** Writes a carried folder into the index at `path`; the manifest's entries of its files. */
export async function carryFolder(
  path: string,
  building: string,
  name: string,
  carried: CarriedFolder,
  files: FileSystem,
): Promise<FileEntries> {
  const beside = join(building, 'carried');
  files.remove(beside);
  await carried.write(beside, files);
  const entries: Record<string, FileEntry> = {};
  for (const file of readdirSync(beside).sort()) {
    const place = join(beside, file);
    entries[file] = await fileEntry(place);
    flush(place);
  }
  files.syncDirectory(beside);
  files.remove(join(path, name));
  files.rename(beside, join(path, name));
  return entries;
}

/** Bytes and checksum of a file, read in pieces. */
export async function fileEntry(path: string): Promise<FileEntry> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function flush(path: string): void {
  // Copied files may be read-only, of which Windows syncs none.
  if (process.platform === 'win32') chmodSync(path, 0o666);
  const file = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
