/** Files that a stopped writer left: in the index's folder, but named by no manifest. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSystem } from '../file-system.ts';
import { INDEX_FILES, type IndexManifest } from '../manifest.ts';
import { readBuildState } from './build-state.ts';
import { carriedNames } from './carried-names.ts';
import { CLAIM_NAME } from './lock-takeover.ts';
import { isRunning } from './process-identity.ts';

/**
 * What a writer makes that is not in `manifest`, relative to the index: segments and bitmaps that were not committed, or
 * were and are no longer, and files beside their place. Anything else in the folder is not a writer's: of folders such as
 * a teacher's only those that a build has noted.
 */
export function leftoversOf(path: string, manifest: IndexManifest | undefined): string[] {
  const kept = new Set(
    manifest?.segments.flatMap(({ name, deleted }) => [name, deleted?.file ?? name]) ?? [],
  );
  const inSegments = namesIn(join(path, INDEX_FILES.segments))
    .filter((name) => /^\d{6,}$|^\d+\.\d+\.deleted$/.test(name) && !kept.has(name))
    .map((name) => join(INDEX_FILES.segments, name));
  const carried = new Set(carriedNames(path));
  const named = new Set(manifest === undefined ? [] : foldersOf(manifest));
  const beside = namesIn(path).filter(
    (name) =>
      /^manifest\.\d+\.tmp$/.test(name) ||
      // Who holds the lock needs no claim on another, nor does anybody else.
      CLAIM_NAME.test(name) ||
      isOfDeadWriter(name) ||
      (carried.has(name) && !named.has(name)),
  );
  return [...inSegments, ...beside, ...(buildIsOver(path, manifest) ? [INDEX_FILES.building] : [])].sort();
}

/** Whether it is a file beside the lock of a process that does not run: others may be waiting for the lock. */
function isOfDeadWriter(name: string): boolean {
  const [, pid] = /^writer\.lock(?:\.takeover)?\.(\d+)\.(?:[0-9a-f]+\.)?(?:tmp|stale)$/.exec(name) ?? [];
  return pid !== undefined && !isRunning({ pid: Number(pid), started: '' });
}

/** Whether there is a folder `building` from which nothing can go on: its index is committed, or nothing was staged. */
function buildIsOver(path: string, manifest: IndexManifest | undefined): boolean {
  const building = join(path, INDEX_FILES.building);
  if (!existsSync(building)) return false;
  const key = readBuildState(building)?.key;
  return key === undefined || key === manifest?.build;
}

/** Removes what a stopped writer left; only for who holds the lock. */
export function removeLeftovers(path: string, manifest: IndexManifest | undefined, files: FileSystem): void {
  const names = leftoversOf(path, manifest);
  if (names.length === 0) return;
  try {
    files.syncDirectory(path);
  } catch {
    // The manifest before may come back after a power cut: what it names is left to a later writer.
    return;
  }
  for (const name of names) if (name !== INDEX_FILES.building) files.remove(join(path, name));
  // Last, for it says which of the others are a writer's.
  if (names.includes(INDEX_FILES.building)) files.remove(join(path, INDEX_FILES.building));
}

/** Removes what a manifest named and the one after it does not. A failure is the next writer's to mend. */
export function removeUnnamed(
  path: string,
  before: IndexManifest | undefined,
  after: IndexManifest,
  files: FileSystem,
): void {
  const kept = new Set([...namedBy(after), ...foldersOf(after)]);
  try {
    for (const name of before === undefined ? [] : namedBy(before))
      if (!kept.has(name)) files.remove(join(path, name));
  } catch {
    // the commit stands all the same
  }
}

/** Folders and files that a manifest names, relative to the index. */
function namedBy({ segments, folders }: IndexManifest): string[] {
  const names = segments.flatMap(({ name, deleted }) => [name, ...(deleted ? [deleted.file] : [])]);
  return [...names.map((name) => join(INDEX_FILES.segments, name)), ...Object.keys(folders)];
}

/** Folders that a manifest carries along, and one that its teacher may lie in. */
function foldersOf({ folders, settings: { teacher } }: IndexManifest): string[] {
  const [first] = typeof teacher === 'string' ? teacher.split(/[/\\]/) : [''];
  return [...Object.keys(folders), ...(/^(?:|\.\.?)$/.test(first) ? [] : [first])];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there is none
  }
}

/** Files of format version 1, which an index that takes the place of one of that version does not need. */
const FORMER_FILES = [
  'passages.jsonl',
  'ids.jsonl',
  'offsets.u64',
  'tokens.i32',
  'vectors.f16',
  'vectors.f32',
];

/** Removes the files of an index of format version 1 from the folder of a newer one. */
export function removeFormer(path: string, files: FileSystem): void {
  const present = new Set(namesIn(path));
  for (const name of FORMER_FILES) if (present.has(name)) files.remove(join(path, name));
}
