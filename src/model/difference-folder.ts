/**
 * A language pack as a folder that holds only its difference from the teacher:
 *
 *     refract.json              the pack's settings; `difference` tells it from a whole model
 *     difference.safetensors    changed tensors, and the changed rows of the word table (difference-file.ts)
 *     readings.safetensors      which tokens have a second word vector
 *     character-models.safetensors  how its languages are told from others
 *     tokenizer.json, ...       only where they are not the teacher's
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { canonicalJson } from '../data/canonical-json.ts';
import { RefractError } from '../errors.ts';
import { CHARACTER_MODELS_FILE, writeCharacterModels } from './character-models-file.ts';
import {
  type Checkpoint,
  characterModelsOf,
  checkLengths,
  expectedShapes,
  optionalJson,
  type RetrieverCheckpoint,
  readJson,
  requireFile,
} from './checkpoint-parts.ts';
import { applyDifference, type DifferenceOptions, differenceOf } from './difference.ts';
import { DIFFERENCE_FILE, readDifferenceFile, writeDifferenceFile } from './difference-file.ts';
import { WORD_TABLE } from './families/index.ts';
import { checkPackFits, modelFingerprint } from './fingerprint.ts';
import { type Readings, withSecondRows } from './readings.ts';
import { READINGS_FILE, readReadings, writeReadings } from './readings-file.ts';
import type { FloatTensor } from './safetensors.ts';
import { type PackSettings, parseSettings, type Reduced } from './settings.ts';
import { checkVocabulary } from './tokenizer-files.ts';
import { selectTensors } from './weights.ts';

/** Reads the teacher of a pack, when it is needed. */
export type TeacherSource = () => RetrieverCheckpoint;

/** How a difference is saved. */
export interface WriteDifferenceOptions extends Pick<DifferenceOptions, 'truncation' | 'factors'> {
  /** Half precision rounds what is added to the teacher; single precision, the default, keeps every bit. */
  readonly precision?: Reduced['precision'];
}

/** The JSON files that a difference shares with its teacher, mostly, and what they hold of a checkpoint. */
const SHARED = {
  'tokenizer.json': 'tokenizerJson',
  'tokenizer_config.json': 'tokenizerConfig',
  'special_tokens_map.json': 'specialTokensMap',
} as const satisfies Record<string, keyof Checkpoint>;

/** Whether a folder holds a difference and no whole model. */
export function isDifference(directory: string): boolean {
  return existsSync(join(directory, DIFFERENCE_FILE));
}

/**
 * Writes a pack as its difference from `teacher`, atomically. In single precision and without truncation it is the
 * same model, bit for bit, when it is read with the teacher.
 *
 * @throws RefractError `TEACHER_MISMATCH` (made for another teacher, or of another architecture), `DISK_FULL`
 * @example await writeDifference('packs/sw', pack, teacher, { precision: 'float16', truncation: { rank: 8 } })
 */
export async function writeDifference(
  directory: string,
  pack: RetrieverCheckpoint,
  teacher: RetrieverCheckpoint,
  { precision = 'float32', truncation, factors }: WriteDifferenceOptions = {},
): Promise<void> {
  if (pack.settings.kind !== 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a teacher, not a language pack', {
      at: directory,
      hint: 'Only packs are saved as a difference, from the teacher that they were made for.',
    });
  checkPackFits(pack.settings, modelFingerprint(teacher), directory);
  const base = baseOf(teacher, pack.readings);
  const differing = [...pack.tensors].find(([name, { shape }]) => `${base.get(name)?.shape}` !== `${shape}`);
  const configs = [pack, teacher].map(({ config }) => canonicalJson({ ...config, vocabSize: 0 }));
  if (differing !== undefined || base.size !== pack.tensors.size || configs[0] !== configs[1])
    throw new RefractError('TEACHER_MISMATCH', 'the pack is of another architecture than the teacher', {
      at: directory,
      hint: 'Keep it as a whole model: a difference needs the same tensors, of the same sizes.',
    });
  const added = precision === 'float16';
  const difference = differenceOf(base, pack.tensors, { added, truncation, factors });
  const { reduced: earlier, ...settings } = pack.settings;
  const lossy = [...difference].some(
    ([name, { kind }]) => added || (kind === 'low-rank' && !factors?.has(name)),
  );
  const reduced = lossy ? { precision, ...truncation } : earlier;
  await writeDirectoryAtomic(directory, async (fresh) => {
    const writeJson = (name: string, value: unknown) =>
      writeFileSync(join(fresh, name), `${JSON.stringify(value, null, 2)}\n`, { flush: true });
    writeDifferenceFile(join(fresh, DIFFERENCE_FILE), difference, precision);
    if (pack.readings) writeReadings(join(fresh, READINGS_FILE), pack.readings);
    if (pack.characterModels) writeCharacterModels(join(fresh, CHARACTER_MODELS_FILE), pack.characterModels);
    for (const [file, part] of Object.entries(SHARED))
      if (pack[part] !== undefined && canonicalJson(pack[part]) !== canonicalJson(teacher[part]))
        writeJson(file, pack[part]);
    writeJson('refract.json', { ...settings, difference: 1, ...(reduced && { reduced }) });
  });
}

/**
 * Reads a folder that `writeDifference` wrote and puts it together with its teacher. Tensors that the pack does not
 * change are the teacher's own arrays.
 *
 * @throws RefractError `TEACHER_MISSING` without `teacher`; `TEACHER_MISMATCH` when it has another fingerprint;
 *   `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`, `CHECKPOINT_SHAPE`, `VERSION_MISMATCH`; those of `teacher`
 */
export function readDifference(directory: string, teacher: TeacherSource | undefined): RetrieverCheckpoint {
  const at = join(directory, 'refract.json');
  const settings = parseSettings(readJson(directory, 'refract.json'), at);
  if (settings.kind !== 'pack' || settings.difference === undefined)
    throw new RefractError('CHECKPOINT_FORMAT', 'it does not say that the folder holds a difference', {
      at,
      hint: 'Copy the pack again, or distill it again.',
    });
  if (teacher === undefined)
    throw new RefractError(
      'TEACHER_MISSING',
      `the pack is saved as a difference from teacher ${settings.teacher}, which is not at hand`,
      {
        at: directory,
        hint: 'Say where the teacher lies with --teacher DIR, or make a whole model with refract pack expand.',
      },
    );
  const whole = teacher();
  checkPackFits(settings, modelFingerprint(whole), directory);
  checkLengths(settings, whole.config, directory);
  const tokenizerJson = optionalJson(directory, 'tokenizer.json') ?? whole.tokenizerJson;
  const tableRows = whole.config.vocabSize;
  const ids = checkVocabulary(tokenizerJson, tableRows, join(directory, 'tokenizer.json'));
  if (settings.readings) requireFile(directory, READINGS_FILE);
  // A token has at most one second row.
  const readings = settings.readings
    ? readReadings(join(directory, READINGS_FILE), 2 * tableRows, ids)
    : undefined;
  const characterModels = characterModelsOf(directory, settings);
  const base = baseOf(whole, readings);
  const file = join(directory, DIFFERENCE_FILE);
  const together = applyDifference(base, readDifferenceFile(file, base));
  const config = { ...whole.config, vocabSize: together.get(WORD_TABLE)!.shape[0] };
  const { difference: _, ...plain } = settings;
  const { tensors } = selectTensors(together, expectedShapes(config, plain as PackSettings), file);
  const shared = (name: keyof typeof SHARED) => optionalJson(directory, name) ?? whole[SHARED[name]];
  return {
    config,
    settings: plain,
    tensors,
    tokenizerJson,
    tokenizerConfig: shared('tokenizer_config.json'),
    specialTokensMap: shared('special_tokens_map.json'),
    ...(readings && { readings }),
    ...(characterModels && { characterModels }),
  };
}

/** The teacher's tensors, its word table with second rows that are as their tokens' first. */
function baseOf(
  { tensors }: RetrieverCheckpoint,
  readings: Readings | undefined,
): ReadonlyMap<string, FloatTensor> {
  if (readings === undefined) return tensors;
  return new Map([...tensors, [WORD_TABLE, withSecondRows(tensors.get(WORD_TABLE)!, readings)]]);
}
