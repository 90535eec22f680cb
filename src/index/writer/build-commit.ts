/** The last step of a build: its carried folders go into their places, and a manifest makes the index visible. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { VERSION } from '../../version.ts';
import type { FileSystem } from '../file-system.ts';
import { INDEX_VERSION, type IndexManifest, replaceManifest } from '../manifest.ts';
import type { SegmentEntry } from '../segments/segment-entry.ts';
import type { SegmentContext } from '../segments/segment-part.ts';
import type { FinalStorage } from '../storages.ts';
import type { TextsReport } from '../texts-report.ts';
import type { FileEntries } from '../vector-storage.ts';
import { foldersThere } from './build-place.ts';
import type { IndexBuildSettings } from './build-settings.ts';
import { type CarriedFolder, carryFolder, codecToCarry } from './carried-folder.ts';
import { writeCarriedNames } from './carried-names.ts';

/** A build whose segments are written. */
export interface WrittenBuild {
  readonly out: string;
  /** The folder of the unfinished build. */
  readonly building: string;
  readonly given: IndexBuildSettings;
  readonly made: FinalStorage;
  readonly segments: readonly SegmentEntry[];
  readonly context: SegmentContext;
  readonly texts: TextsReport;
  readonly nextSegment: number;
  /** The manifest of the index whose place it takes. */
  readonly old: IndexManifest | undefined;
  readonly files: FileSystem;
}

/**
 * Commits a build.
 *
 * @throws RefractError `COMMIT_UNSURE`; and errors of the operating system
 */
export async function commitBuild(build: WrittenBuild): Promise<IndexManifest> {
  const { out, given, made, segments, context, texts, nextSegment, old, files } = build;
  const generation = (old?.generation ?? 0) + 1;
  const { folders, settings } = await carryFolders(build, generation);
  const manifest: IndexManifest = {
    kind: 'refract-index',
    version: INDEX_VERSION,
    createdBy: `refract ${VERSION}`,
    generation,
    dim: given.dim,
    precision: made.precision,
    passages: segments.reduce((sum, { passages }) => sum + passages, 0),
    tokens: segments.reduce((sum, { tokens }) => sum + tokens, 0),
    fingerprint: { ...given.fingerprint },
    settings: { ...settings },
    ...(made.trained && { trained: made.trained }),
    texts,
    ...(given.key !== undefined && { build: given.key }),
    folders,
    fields: context.schema.toJSON(),
    words: context.words,
    nextSegment,
    segments: [...segments],
  };
  files.syncDirectory(out);
  if (old === undefined) files.syncDirectory(dirname(resolve(out)));
  await replaceManifest(out, manifest, files);
  return manifest;
}

/** Codec and teacher in their places; the index's settings say where the latter lies. */
async function carryFolders(
  { out, building, given, made, files }: WrittenBuild,
  generation: number,
): Promise<Pick<IndexManifest, 'folders' | 'settings'>> {
  const { carry } = given;
  let { settings } = given;
  const folders: Record<string, FileEntries> = {};
  const carried: [string, CarriedFolder][] = [
    ...(made.codec === undefined ? [] : [codecToCarry(made.codec)]),
    ...(carry === undefined ? [] : [carry]),
  ].map((each) => [freeName(out, each.folder, generation), each]);
  const replaced = foldersThere(out).filter((name) => /^(?:codec|teacher)(?:\.\d+)?$/.test(name));
  await writeCarriedNames(building, [...carried.map(([name]) => name), ...replaced], files);
  for (const [name, each] of carried) {
    folders[name] = await carryFolder(out, building, name, each, files);
    if (each === carry) settings = { ...settings, [carry.setting]: name };
  }
  return { folders, settings };
}

/** A name that nothing in the index has: readers of the old one may still open what is there. */
function freeName(out: string, folder: string, generation: number): string {
  let name = folder;
  for (let n = generation; existsSync(join(out, name)); n++) name = `${folder}.${n}`;
  return name;
}
