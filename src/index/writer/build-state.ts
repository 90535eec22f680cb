/** `building/state.json`: what an unfinished build has staged, so that the same command goes on from there. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { FIELD_TYPES } from '../fields/schema.ts';
import type { FileSystem } from '../file-system.ts';
import { segmentSchema } from '../segments/segment-entry.ts';
import { writeWhole } from '../streamed-file.ts';

const count = z.number().int().nonnegative();

const stateSchema = z.strictObject({
  /** What the build is of: source, teacher and settings. Another build cannot go on from here. */
  key: z.string(),
  /** Passages of the source that were read. */
  read: count,
  texts: z.strictObject({
    split: count,
    windows: count,
    truncated: count,
    tokensLeftOut: count,
    skipped: count,
  }),
  /** Types of the metadata fields of what is staged. */
  fields: z.record(z.string(), z.enum(FIELD_TYPES)),
  segments: z.array(segmentSchema),
});

/** What was staged. */
export type BuildState = z.infer<typeof stateSchema>;

const STATE = 'state.json';

/** The state of the folder `building`; undefined when there is none that can be read. */
export function readBuildState(building: string): BuildState | undefined {
  const place = `${building}/${STATE}`;
  if (!existsSync(place)) return undefined;
  try {
    return stateSchema.parse(JSON.parse(readFileSync(place, 'utf8')));
  } catch {
    return undefined; // of another version, or cut off: its build starts anew
  }
}

/** Puts the state into its place, with all that it names on the disk. */
export async function writeBuildState(building: string, state: BuildState, files: FileSystem): Promise<void> {
  const beside = `${building}/${STATE}.tmp`;
  files.remove(beside);
  await writeWhole(beside, `${JSON.stringify(state)}\n`, files);
  files.rename(beside, `${building}/${STATE}`);
  files.syncDirectory(building);
}
