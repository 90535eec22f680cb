/** What a build finds at its place. */
import { readdirSync, rmdirSync } from 'node:fs';
import { RefractError } from '../../errors.ts';
import { type IndexManifest, readManifest } from '../manifest.ts';

/** The manifest of an index that may be there; one that cannot be read is as good as none. */
export function manifestOrNothing(path: string): IndexManifest | undefined {
  try {
    return readManifest(path);
  } catch (error) {
    if (error instanceof RefractError) return undefined;
    throw error;
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
