/** What a build finds at its place. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFreePlace } from '../../data/atomic.ts';
import { RefractError } from '../../errors.ts';
import { INDEX_FILES, type IndexManifest, readManifest } from '../manifest.ts';
import { CLAIM_NAME } from './lock-takeover.ts';

/** The manifest of an index that may be there; one that cannot be read is as good as none. */
export function manifestOrNothing(path: string): IndexManifest | undefined {
  try {
    return readManifest(path);
  } catch (error) {
    if (error instanceof RefractError) return undefined;
    throw error;
  }
}

/**
 * The folders that the manifest at `path` carries along, of one that is damaged or of another version too: an index that
 * takes its place takes theirs.
 */
export function foldersThere(path: string): string[] {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(path, INDEX_FILES.manifest), 'utf8'));
    return Object.keys((manifest as { folders?: object } | null)?.folders ?? {});
  } catch {
    return [];
  }
}

/** A number above those of the segments in a folder, which a damaged manifest may name. */
export function firstFree(directory: string): number {
  return readdirSync(directory).reduce((most, name) => Math.max(most, Number.parseInt(name, 10) || 0), 0) + 1;
}

/** Removes a folder with nothing in it; leaves any other. */
export function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // something is in it
  }
}

/**
 * Refuses a place that holds something, except an unfinished build, and an index that may be overwritten.
 *
 * @throws RefractError `OUTPUT_EXISTS`
 */
export function checkPlace(out: string, overwrite: boolean): void {
  if (isFreePlace(out) || isUnfinished(out)) return;
  if (isIndex(out) && overwrite) return;
  throw new RefractError(
    'OUTPUT_EXISTS',
    isIndex(out) ? 'there is already an index here' : 'there is already something here that is no index',
    { at: out, hint: isIndex(out) ? 'Choose another place, or add --overwrite.' : 'Choose another place.' },
  );
}

/** Whether a folder holds nothing but what a build has left. */
function isUnfinished(out: string): boolean {
  try {
    const names = readdirSync(out);
    const own = new Set<string>([
      INDEX_FILES.building,
      INDEX_FILES.segments,
      INDEX_FILES.lock,
      INDEX_FILES.codec,
      INDEX_FILES.teacher,
    ]);
    const aside = /^(?:manifest|writer\.lock)\..+\.(?:tmp|stale)$/;
    const building = names.includes(INDEX_FILES.building) || names.includes(INDEX_FILES.lock);
    return (
      building &&
      names.every((name) => own.has(name) || aside.test(name) || CLAIM_NAME.test(name)) &&
      isBuilding(out)
    );
  } catch {
    return false; // no folder
  }
}

/** Whether the folder `building`, where there is one, holds what builds write and nothing else. */
function isBuilding(out: string): boolean {
  const place = join(out, INDEX_FILES.building);
  if (!existsSync(place)) return true;
  const made = /^(?:\d{6,}|(?:state|carried)\.json(?:\.tmp)?|carried)$/;
  return readdirSync(place).every((name) => made.test(name));
}

function isIndex(path: string): boolean {
  if (!existsSync(join(path, INDEX_FILES.manifest))) return false;
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(path, INDEX_FILES.manifest), 'utf8'));
    return (manifest as { kind?: unknown } | null)?.kind === 'refract-index';
  } catch {
    // A manifest that is damaged lies beside the segments of an index.
    return existsSync(join(path, INDEX_FILES.segments));
  }
}
