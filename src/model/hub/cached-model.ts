/** A model from the cache alone, without the hub: found by its revision, complete, and checked against its hashes. */
import { existsSync, statSync } from 'node:fs';
import { checkFile, type Verification } from '../../data/transfer/checksum.ts';
import { RefractError } from '../../errors.ts';
import { externalFiles } from '../../graph/index.ts';
import { encoderFiles } from './encoder-files.ts';
import type { HubFile } from './hub-listing.ts';
import type { HubSettings } from './hub-settings.ts';
import type { ModelCache } from './model-cache.ts';
import type { HubName } from './model-name.ts';

/** A file of a model in the cache. */
export interface CachedModelFile {
  readonly path: string;
  readonly bytes: number;
  readonly verified: Verification;
}

/** How the cache is looked into. */
export interface CacheLookup {
  /** Default: what the revision stood for when it was last fetched. */
  readonly commit?: string;
  readonly signal?: AbortSignal;
  readonly note?: (sentence: string) => void;
}

/**
 * The commit and the files of a model that is in the cache. Where another tool has put it there, which files an encoder
 * needs is told from those that are there.
 *
 * @throws RefractError `DOWNLOAD_FAILED` it is not there, or in part; `CHECKSUM_MISMATCH`; those of `encoderFiles`
 */
export async function cachedModel(
  model: HubName,
  cache: ModelCache,
  { offline }: HubSettings,
  { commit = cache.commitOf(model.revision), signal, note }: CacheLookup = {},
): Promise<{ commit: string; files: CachedModelFile[] }> {
  const absent = (what: string) =>
    new RefractError('DOWNLOAD_FAILED', `the cache ${what}`, {
      at: cache.folder,
      hint: `${offline ? 'Fetch it once without HF_HUB_OFFLINE' : 'Fetch it once'}: refract models get ${model.name}${model.revision === 'main' ? '' : `@${model.revision}`}`,
    });
  const lacks = (path: string) => absent(`has ${model.name} at commit ${commit} without ${path}`);
  if (commit === undefined) throw absent(`does not know ${model.name} at revision "${model.revision}"`);
  if (!existsSync(cache.snapshot(commit))) throw absent(`has no files of ${model.name} at commit ${commit}`);
  const listing = cache.listing(commit);
  const needed = await encoderFiles({
    model,
    at: cache.snapshot(commit),
    paths: listing === undefined ? cache.pathsOf(commit) : listing.map(({ path }) => path),
    read: async (path) => {
      if (existsSync(cache.file(commit, path))) return cache.text(commit, path);
      throw lacks(path);
    },
    external: async (path) => {
      if (existsSync(cache.file(commit, path))) return externalFiles(cache.file(commit, path));
      throw lacks(path);
    },
  });
  if (listing === undefined)
    note?.(
      `${model.name} was downloaded by another tool, which may have left out files such as modules.json; refract models get ${model.name}@${commit}, with a network, completes it`,
    );
  const expected: Expected[] = needed.map(
    (path) => listing?.find((file) => file.path === path) ?? { path, ...cache.hashOf(commit, path) },
  );
  const files: CachedModelFile[] = [];
  for (const file of expected) {
    const place = cache.file(commit, file.path);
    if (!existsSync(place)) throw lacks(file.path);
    const verdict = await checkFile(place, file, { signal });
    if ('wrong' in verdict)
      throw new RefractError('CHECKSUM_MISMATCH', verdict.wrong, {
        at: place,
        hint: 'The file in the cache is damaged: with a network, refract models get downloads it again.',
      });
    files.push({ path: file.path, bytes: statSync(place).size, verified: verdict.verified });
  }
  return { commit, files };
}

type Expected = Pick<HubFile, 'path' | 'sha256' | 'gitSha1'> & { readonly bytes?: number };
