/** The manifest of an index directory: its schema, and the checks that make a damaged index an error. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../errors.ts';
import { FIELD_FILES } from './fields/column-file.ts';
import { FIELD_TYPES } from './fields/schema.ts';
import { LEXICAL_FILES } from './lexical/lexical-files.ts';

/** Version of the format; raised when an older reader could not read a newer index. */
export const INDEX_VERSION = 1;

/** How a stored number is written: half precision (half the size) or as it came. */
export type IndexPrecision = 'float16' | 'float32';

/** File names within an index directory. `docs/index-format.md` describes their contents. */
export const INDEX_FILES = {
  manifest: 'manifest.json',
  passages: 'passages.jsonl',
  ids: 'ids.jsonl',
  offsets: 'offsets.u64',
  tokens: 'tokens.i32',
} as const;

/** Name of the vector file of a precision. */
export function vectorFile(precision: IndexPrecision): string {
  return precision === 'float16' ? 'vectors.f16' : 'vectors.f32';
}

const count = z.number().int().nonnegative();
const fileSchema = z.object({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const manifestSchema = z.object({
  kind: z.literal('refract-index'),
  version: z.literal(INDEX_VERSION),
  createdBy: z.string(),
  dim: z.number().int().positive(),
  precision: z.enum(['float16', 'float32']),
  passages: z.number().int().positive(),
  tokens: z.number().int().positive(),
  fingerprint: z.object({
    teacher: z.string(),
    tokenizer: z.string(),
    encoding: z.enum(['float16', 'int8']).optional(),
  }),
  settings: z.record(z.string(), z.unknown()),
  /** Types of the metadata fields; absent where the index was built before there were any. */
  fields: z.record(z.string(), z.enum(FIELD_TYPES)).optional(),
  files: z.record(z.string(), fileSchema),
});

/** The contents of `manifest.json`. */
export type IndexManifest = z.infer<typeof manifestSchema>;

const REBUILD = 'Build the index again with `refract index`.';

/**
 * Reads and checks the manifest of the index at `path`, and that every file is there in its full size.
 *
 * @throws RefractError `FILE_MISSING` no such directory; `CHECKPOINT_INCOMPLETE` manifest or file missing;
 * `CHECKPOINT_FORMAT` damaged manifest, truncated file; `VERSION_MISMATCH` another format version
 */
export function readManifest(path: string): IndexManifest {
  if (!existsSync(path)) {
    throw new RefractError('FILE_MISSING', 'no such index', {
      at: path,
      hint: 'Check the path, or build an index with `refract index`.',
    });
  }
  const at = join(path, INDEX_FILES.manifest);
  if (!existsSync(at)) {
    throw new RefractError(
      'CHECKPOINT_INCOMPLETE',
      'the index has no manifest: it is unfinished or no index',
      {
        at,
        hint: REBUILD,
      },
    );
  }
  const manifest = parseManifest(at);
  const bytes = manifest.precision === 'float16' ? 2 : 4;
  const expected: Record<string, number | undefined> = {
    [INDEX_FILES.passages]: undefined,
    [INDEX_FILES.ids]: undefined,
    [INDEX_FILES.offsets]: 16 * (manifest.passages + 1),
    [INDEX_FILES.tokens]: 4 * manifest.tokens,
    [vectorFile(manifest.precision)]: bytes * manifest.dim * manifest.tokens,
  };
  if (manifest.fields !== undefined)
    for (const name of [...Object.values(FIELD_FILES), ...Object.values(LEXICAL_FILES)])
      expected[name] = undefined;
  for (const [name, derived] of Object.entries(expected)) checkFile(path, name, manifest, derived);
  return manifest;
}

function parseManifest(at: string): IndexManifest {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(at, 'utf8'));
  } catch (cause) {
    throw new RefractError('CHECKPOINT_FORMAT', 'the manifest is not JSON', { at, hint: REBUILD, cause });
  }
  const version = z.object({ version: z.number() }).safeParse(raw);
  if (version.success && version.data.version !== INDEX_VERSION) {
    throw new RefractError(
      'VERSION_MISMATCH',
      `the index has format version ${version.data.version}, this Refract reads version ${INDEX_VERSION}`,
      { at, hint: 'Build the index again, or use the version of Refract that wrote it.' },
    );
  }
  const result = manifestSchema.safeParse(raw);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new RefractError(
      'CHECKPOINT_FORMAT',
      `the manifest is damaged: ${issue.path.join('.')}: ${issue.message}`,
      { at, hint: REBUILD },
    );
  }
  return result.data;
}

function checkFile(path: string, name: string, manifest: IndexManifest, derived: number | undefined): void {
  const at = join(path, name);
  const listed = manifest.files[name]?.bytes;
  if (listed === undefined || !existsSync(at)) {
    throw new RefractError('CHECKPOINT_INCOMPLETE', 'the index lacks this file', { at, hint: REBUILD });
  }
  const actual = statSync(at).size;
  const expected = derived ?? listed;
  if (actual !== expected || listed !== expected) {
    throw new RefractError('CHECKPOINT_FORMAT', `the file has ${actual} bytes instead of ${expected}`, {
      at,
      hint: `It was truncated or changed. ${REBUILD}`,
    });
  }
}
