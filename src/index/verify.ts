/** Looking for damage: every byte of an index is compared with the checksums of its manifest, and that with its own. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { RefractError } from '../errors.ts';
import { Stage, type StageControl } from '../stage.ts';
import { INDEX_FILES, type IndexManifest, readManifest } from './manifest.ts';
import type { FileEntry } from './vector-storage.ts';
import { fileEntry } from './writer/carried-folder.ts';
import { leftoversOf } from './writer/leftovers.ts';
import { writerOf } from './writer/writer-lock.ts';

/** A file that is not what it was. */
export interface DamagedFile {
  /** Relative to the index. */
  readonly file: string;
  readonly what: string;
}

/** What `verifyIndex` found. */
export interface VerifyReport {
  /** Files that are missing or changed; the index is whole when there are none. */
  readonly damaged: readonly DamagedFile[];
  /** Files that no manifest names and no writer makes; they do no harm. */
  readonly unexpected: readonly string[];
  /** Files of a writer that was stopped, or is at work; the next one removes them. */
  readonly leftovers: readonly string[];
  /** Whether an unfinished build can go on. */
  readonly building: boolean;
  /** The process that is changing the index now. */
  readonly writer?: number;
  /** The generation that was read; absent when its manifest is damaged. */
  readonly generation?: number;
  /** Files and bytes that were read. */
  readonly files: number;
  readonly bytes: number;
}

/** How often the reading starts anew because a commit removed files meanwhile. */
const TRIES = 8;

/**
 * Reads every file of the index at `path` and finds any byte that is not as it was written.
 *
 * @throws RefractError `FILE_MISSING` no such folder; `CHECKPOINT_INCOMPLETE` no index; `VERSION_MISMATCH`; `INTERRUPTED`
 * @example (await verifyIndex('index')).damaged // []
 */
export async function verifyIndex(path: string, control: StageControl = {}): Promise<VerifyReport> {
  for (let tries = 1; ; tries++) {
    let manifest: IndexManifest;
    try {
      manifest = readManifest(path);
    } catch (error) {
      if (!(error instanceof RefractError) || error.code !== 'CHECKPOINT_FORMAT') throw error;
      const damaged = [{ file: INDEX_FILES.manifest, what: error.what }];
      const building = existsSync(join(path, INDEX_FILES.building));
      return { damaged, unexpected: [], leftovers: [], building, files: 1, bytes: 0 };
    }
    const report = await verifyGeneration(path, manifest, control);
    if (report.damaged.length === 0 || tries === TRIES) return report;
    if (sameGeneration(path, manifest)) return report;
  }
}

function sameGeneration(path: string, { generation }: IndexManifest): boolean {
  try {
    return readManifest(path).generation === generation;
  } catch {
    return true;
  }
}

/** Every file that a manifest names, relative to the index, with `/` between folders. */
export function listedFiles({ segments, folders }: IndexManifest): Map<string, FileEntry> {
  const listed = new Map<string, FileEntry>();
  for (const { name, files, deleted } of segments) {
    for (const [file, entry] of Object.entries(files))
      listed.set(`${INDEX_FILES.segments}/${name}/${file}`, entry);
    if (deleted !== undefined) listed.set(`${INDEX_FILES.segments}/${deleted.file}`, deleted);
  }
  for (const [folder, files] of Object.entries(folders))
    for (const [file, entry] of Object.entries(files)) listed.set(`${folder}/${file}`, entry);
  return listed;
}

async function verifyGeneration(
  path: string,
  manifest: IndexManifest,
  control: StageControl,
): Promise<VerifyReport> {
  const listed = listedFiles(manifest);
  const total = [...listed.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const stage = new Stage('verifying', Math.ceil(total / 2 ** 20), 'MiB', control);
  const damaged: DamagedFile[] = [];
  let bytes = 0;
  for (const [file, entry] of listed) {
    const what = await damageOf(join(path, file), entry);
    if (what !== undefined) damaged.push({ file, what });
    bytes += entry.bytes;
    if (stage.due()) await stage.turn(Math.floor(bytes / 2 ** 20));
  }
  stage.end();
  const leftovers = leftoversOf(path, manifest).map((name) => name.split(sep).join('/'));
  const own = new Set<string>([INDEX_FILES.manifest, INDEX_FILES.lock]);
  const unexpected = presentFiles(path).filter(
    (name) =>
      !listed.has(name) &&
      !own.has(name) &&
      !name.startsWith(`${INDEX_FILES.building}/`) &&
      !leftovers.some((left) => name === left || name.startsWith(`${left}/`)),
  );
  const building = existsSync(join(path, INDEX_FILES.building)) && !leftovers.includes(INDEX_FILES.building);
  const writer = writerOf(path);
  const { generation } = manifest;
  return {
    ...{ damaged, unexpected, leftovers, building, generation, files: listed.size + 1, bytes },
    ...(writer && { writer: writer.pid }),
  };
}

async function damageOf(place: string, { bytes, sha256 }: FileEntry): Promise<string | undefined> {
  const size = statSync(place, { throwIfNoEntry: false })?.size;
  if (size === undefined) return 'is missing';
  if (size !== bytes) return `has ${size} bytes instead of ${bytes}`;
  try {
    return (await fileEntry(place)).sha256 === sha256 ? undefined : 'was changed: its checksum is another';
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** All files below a folder, relative to it. */
function presentFiles(path: string, below = ''): string[] {
  return readdirSync(join(path, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? presentFiles(path, name) : [name];
  });
}
