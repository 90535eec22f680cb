/** What models the cache of the hub holds, whichever tool has put them there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { externalFiles } from '../../graph/index.ts';
import { encoderFiles } from './encoder-files.ts';
import { ModelCache } from './model-cache.ts';
import { isCommit } from './model-name.ts';

/** One commit of a model in the cache. */
export interface CachedModel {
  /** `org/name`. */
  readonly name: string;
  readonly commit: string;
  /** Branches and tags that stood for the commit when they were last fetched. */
  readonly revisions: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /**
   * Whether all files that an encoder needs are there with their sizes; undefined where the model is no encoder that can
   * be read, or another tool has put it there and it is not known which files these are.
   */
  readonly whole?: boolean;
  readonly folder: string;
}

/** Downloads that were begun and not finished. */
export interface UnfinishedModel {
  readonly name: string;
  /** Bytes that are there, to go on from. */
  readonly bytes: number;
}

/** Reads the cache in the folder `cache`, which need not exist; models in order of their names. */
export async function cachedModels(
  cache: string,
): Promise<{ models: CachedModel[]; unfinished: UnfinishedModel[] }> {
  const names = foldersIn(cache)
    .filter((folder) => folder.startsWith('models--'))
    .map((folder) => folder.slice('models--'.length).replaceAll('--', '/'))
    .sort();
  return {
    models: (await Promise.all(names.map((name) => commitsOf(cache, name)))).flat(),
    unfinished: names.flatMap((name) => {
      const blobs = join(new ModelCache(cache, name).folder, 'blobs');
      const bytes = namesIn(blobs)
        .filter((file) => /\.(part|incomplete)$/.test(file))
        .reduce((sum, file) => sum + statSync(join(blobs, file)).size, 0);
      return bytes > 0 ? [{ name, bytes }] : [];
    }),
  };
}

function commitsOf(cacheFolder: string, name: string): Promise<CachedModel[]> {
  const cache = new ModelCache(cacheFolder, name);
  const revisions = refsOf(cache);
  const commits = foldersIn(join(cache.folder, 'snapshots')).filter(isCommit).sort();
  return Promise.all(
    commits.map(async (commit) => {
      const sizes = new Map(
        cache.pathsOf(commit).flatMap((path): [string, number][] => {
          const entry = statSync(cache.file(commit, path));
          return entry.isFile() ? [[path, entry.size]] : [];
        }),
      );
      const whole = await isWhole(cache, name, commit, sizes);
      return {
        name,
        commit,
        revisions: revisions.filter((ref) => ref.commit === commit).map((ref) => ref.revision),
        files: sizes.size,
        bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
        ...(whole !== undefined && { whole }),
        folder: cache.snapshot(commit),
      };
    }),
  );
}

async function isWhole(
  cache: ModelCache,
  name: string,
  commit: string,
  sizes: ReadonlyMap<string, number>,
): Promise<boolean | undefined> {
  const listing = cache.listing(commit);
  if (listing === undefined) return undefined;
  try {
    const needed = await encoderFiles({
      model: { name, revision: commit },
      at: cache.snapshot(commit),
      paths: listing.map(({ path }) => path),
      read: async (path) => cache.text(commit, path),
      external: async (path) => externalFiles(cache.file(commit, path)),
    });
    const published = new Map(listing.map(({ path, bytes }) => [path, bytes]));
    return needed.every((path) => sizes.get(path) === published.get(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'FILE_MISSING' ? false : undefined;
  }
}

function refsOf({ folder }: ModelCache): { revision: string; commit: string }[] {
  const refs = join(folder, 'refs');
  if (!existsSync(refs)) return [];
  return readdirSync(refs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      revision: file.slice(refs.length + 1).replaceAll('\\', '/'),
      commit: readFileSync(file, 'utf8').trim(),
    }));
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
