/** Every argument that takes a model: a folder, or `org/name[@revision]` on the hub, which is fetched into the cache. */
import { type Checkpoint, type RetrieverCheckpoint, readCheckpoint } from '../model/checkpoint.ts';
import type { FetchedModel } from '../model/hub/fetch-model.ts';
import { fetchModel, type LocalModel, sourceOf } from '../model/hub/local-model.ts';
import type { CommandIo } from './io.ts';
import { notesOf, progressOf } from './options.ts';

/** What `--base` says, for people and for shells. */
export const BASE_ARGUMENT = '--base <model>';

/** The part of a command's arguments that says whether it is to be silent. */
interface Quiet {
  readonly quiet?: boolean;
}

/**
 * The folder of a model, after fetching it if it is a name; says which commit it is. Errors: those of `fetchModel`.
 *
 * @example const { folder } = await localModel(given.teacher, io, given)
 */
export async function localModel(nameOrFolder: string, io: CommandIo, { quiet }: Quiet): Promise<LocalModel> {
  const note = notesOf(io, quiet);
  const model = await fetchModel(nameOrFolder, {
    progress: progressOf(io, quiet),
    signal: io.signal,
    note,
  });
  if (model.fetched) note(describeFetched(model.fetched));
  return model;
}

/** The folders of models that need not be named, by the same names. Errors: those of `fetchModel`. */
export async function localFolders<Models extends Readonly<Record<string, string | undefined>>>(
  models: Models,
  io: CommandIo,
  given: Quiet,
): Promise<Models> {
  const folders: Record<string, string | undefined> = { ...models };
  for (const [name, model] of Object.entries(models))
    if (model !== undefined) folders[name] = (await localModel(model, io, given)).folder;
  return folders as Models;
}

/**
 * Reads an encoder to start from, and where it came from. Errors: those of `fetchModel` and `readCheckpoint`.
 *
 * @example const base = await readBase('org/name', io, given)
 */
export async function readBase(nameOrFolder: string, io: CommandIo, given: Quiet): Promise<Checkpoint> {
  const model = await localModel(nameOrFolder, io, given);
  return withSource(readCheckpoint(model.folder, { allowBase: true }), model);
}

/** The same of a teacher. */
export async function readTeacher(
  nameOrFolder: string,
  io: CommandIo,
  given: Quiet,
): Promise<RetrieverCheckpoint> {
  const model = await localModel(nameOrFolder, io, given);
  return withSource(readCheckpoint(model.folder), model);
}

function withSource<Read extends Checkpoint>(checkpoint: Read, model: LocalModel): Read {
  const source = sourceOf(model);
  return source === undefined ? checkpoint : { ...checkpoint, source };
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
