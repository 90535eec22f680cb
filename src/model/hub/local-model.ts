/** The one place where what a user calls a model becomes a folder: a folder that exists, or a name on the hub. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefractError } from '../../errors.ts';
import type { ModelSource } from '../model-source.ts';
import { type FetchedModel, type FetchOptions, fetchHubModel } from './fetch-model.ts';
import { hubSettings } from './hub-settings.ts';
import { ModelCache } from './model-cache.ts';
import { hubNameOf } from './model-name.ts';

/** A folder, and the model of the hub that it is, if it is one. */
export interface LocalModel {
  readonly folder: string;
  readonly fetched?: FetchedModel;
}

/** Names of models that a hint lists. */
const MOST_NAMES = 8;

/**
 * The folder of a model: what exists is given back as it is; `org/name` and `org/name@revision` are fetched. A name
 * without a revision whose `org` is a folder here is taken for a misspelt folder, and the hub is not asked, unless the
 * cache has the model.
 *
 * @throws RefractError as `fetchHubModel`, and `FILE_MISSING` for what is neither a folder nor a name on the hub
 * @example const { folder } = await fetchModel('google-bert/bert-base-multilingual-cased')
 */
export async function fetchModel(nameOrFolder: string, options: FetchOptions = {}): Promise<LocalModel> {
  const model = hubNameOf(nameOrFolder);
  if (model === undefined) {
    if (existsSync(nameOrFolder)) return { folder: nameOrFolder };
    throw missing(
      nameOrFolder,
      'Give the folder of a model, or the name of one on the hub: org/name or org/name@revision.',
    );
  }
  const hub = options.hub ?? hubSettings();
  const fetchedBefore = new ModelCache(hub.cache, model.name).commitOf(model.revision) !== undefined;
  if (nameOrFolder === model.name && isFolder(dirname(nameOrFolder)) && !fetchedBefore)
    throw missing(
      nameOrFolder,
      `${besides(dirname(nameOrFolder))} For a model of this name on the hub write ${model.name}@${model.revision}.`,
    );
  try {
    const fetched = await fetchHubModel(model, { ...options, hub });
    return { folder: fetched.folder, fetched };
  } catch (error) {
    if (!(error instanceof RefractError) || error.code !== 'DOWNLOAD_FAILED') throw error;
    throw new RefractError(error.code, error.what, {
      at: error.at,
      hint: `${error.hint} ("${nameOrFolder}" is no folder here, so it was taken for the name of a model on the hub.)`,
      cause: error,
    });
  }
}

/** Where a model came from, of one from the hub. */
export function sourceOf({ fetched }: LocalModel): ModelSource | undefined {
  return fetched && { name: fetched.name, revision: fetched.revision, commit: fetched.commit };
}

function missing(at: string, hint: string): RefractError {
  return new RefractError('FILE_MISSING', 'no such folder', { at, hint });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What a folder holds in the place of the one that was named. */
function besides(folder: string): string {
  const names = readdirSync(folder)
    .filter((name) => isFolder(join(folder, name)))
    .sort();
  if (names.length === 0) return `The folder ${folder} holds no folder.`;
  const more = names.length > MOST_NAMES ? ' and more' : '';
  return `The folder ${folder} holds ${names.slice(0, MOST_NAMES).join(', ')}${more}.`;
}
