/** Opening an index: one generation of it, whole, even while another is being committed. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { countBits } from '../data/bitmap.ts';
import { IndexView } from './index-view.ts';
import { INDEX_FILES, type IndexManifest, manifestText, readManifest } from './manifest.ts';
import type { SegmentEntry } from './segments/segment-entry.ts';
import { damaged, SegmentFile } from './segments/segment-file.ts';
import { SegmentReader } from './segments/segment-reader.ts';
import { storageOf } from './storages.ts';
import type { VectorStorage } from './vector-storage.ts';
import type { ViewSegment } from './view-windows.ts';

/** Choices for `openIndex`. */
export interface OpenIndexOptions {
  /** Threads of a search, where the storage uses several. */
  readonly threads?: number;
}

/** How often a view is tried anew because a commit came between the manifest and the files. */
const TRIES = 8;

/**
 * Opens the index at `path`: the generation that its manifest names. All files are open afterwards, so that what is
 * committed, merged or removed later changes nothing in this view. Vectors are read at the first search.
 *
 * @throws RefractError `FILE_MISSING`, `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`, `VERSION_MISMATCH`
 * @example
 * const index = openIndex('index');
 * const [best] = await index.search(queryVectors, 32, 10);
 * console.log(best.score, index.passage(best.ordinal).text);
 * await index.close();
 */
export function openIndex(path: string, options: OpenIndexOptions = {}): IndexView {
  for (let tries = 1; ; tries++) {
    const manifest = readManifest(path);
    try {
      return openGeneration(path, manifest, storageOf(path, manifest, options), options);
    } catch (error) {
      if (tries === TRIES || manifestText(readManifest(path)) === manifestText(manifest)) throw error;
    }
  }
}

/** Whether something else than what the view shows has been committed; of the same number, where the index is a new one. */
export function isStale(view: IndexView): boolean {
  return manifestText(readManifest(view.path)) !== manifestText(view.manifest);
}

/**
 * The view itself while it is the newest, else a view of the newest generation; the old one is then closed.
 *
 * @throws RefractError as `openIndex`; the old view is then still open
 * @example index = await refreshed(index);
 */
export async function refreshed(view: IndexView, options: OpenIndexOptions = {}): Promise<IndexView> {
  if (!isStale(view)) return view;
  const newer = openIndex(view.path, options);
  await view.close();
  return newer;
}

/** Opens the segments that a manifest names. */
export function openGeneration(
  path: string,
  manifest: IndexManifest,
  storage: VectorStorage,
  options: OpenIndexOptions = {},
): IndexView {
  const directory = join(path, INDEX_FILES.segments);
  const segments: ViewSegment[] = [];
  try {
    for (const entry of manifest.segments)
      segments.push({
        reader: new SegmentReader({ directory, storage }, entry),
        deleted: readDeleted(directory, entry),
      });
    for (const [folder, files] of Object.entries(manifest.folders))
      for (const [name, { bytes }] of Object.entries(files))
        new SegmentFile(join(path, folder), name, bytes).close();
  } catch (error) {
    for (const { reader } of segments) reader.close();
    throw error;
  }
  return new IndexView(path, manifest, storage, segments, options);
}

/** The passages of a segment that are deleted. */
export function readDeleted(directory: string, { passages, deleted }: SegmentEntry): Uint8Array | undefined {
  if (deleted === undefined) return undefined;
  const file = new SegmentFile(directory, deleted.file, Math.ceil(passages / 8));
  try {
    const bitmap = file.all();
    const sha256 = createHash('sha256').update(bitmap).digest('hex');
    if (sha256 !== deleted.sha256 || countBits(bitmap) !== deleted.passages) throw damaged(file.path);
    return bitmap;
  } finally {
    file.close();
  }
}
