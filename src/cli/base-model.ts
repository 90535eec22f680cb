/** The `--base` of commands: a folder, or a model on the hub, which is fetched. */
import { type Checkpoint, readCheckpoint } from '../model/checkpoint.ts';
import { type FetchedModel, fetchModel } from '../model/hub/fetch-model.ts';
import type { CommandIo } from './io.ts';
import { notesOf, progressOf } from './options.ts';

/** What `--base` says, for people and for shells. */
export const BASE_ARGUMENT = '--base <model>';

/** An encoder to start from. */
export interface BaseModel {
  readonly checkpoint: Checkpoint;
  /** Where it came from, of a model of the hub; for the result as JSON. */
  readonly source?: { readonly name: string; readonly revision: string; readonly commit: string };
}

/**
 * Reads the base, after fetching it if it is a name; says which commit it is. Errors: those of `fetchModel` and
 * `readCheckpoint`.
 *
 * @example const base = await readBase('org/name', io, given)
 */
export async function readBase(
  nameOrFolder: string,
  io: CommandIo,
  { quiet }: { readonly quiet?: boolean },
): Promise<BaseModel> {
  const note = notesOf(io, quiet);
  const { folder, fetched } = await fetchModel(nameOrFolder, {
    progress: progressOf(io, quiet),
    signal: io.signal,
    note,
  });
  const checkpoint = readCheckpoint(folder, { allowBase: true });
  if (fetched === undefined) return { checkpoint };
  note(describeFetched(fetched));
  const { name, revision, commit } = fetched;
  return { checkpoint, source: { name, revision, commit } };
}

/** `org/name: main is commit 4f2c...; 7 files, 714.3 MB, of which 0 bytes came over the network`. */
export function describeFetched({ name, revision, commit, files }: FetchedModel): string {
  const sum = (key: 'bytes' | 'downloaded') => files.reduce((bytes, file) => bytes + file[key], 0);
  const named = revision === commit ? `commit ${commit}` : `${revision} is commit ${commit}`;
  return `${name}: ${named}; ${files.length} files, ${megabytes(sum('bytes'))}, ${sum('downloaded') === 0 ? 'all from the cache' : `${megabytes(sum('downloaded'))} downloaded`}`;
}

/** `714.3 MB`, `2.2 GB`. */
export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
