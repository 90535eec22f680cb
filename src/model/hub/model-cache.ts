/**
 * One model in the cache of the hub, in the layout that Hugging Face's own tools have:
 *
 *     models--org--name/
 *       refs/main                    the commit of a revision
 *       blobs/HASH                   contents, by SHA-256 or Git's SHA-1
 *       snapshots/COMMIT/PATH        links to blobs; copies where the file system has no links
 *       trees/COMMIT.json            the hub's listing of the commit, also of files that are not here
 */
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../data/atomic.ts';
import type { HubFile } from './hub-listing.ts';
import { isCommit } from './model-name.ts';

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const size = z.int().nonnegative();
const treeSchema = z.object({
  format_version: z.literal(1),
  files: z.record(
    z.string(),
    z.object({
      size,
      blob_id: sha1,
      lfs_sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullish(),
      lfs_size: size.nullish(),
    }),
  ),
});

/** The folder of one model in the cache; it need not exist. */
export class ModelCache {
  readonly folder: string;

  constructor(cache: string, name: string) {
    this.folder = join(cache, `models--${name.replace('/', '--')}`);
  }

  /** Where the content of a file lies. */
  blob({ sha256, gitSha1 }: HubFile): string {
    return join(this.folder, 'blobs', (sha256 ?? gitSha1)!);
  }

  /** The text of a file of a snapshot. */
  text(commit: string, path: string): string {
    return readFileSync(this.file(commit, path), 'utf8');
  }

  /** Whether a file of a snapshot holds its content itself. */
  isCopy(commit: string, path: string): boolean {
    return lstatSync(this.file(commit, path), { throwIfNoEntry: false })?.isFile() === true;
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  /** Where a file of a snapshot is seen. */
  file(commit: string, path: string): string {
    return join(this.snapshot(commit), ...path.split('/'));
  }

  /** The commit that a revision stood for when it was last fetched. */
  commitOf(revision: string): string | undefined {
    if (isCommit(revision)) return revision;
    try {
      const commit = readFileSync(join(this.folder, 'refs', revision), 'utf8').trim();
      return isCommit(commit) ? commit : undefined;
    } catch {
      return undefined;
    }
  }

  remember(revision: string, commit: string): void {
    if (revision !== commit) writeFileAtomic(join(this.folder, 'refs', ...revision.split('/')), commit);
  }

  /** The hub's listing of a commit, where Refract or another tool has kept it. */
  listing(commit: string): HubFile[] | undefined {
    try {
      const { files } = treeSchema.parse(JSON.parse(readFileSync(this.tree(commit), 'utf8')));
      return Object.entries(files).map(
        ([path, { size: bytes, blob_id: id, lfs_sha256: sha256, lfs_size }]) =>
          sha256 ? { path, bytes: lfs_size ?? bytes, sha256, pointer: id } : { path, bytes, gitSha1: id },
      );
    } catch {
      return undefined; // fetched by a tool that keeps none, or damaged, which is as good as none
    }
  }

  keepListing(commit: string, listing: readonly HubFile[]): void {
    const files = Object.fromEntries(
      listing.map(({ path, bytes, sha256, pointer, gitSha1 }) => [
        path,
        sha256 === undefined
          ? { size: bytes, blob_id: gitSha1 }
          : { size: bytes, blob_id: pointer, lfs_sha256: sha256, lfs_size: bytes },
      ]),
    );
    writeFileAtomic(this.tree(commit), JSON.stringify({ format_version: 1, files }, null, 1));
  }

  /** Makes a file of a snapshot show the blob, whatever was there before. */
  show(commit: string, file: HubFile): void {
    const place = this.file(commit, file.path);
    const blob = this.blob(file);
    const fresh = `${place}.${process.pid}.tmp`;
    mkdirSync(dirname(place), { recursive: true });
    rmSync(fresh, { force: true });
    try {
      symlinkSync(relative(dirname(place), blob), fresh);
    } catch {
      copyFileSync(blob, fresh); // a file system without links, or Windows without the right to make them
    }
    renameSync(fresh, place);
  }

  /** All files of a snapshot, with slashes, sorted. */
  pathsOf(commit: string): string[] {
    const folder = this.snapshot(commit);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => existsSync(this.file(commit, path)) && !path.endsWith('.tmp'))
      .sort();
  }

  /** What the name of its blob says of a file in a snapshot: its hash. Nothing is known of a copy. */
  hashOf(commit: string, path: string): Pick<HubFile, 'sha256' | 'gitSha1'> {
    const place = this.file(commit, path);
    const name = lstatSync(place).isSymbolicLink() ? basename(readlinkSync(place)) : '';
    if (/^[0-9a-f]{64}$/.test(name)) return { sha256: name };
    return isCommit(name) ? { gitSha1: name } : {};
  }

  private tree(commit: string): string {
    return join(this.folder, 'trees', `${commit}.json`);
  }
}
