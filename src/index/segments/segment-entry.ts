/** What the manifest says of a segment. */
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** Bytes and SHA-256 of a file. */
export const fileSchema = z.strictObject({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** Files by their names within a folder, which have no way out of it. */
export const filesSchema = z.record(z.string().regex(/^[^/\\]+$/), fileSchema);

/** How far vectors lie from their centroids; see `CentroidFit`. */
export const fitSchema = z.strictObject({ tokens: count, residual: z.number(), error: z.number() });

/** A segment: an immutable folder, and which of its passages are deleted. */
export const segmentSchema = z.strictObject({
  /** Six digits or more, never used twice in an index. */
  name: z.string().regex(/^\d{6,}$/),
  passages: z.number().int().positive(),
  windows: z.number().int().positive(),
  tokens: z.number().int().positive(),
  /** How far its vectors lie from the centroids; of compressed ones. */
  fit: fitSchema.optional(),
  /** Bytes of memory that its writer might hold, where it was closed for holding as much. */
  held: z.number().positive().optional(),
  files: filesSchema,
  deleted: z
    .strictObject({
      passages: z.number().int().positive(),
      /** Left out by the first builds of this format, which did not count them. */
      windows: z.number().int().positive().optional(),
      tokens: z.number().int().positive(),
      file: z.string().regex(/^\d+\.\d+\.deleted$/),
      ...fileSchema.shape,
    })
    .optional(),
});

/** A segment in the manifest. */
export type SegmentEntry = z.infer<typeof segmentSchema>;

/** The name of segment number `n`. */
export function segmentName(n: number): string {
  return String(n).padStart(6, '0');
}

/** Passages of a segment that are not deleted. */
export function livePassages({ passages, deleted }: SegmentEntry): number {
  return passages - (deleted?.passages ?? 0);
}

/**
 * Windows of a segment whose passages are not deleted. Where the deleted ones were not counted each is taken for one
 * window, which is so unless they were long.
 */
export function liveWindows({ windows, deleted }: SegmentEntry): number {
  return windows - (deleted === undefined ? 0 : (deleted.windows ?? deleted.passages));
}

/** Bytes of a segment on the disk. */
export function segmentBytes({ files, deleted }: SegmentEntry): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, deleted?.bytes ?? 0);
}
