/** A model from the cache alone, without the hub: found by its revision, complete, and checked against its hashes. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { checkFile, type Verification } from '../../data/transfer/checksum.ts';
import { RefractError } from '../../errors.ts';
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
  if (commit === undefined) throw absent(`does not know ${model.name} at revision "${model.revision}"`);
  const expected = cache.record(commit) ?? (await guess(model, commit, cache, absent, note));
  const files: CachedModelFile[] = [];
  for (const file of expected) {
    const place = cache.file(commit, file.path);
    if (!existsSync(place)) throw absent(`has ${model.name} at commit ${commit} without ${file.path}`);
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

async function guess(
  model: HubName,
  commit: string,
  cache: ModelCache,
  absent: (what: string) => RefractError,
  note: ((sentence: string) => void) | undefined,
): Promise<Expected[]> {
  const paths = cache.pathsOf(commit);
  if (paths.length === 0) throw absent(`has no files of ${model.name} at commit ${commit}`);
  const read = async (path: string) => readFileSync(cache.file(commit, path), 'utf8');
  const needed = await encoderFiles({ model, at: cache.snapshot(commit), paths, read });
  note?.(
    `${model.name} was downloaded by another tool, which may have left out files such as modules.json; refract models get ${model.name}@${commit}, with a network, completes it`,
  );
  return needed.map((path) => ({ path, ...cache.hashOf(commit, path) }));
}
