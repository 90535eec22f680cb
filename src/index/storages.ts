/**
 * The storage of an index's vectors by its precision. This is the one place that knows all of them: a compressed storage,
 * with the codec that a build trains for it, joins here.
 */
import type { StageControl } from '../stage.ts';
import type { IndexManifest, IndexPrecision } from './manifest.ts';
import { type PlainPrecision, PlainStorage } from './plain/plain-storage.ts';
import type { SegmentEntry } from './segments/segment-entry.ts';
import type { SegmentSource } from './segments/segment-reader.ts';
import type { CentroidFit, FileEntries, VectorStorage } from './vector-storage.ts';

/** What vectors are staged in while an index is built, before its storage can be made. */
export function stagingPrecision(precision: IndexPrecision): PlainPrecision {
  return precision === 'float32' ? 'float32' : 'float16';
}

/**
 * The storage of the index at `path`, whose manifest says so.
 *
 * @throws RefractError what reading its codec throws
 */
export function storageOf(
  _path: string,
  { dim, precision }: Pick<IndexManifest, 'dim' | 'precision'>,
): VectorStorage {
  return new PlainStorage(dim, precision);
}

/** What a build has when all its passages are staged. */
export interface StagedVectors {
  readonly dim: number;
  readonly precision: IndexPrecision;
  /** The staged segments; their vectors can be read and sampled. */
  readonly source: SegmentSource;
  readonly entries: readonly SegmentEntry[];
}

/** The storage that a build ends in, and the files of the folder that it needs beside the segments. */
export interface FinalStorage {
  readonly precision: IndexPrecision;
  readonly storage: VectorStorage;
  /** By the name of the folder in the index. */
  readonly folders: Readonly<Record<string, FileEntries>>;
  /** How far the sample that centroids were trained on lies from them. */
  readonly trained?: CentroidFit;
}

/** Makes the storage for what is staged; a compressed one trains its codec on a sample of it. */
export async function finalStorage(
  _path: string,
  { precision, source }: StagedVectors,
  _control: StageControl,
): Promise<FinalStorage> {
  return { precision, storage: source.storage, folders: {} };
}
