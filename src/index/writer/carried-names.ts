/**
 * `building/carried.json`: the carried folders that a build brings and those that it replaces, by their names. What is
 * neither in it nor in a manifest was put into the index's folder by somebody else, and is never removed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FileSystem } from '../file-system.ts';
import { INDEX_FILES } from '../manifest.ts';
import { writeWhole } from '../streamed-file.ts';

/** The name of the file in `building`. */
export const CARRIED_NAMES = 'carried.json';

/** Carried folders, a later generation's with its number. */
const namesSchema = z.array(
  z.string().regex(new RegExp(`^(?:${INDEX_FILES.teacher}|${INDEX_FILES.codec})(?:\\.\\d+)?$`)),
);

/** Writes the names, to the disk, before the first of the folders is made. */
export async function writeCarriedNames(
  building: string,
  names: readonly string[],
  files: FileSystem,
): Promise<void> {
  const place = join(building, CARRIED_NAMES);
  files.remove(place);
  await writeWhole(place, `${JSON.stringify(names)}\n`, files);
  files.syncDirectory(building);
}

/** The names that a build in the index at `path` has written; none where it has not come so far. */
export function carriedNames(path: string): readonly string[] {
  try {
    return namesSchema.parse(
      JSON.parse(readFileSync(join(path, INDEX_FILES.building, CARRIED_NAMES), 'utf8')),
    );
  } catch {
    return []; // none, or cut off: then no folder was made
  }
}
