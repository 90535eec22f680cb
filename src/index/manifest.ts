/** The manifest of an index directory: its schema, its own checksum, and how it is read and replaced. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../errors.ts';
import { FIELD_TYPES } from './fields/schema.ts';
import type { FileSystem } from './file-system.ts';
import { lexicalSettingsSchema } from './lexical/lexical-files.ts';
import { filesSchema, fitSchema, livePassages, segmentSchema } from './segments/segment-entry.ts';
import { DAMAGED_HINT } from './segments/segment-file.ts';
import { writeWhole } from './streamed-file.ts';

/** Version of the format; raised when an older reader could not read a newer index. */
export const INDEX_VERSION = 2;

/** Names within an index directory. `docs/index-format.md` describes what they hold. */
export const INDEX_FILES = {
  manifest: 'manifest.json',
  lock: 'writer.lock',
  segments: 'segments',
  codec: 'codec',
  teacher: 'teacher',
  building: 'building',
} as const;

/**
 * How vectors are stored: as numbers, as centroids and residuals of a few bits a dimension, or both, the first to rank
 * what the second finds.
 */
export const INDEX_PRECISIONS = [
  'float16',
  'float32',
  '4bit',
  '2bit',
  '1bit',
  '4bit+float16',
  '2bit+float16',
  '1bit+float16',
] as const;
export type IndexPrecision = (typeof INDEX_PRECISIONS)[number];

/** What may be asked for: `auto` decides by the collection's size. */
export const PRECISION_CHOICES = ['auto', ...INDEX_PRECISIONS] as const;
export type PrecisionChoice = (typeof PRECISION_CHOICES)[number];

const count = z.number().int().nonnegative();

const manifestSchema = z.strictObject({
  kind: z.literal('refract-index'),
  version: z.literal(INDEX_VERSION),
  createdBy: z.string(),
  /** Rises by one with each commit. */
  generation: z.number().int().positive(),
  dim: z.number().int().positive(),
  precision: z.enum(INDEX_PRECISIONS),
  /** Passages that are not deleted, and their tokens. */
  passages: count,
  tokens: count,
  fingerprint: z.strictObject({
    teacher: z.string(),
    tokenizer: z.string(),
    encoding: z.enum(['float16', 'int8']).optional(),
  }),
  settings: z.record(z.string(), z.unknown()),
  /** Of compressed vectors: the fit of some that the centroids were not trained on. */
  trained: fitSchema.optional(),
  /** What became of long and empty passages, over all that were ever added. */
  texts: z.strictObject({
    split: count,
    windows: count,
    truncated: count,
    tokensLeftOut: count,
    skipped: count,
  }),
  /** What the build that it began with was of; an unfinished build of the same is over. */
  build: z.string().optional(),
  /** Folders that the index carries along unchanged (its teacher, its codec), with their files. */
  folders: z.record(z.string().regex(/^[^/\\.][^/\\]*$/), filesSchema),
  /** Metadata fields and their types, in the order in which they were first seen. */
  fields: z.record(z.string(), z.enum(FIELD_TYPES)),
  /** How passages and queries are cut into words. */
  words: lexicalSettingsSchema,
  /** The number of the next segment. */
  nextSegment: z.number().int().positive(),
  segments: z.array(segmentSchema),
});

/** The contents of `manifest.json`, without its checksum. */
export type IndexManifest = z.infer<typeof manifestSchema>;

/** The manifest of the commit after that of `before`, with these segments. */
export function nextManifest(
  before: IndexManifest,
  changed: Pick<IndexManifest, 'texts' | 'fields' | 'nextSegment' | 'segments'>,
): IndexManifest {
  const { segments } = changed;
  return {
    ...before,
    ...changed,
    generation: before.generation + 1,
    passages: segments.reduce((sum, entry) => sum + livePassages(entry), 0),
    tokens: segments.reduce((sum, { tokens, deleted }) => sum + tokens - (deleted?.tokens ?? 0), 0),
  };
}

/** The manifest as it is written: the last field is the SHA-256 of the text without it. */
export function manifestText(manifest: IndexManifest): string {
  const checksum = createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
  return `${JSON.stringify({ ...manifest, checksum }, null, 2)}\n`;
}

/**
 * Reads and checks the manifest of the index at `path`.
 *
 * @throws RefractError `FILE_MISSING` no such directory; `CHECKPOINT_INCOMPLETE` no manifest;
 * `CHECKPOINT_FORMAT` a damaged one; `VERSION_MISMATCH` another format version
 */
export function readManifest(path: string): IndexManifest {
  const at = join(path, INDEX_FILES.manifest);
  let text: string;
  try {
    text = readFileSync(at, 'utf8');
  } catch (cause) {
    throw withoutManifest(path, cause);
  }
  return parseManifest(text, at);
}

function withoutManifest(path: string, cause: unknown): unknown {
  if (!existsSync(path))
    return new RefractError('FILE_MISSING', 'no such index', {
      at: path,
      hint: 'Check the path, or build an index with `refract index`.',
    });
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return cause;
  const unfinished = existsSync(join(path, INDEX_FILES.building));
  return new RefractError(
    'CHECKPOINT_INCOMPLETE',
    unfinished ? 'the building of this index is not finished' : 'this folder has no manifest: it is no index',
    {
      at: join(path, INDEX_FILES.manifest),
      hint: unfinished
        ? 'Run the command that builds it again; it goes on where it was stopped.'
        : 'Check the path, or build an index with `refract index`.',
      cause,
    },
  );
}

function parseManifest(text: string, at: string): IndexManifest {
  const bad = (what: string, cause?: unknown) =>
    new RefractError('CHECKPOINT_FORMAT', what, { at, hint: DAMAGED_HINT, cause });
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw bad('the manifest is not JSON', cause);
  }
  const version = z.object({ version: z.number() }).safeParse(raw);
  if (version.success && version.data.version !== INDEX_VERSION)
    throw new RefractError(
      'VERSION_MISMATCH',
      `the index has format version ${version.data.version}, this Refract reads version ${INDEX_VERSION}`,
      { at, hint: 'Build the index again, or use the version of Refract that wrote it.' },
    );
  const summed = z.looseObject({ checksum: z.string() }).safeParse(raw);
  const { checksum: _, ...body } = summed.success ? summed.data : { checksum: '' };
  const result = manifestSchema.safeParse(body);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw bad(`the manifest is damaged: ${issue.path.join('.')}: ${issue.message}`);
  }
  // The text itself is compared: no byte of it may differ, white space included.
  if (manifestText(body as IndexManifest) !== text)
    throw bad('the manifest is damaged or was changed: its checksum is another');
  return body as IndexManifest;
}

/**
 * Puts a manifest into its place: beside it, to the disk, renamed. Whoever opens the index afterwards sees the new one.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` when it could not be read back: numbers that JSON has not, for instance. Nothing
 * is written then. `COMMIT_UNSURE` when it is in its place, and the disk does not say that it stays there.
 */
export async function replaceManifest(
  path: string,
  manifest: IndexManifest,
  files: FileSystem,
): Promise<void> {
  const place = join(path, INDEX_FILES.manifest);
  const beside = join(path, `manifest.${manifest.generation}.tmp`);
  const text = manifestText(manifest);
  parseManifest(text, place);
  files.remove(beside);
  await writeWhole(beside, text, files);
  files.rename(beside, place);
  try {
    files.syncDirectory(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new RefractError(
      'COMMIT_UNSURE',
      `the change is made and is seen, but the disk did not confirm it (${code ?? message})`,
      {
        at: path,
        hint: 'It may be gone after a power cut. Look into the log of the operating system and after the space on the disk, then see with refract index stats what is there; what is missing then can be done again.',
        cause,
      },
    );
  }
}
