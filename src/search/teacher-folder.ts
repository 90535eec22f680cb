/**
 * The teacher that an index carries along: a copy of its checkpoint in the index's folder, or, for a large
 * one, the way to where it lies. With it an index can be searched and explained on its own.
 */
import { copyFileSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { RefractError } from '../errors.ts';
import { INDEX_FILES } from '../index/manifest.ts';
import { isForeign, type RetrieverCheckpoint, readCheckpoint, writeCheckpoint } from '../model/checkpoint.ts';
import { readJson } from '../model/checkpoint-parts.ts';
import { GRAPH_FILE } from '../model/encoder-files.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { modelSourceSchema } from '../model/model-source.ts';
import { parseSettings } from '../model/settings.ts';
import { WEIGHTS } from '../model/weight-files.ts';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';

/** The folder of the copy within the index. */
export const TEACHER_FOLDER = INDEX_FILES.teacher;

/** Checkpoints up to this size are copied unless asked otherwise. */
export const COPY_LIMIT_BYTES = 200 * 2 ** 20;

/** The files of a checkpoint; logs and resume states that may lie beside them are left out. */
const CHECKPOINT_FILES = [
  'config.json',
  GRAPH_FILE,
  'model.safetensors',
  'refract.json',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

/** The size in bytes of the copy that `copyTeacher` makes of the checkpoint in `folder`. */
export function checkpointBytes(folder: string, { tensors }: RetrieverCheckpoint): number {
  if (canCopy(folder))
    return present(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  let bytes = statSync(join(folder, 'tokenizer.json'), { throwIfNoEntry: false })?.size ?? 0;
  for (const { data } of tensors.values()) bytes += data.byteLength;
  return bytes;
}

/**
 * Copies the checkpoint in `folder`, which was read as `teacher`, to the folder `copy`, which is made. One that another tool
 * wrote, or whose weights are in shards, is written anew: the same numbers under Refract's names.
 */
export async function copyTeacher(folder: string, teacher: RetrieverCheckpoint, copy: string): Promise<void> {
  if (!canCopy(folder)) return writeCheckpoint(copy, { ...teacher, heads: undefined });
  mkdirSync(copy);
  for (const name of present(folder)) copyFileSync(join(folder, name), join(copy, name));
}

function canCopy(folder: string): boolean {
  return !isForeign(folder) && existsSync(join(folder, WEIGHTS));
}

function present(folder: string): string[] {
  return CHECKPOINT_FILES.filter((name) => existsSync(join(folder, name)));
}

/** The way from the index at `index` to the teacher at `folder`, for the index's settings. */
export function teacherPath(index: string, folder: string): string {
  return relative(resolve(index), resolve(folder));
}

/** Whether the teacher at `folder` lies in the folder of the index, which may not exist yet. */
export function liesInside(index: string, folder: string): boolean {
  if (!existsSync(index)) return false;
  const way = relative(realpathSync(index), realpathSync(folder));
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

/** What is asked of a teacher's folder: to be the one an index was built with. */
export interface IndexedBy {
  /** The folder of the index. */
  readonly path: string;
  readonly fingerprint: { readonly teacher: string; readonly tokenizer: string };
  /** The index's settings, with the way to the teacher. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Reads the teacher that an index was built with: from `given`, or else from where the index says.
 *
 * Throws `TEACHER_MISMATCH` (another teacher), `TOKENIZER_MISMATCH` (another tokenizer), `FILE_MISSING` (it is
 * no longer where the index says), and what `readCheckpoint` throws.
 *
 * @example readIndexTeacher({ path: 'index', fingerprint: index.fingerprint, settings: index.settings })
 */
export function readIndexTeacher(index: IndexedBy, given?: string): RetrieverCheckpoint {
  const folder = given ?? recordedTeacher(index);
  const teacher = readCheckpoint(folder);
  if (teacher.settings.kind === 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a language pack, not a teacher', {
      at: folder,
      hint: 'Give it as --pack; --teacher is the model that the index was built with.',
    });
  const tokenizer = tokenizerFingerprint(teacher.tokenizerJson);
  if (tokenizer !== index.fingerprint.tokenizer)
    throw new RefractError(
      'TOKENIZER_MISMATCH',
      `its tokenizer is ${tokenizer}, the index was built with ${index.fingerprint.tokenizer}`,
      {
        at: folder,
        hint: `Give the teacher that ${index.path} was built with, or index again with this one.`,
      },
    );
  const fingerprint = modelFingerprint(teacher);
  if (fingerprint !== index.fingerprint.teacher)
    throw new RefractError(
      'TEACHER_MISMATCH',
      `the index was built with teacher ${index.fingerprint.teacher}, this one is ${fingerprint}`,
      {
        at: folder,
        hint: `Give the teacher that ${index.path} was built with, or index again with this one.`,
      },
    );
  return teacher;
}

/** Languages of a teacher that does not say any: Refract's collections are English unless said otherwise. */
export const USUAL_LANGUAGES: readonly string[] = ['en'];

/**
 * The languages that the teacher of an index was trained to read, by its `refract.json` alone: no weights are read.
 * The usual ones where it says none, the folder is not there, or another tool wrote it.
 *
 * @throws RefractError `VERSION_MISMATCH`, `CHECKPOINT_FORMAT`
 */
export function teacherLanguages({ path, settings }: IndexedBy, given?: string): readonly string[] {
  const recorded = settings.teacher;
  const folder = given ?? (typeof recorded === 'string' ? resolve(path, recorded) : undefined);
  if (folder === undefined || isForeign(folder)) return USUAL_LANGUAGES;
  const file = join(folder, 'refract.json');
  const { languages } = parseSettings(readJson(folder, 'refract.json'), file);
  return languages.length > 0 ? languages : USUAL_LANGUAGES;
}

function recordedTeacher({ path, settings }: IndexedBy): string {
  const recorded = settings.teacher;
  const folder = typeof recorded === 'string' ? resolve(path, recorded) : undefined;
  if (folder !== undefined && existsSync(folder)) return folder;
  const source = modelSourceSchema.safeParse(settings.teacherSource);
  throw new RefractError(
    'FILE_MISSING',
    folder === undefined
      ? 'the index does not say where its teacher lies'
      : `the teacher of the index is no longer at ${folder}`,
    {
      at: path,
      hint: source.success
        ? `It came from the hub: --teacher ${source.data.name}@${source.data.commit}.`
        : 'Say where it lies with --teacher DIR.',
    },
  );
}
