/** What an index holds, what takes its bytes, and whether it should be tidied or its centroids trained anew. */
import { type IndexManifest, readManifest } from './manifest.ts';
import { SEGMENT_PARTS } from './segments/parts.ts';
import { livePassages, liveWindows, segmentBytes } from './segments/segment-entry.ts';
import type { CentroidFit } from './vector-storage.ts';

/** A segment, in numbers. */
export interface SegmentStats {
  readonly name: string;
  /** Passages, windows and token vectors that can be found, and passages that are deleted but still on the disk. */
  readonly passages: number;
  readonly deleted: number;
  readonly windows: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly fit?: CentroidFit;
}

/** An index, in numbers. */
export interface IndexStats {
  readonly generation: number;
  readonly precision: string;
  readonly dim: number;
  /** Passages that can be found, and those that are deleted but still on the disk. */
  readonly passages: number;
  readonly deleted: number;
  /** Windows and token vectors of passages that can be found. */
  readonly windows: number;
  readonly tokens: number;
  readonly texts: IndexManifest['texts'];
  readonly bytes: number;
  readonly bytesPerPassage: number;
  /** Bytes by what they hold: `vectors`, each part of the segments, `deleted`, and folders that are carried along. */
  readonly bytesByPart: Readonly<Record<string, number>>;
  readonly segments: readonly SegmentStats[];
  /** The fit of the sample that centroids were trained on. */
  readonly trained?: CentroidFit;
  /** What should be done, in sentences; none when all is well. */
  readonly advice: readonly string[];
}

/** How much farther from their centroids than the sample that trained them vectors may lie, on average. */
const WORSE_FIT = 1.15;

/**
 * Numbers of the index at `path`, from its manifest alone.
 *
 * @throws RefractError as `readManifest`
 * @example indexStats('index').bytesPerPassage
 */
export function indexStats(path: string): IndexStats {
  const manifest = readManifest(path);
  const { generation, precision, dim, passages, tokens, texts } = manifest;
  const segments = manifest.segments.map((entry) => ({
    name: entry.name,
    passages: livePassages(entry),
    deleted: entry.deleted?.passages ?? 0,
    windows: liveWindows(entry),
    tokens: entry.tokens - (entry.deleted?.tokens ?? 0),
    bytes: segmentBytes(entry),
    ...(entry.fit && { fit: entry.fit }),
  }));
  const bytesByPart = partBytes(manifest);
  const bytes = Object.values(bytesByPart).reduce((sum, each) => sum + each, 0);
  const sum = (of: (segment: SegmentStats) => number) => segments.reduce((all, each) => all + of(each), 0);
  return {
    ...{ generation, precision, dim, passages, deleted: sum((each) => each.deleted) },
    windows: sum((each) => each.windows),
    ...{
      tokens,
      texts,
      bytes,
      bytesPerPassage: passages === 0 ? 0 : bytes / passages,
      bytesByPart,
      segments,
    },
    ...(manifest.trained && { trained: manifest.trained }),
    advice: [...tidying(segments), ...training(segments, manifest.trained)],
  };
}

function partBytes({ segments, folders }: IndexManifest): Record<string, number> {
  const parts: Record<string, number> = {};
  const add = (part: string, bytes: number) => {
    parts[part] = (parts[part] ?? 0) + bytes;
  };
  for (const { files, deleted } of segments) {
    for (const [name, { bytes }] of Object.entries(files)) add(partOf(name), bytes);
    if (deleted !== undefined) add('deleted', deleted.bytes);
  }
  for (const [folder, files] of Object.entries(folders))
    for (const { bytes } of Object.values(files)) add(folder, bytes);
  return parts;
}

/** The part that a file of a segment belongs to; files that no part claims are the vectors'. */
function partOf(file: string): string {
  return SEGMENT_PARTS.find(({ filePrefix }) => file.startsWith(`${filePrefix}.`))?.name ?? 'vectors';
}

function tidying(segments: readonly SegmentStats[]): string[] {
  const worn = segments.filter(({ passages, deleted }) => deleted > (passages + deleted) / 4);
  if (worn.length === 0) return [];
  const names = worn.map(({ name }) => name).join(', ');
  return [`More than a quarter of segment ${names} is deleted: run refract index merge.`];
}

/** Compares the fit of the segments with that of the sample on which the centroids were trained. */
function training(segments: readonly SegmentStats[], trained: CentroidFit | undefined): string[] {
  const fits = segments.flatMap(({ fit }) => (fit === undefined ? [] : [fit]));
  const tokens = fits.reduce((sum, fit) => sum + fit.tokens, 0);
  if (trained === undefined || tokens === 0) return [];
  const residual = fits.reduce((sum, fit) => sum + fit.residual * fit.tokens, 0) / tokens;
  if (residual <= WORSE_FIT * trained.residual) return [];
  // The passages of the build may all lie on centroids, being few and alike.
  const far =
    trained.residual > 0
      ? `Vectors lie ${(residual / trained.residual).toFixed(2)} times as far from the centroids as the sample that trained these`
      : 'Vectors lie beside the centroids, on which all of the sample lay that trained these';
  return [`${far}: build the index again with --overwrite to train new ones.`];
}
