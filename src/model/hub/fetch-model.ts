/** A model by name: resolved on the hub, fetched into the cache, and given as a folder. */
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { asWriteError } from '../../data/atomic.ts';
import { checkFile } from '../../data/transfer/checksum.ts';
import type { TransferControl } from '../../data/transfer/retry.ts';
import { RefractError } from '../../errors.ts';
import { externalFiles } from '../../graph/index.ts';
import { parseHuggingFaceConfig } from '../families/index.ts';
import { type CachedModelFile, cachedModel } from './cached-model.ts';
import { arrivedOf } from './claimed-part.ts';
import { encoderFiles } from './encoder-files.ts';
import { type FetchedBlob, fetchBlob } from './fetch-blob.ts';
import { refusalOf } from './hub-errors.ts';
import { authorization, commitOf, type HubFile, listFiles, Unreachable } from './hub-listing.ts';
import { type HubSettings, hubSettings } from './hub-settings.ts';
import { ModelCache } from './model-cache.ts';
import { type HubName, isCommit } from './model-name.ts';

/** How a model is fetched. */
export interface FetchOptions extends TransferControl {
  /** Default: what the environment says. */
  readonly hub?: HubSettings;
  /** Hears sentences on what a user should know, such as that the model has changed on the hub. */
  readonly note?: (sentence: string) => void;
}

/** A file of a fetched model. */
export interface FetchedFile extends FetchedBlob {
  /** Below the model's folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
}

/** A model of the hub that is in the cache. */
export interface FetchedModel extends HubName {
  /** What the revision stands for: with it the same files come again. */
  readonly commit: string;
  /** The commit that the revision stood for before, where it was another one. */
  readonly before?: string;
  /** The snapshot in the cache. */
  readonly folder: string;
  readonly files: readonly FetchedFile[];
}

/**
 * Fetches what an encoder needs of a model into the cache and verifies all of it, what was there included. Without a
 * network, or with `HF_HUB_OFFLINE`, the cache alone is used.
 *
 * @throws RefractError `MODEL_NOT_FOUND`, `MODEL_GATED`, `DOWNLOAD_FAILED`, `CHECKSUM_MISMATCH`, `DISK_FULL`,
 * `INTERRUPTED`, and `CHECKPOINT_INCOMPLETE` before any weights are downloaded for a model without usable ones
 * @example (await fetchHubModel({ name: 'org/name', revision: 'main' })).commit
 */
export async function fetchHubModel(model: HubName, options: FetchOptions = {}): Promise<FetchedModel> {
  try {
    return await fetchWatched(model, options);
  } catch (error) {
    if (options.signal?.aborted !== true || error instanceof RefractError) throw error;
    throw new RefractError('INTERRUPTED', `stopped while checking the files of ${model.name}`, {
      hint: 'Nothing was changed; run the same command again.',
    });
  }
}

async function fetchWatched(model: HubName, options: FetchOptions): Promise<FetchedModel> {
  const hub = options.hub ?? hubSettings();
  const cache = new ModelCache(hub.cache, model.name);
  const { note } = options;
  const fromCache = async (commit?: string) =>
    fetchedOf(model, cache, await cachedModel(model, cache, hub, { ...options, commit }));
  if (hub.offline) return fromCache();
  const before = cache.commitOf(model.revision);
  try {
    const commit = isCommit(model.revision) ? model.revision : await commitOf(model, hub, options);
    const files = await fetchFiles(model, commit, cache, hub, options);
    cache.remember(model.revision, commit);
    const changed = before !== undefined && before !== commit;
    if (changed)
      note?.(
        `${model.name}: ${model.revision} was commit ${before} here before, and is ${commit} now; for the earlier one write ${model.name}@${before}`,
      );
    return {
      ...model,
      commit,
      ...(changed && { before }),
      folder: cache.snapshot(commit),
      files: files.map(({ file, blob }) => ({ path: file.path, bytes: file.bytes, ...blob })),
    };
  } catch (error) {
    if (error instanceof Unreachable && before !== undefined) {
      const there = await fromCache(before).catch(() => undefined);
      if (there !== undefined) {
        note?.(`${error.at}: ${error.what}; the cache has ${model.name} at commit ${before}, which is used`);
        return there;
      }
    }
    // What is written atomically has been refused in the words of commands with --out.
    const written = error instanceof RefractError && error.code === 'DISK_FULL' && error.cause !== undefined;
    throw asWriteError(
      written ? error.cause : error,
      cache.folder,
      'Free some space, or set HF_HUB_CACHE to another folder; what has arrived is kept.',
    );
  }
}

function fetchedOf(
  model: HubName,
  cache: ModelCache,
  { commit, files }: { commit: string; files: readonly CachedModelFile[] },
): FetchedModel {
  const there = { downloaded: 0, resumedFrom: 0 };
  return {
    ...model,
    commit,
    folder: cache.snapshot(commit),
    files: files.map((file) => ({ ...there, ...file })),
  };
}

async function fetchFiles(
  model: HubName,
  commit: string,
  cache: ModelCache,
  hub: HubSettings,
  options: FetchOptions,
): Promise<{ file: HubFile; blob: FetchedBlob }[]> {
  // A commit has the same files for ever.
  const known = cache.listing(commit);
  const listing = known ?? (await listFiles(model, commit, hub, options));
  if (known === undefined) cache.keepListing(commit, listing);
  const listed = new Map(listing.map((file) => [file.path, file]));
  const done = new Map<string, { file: HubFile; blob: FetchedBlob }>();
  const fetchOne = async (path: string) => {
    if (done.has(path)) return;
    const file = listed.get(path)!;
    const url = `${hub.endpoint}/${model.name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
    const headers = authorization(hub, url);
    const request = { model, endpoint: hub.endpoint, withToken: hub.token !== undefined };
    const refused = (status: string, response: Response) => refusalOf(status, response, request);
    const copy = cache.isCopy(commit, path)
      ? await checkFile(cache.file(commit, path), file, { signal: options.signal })
      : { wrong: 'is not there' };
    const blob =
      'verified' in copy
        ? { downloaded: 0, resumedFrom: 0, verified: copy.verified }
        : await fetchBlob(file, cache.blob(file), { url, headers, refused }, options);
    if ('wrong' in copy) cache.show(commit, file);
    done.set(path, { file, blob });
  };
  const at = `${hub.endpoint}/${model.name}`;
  const paths = await encoderFiles({
    model,
    at,
    paths: [...listed.keys()],
    read: async (path) => {
      await fetchOne(path);
      return cache.text(commit, path);
    },
    external: async (path) => {
      checkSpace([listed.get(path)!], cache);
      await fetchOne(path);
      return externalFiles(cache.file(commit, path));
    },
  });
  const lacking = paths.filter((path) => !cache.isCopy(commit, path)).map((path) => listed.get(path)!);
  checkSpace(lacking, cache);
  for (const path of paths) {
    await fetchOne(path);
    // An architecture that cannot be read is refused before its weights come.
    const folder = path === paths[0] ? /^(.*\/)?config\.json$/.exec(path)?.slice(1) : undefined;
    if (folder && paths.some((each) => each.startsWith(`${folder[0] ?? ''}model.safetensors`)))
      parseHuggingFaceConfig(parseJson(cache.text(commit, path)), `${at}/${path}`);
  }
  return paths.map((path) => done.get(path)!);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Refuses, before the first weight, what does not fit on the disk. */
function checkSpace(files: readonly HubFile[], cache: ModelCache): void {
  let needed = 0;
  for (const file of files)
    if (!existsSync(cache.blob(file))) needed += Math.max(0, file.bytes - arrivedOf(cache.blob(file)));
  mkdirSync(cache.folder, { recursive: true });
  const { bavail, bsize } = statfsSync(cache.folder);
  const free = bavail * bsize;
  if (needed <= free) return;
  throw new RefractError('DISK_FULL', `${needed} bytes are needed and ${free} are free`, {
    at: cache.folder,
    hint: 'Free some space, or set HF_HUB_CACHE to a folder on another disk. No weights were downloaded.',
  });
}
