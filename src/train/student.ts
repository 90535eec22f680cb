/** A student of a frozen index: whose weights it starts from, and the pack that it becomes. */
import { RefractError } from '../errors.ts';
import { characterFingerprint } from '../model/character-models-file.ts';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { checkPackFits } from '../model/fingerprint.ts';
import { type PackSettings, SETTINGS_VERSION } from '../model/settings.ts';
import { VERSION } from '../version.ts';

/**
 * The model that a student starts from: `start`, or the teacher of `fingerprint` itself.
 *
 * @throws RefractError `TEACHER_MISMATCH` when the teacher is a pack, or `start` is another teacher's
 */
export function startOf(
  teacher: RetrieverCheckpoint,
  start: RetrieverCheckpoint | undefined,
  fingerprint: string,
): RetrieverCheckpoint {
  checkIsTeacher(teacher, 'Train from the teacher that the index was made with; a pack may be the start.');
  if (start?.settings.kind === 'pack') checkPackFits(start.settings, fingerprint, 'start');
  return start ?? teacher;
}

/** Throws `TEACHER_MISMATCH` when the model is a pack. */
export function checkIsTeacher({ settings }: RetrieverCheckpoint, hint: string): void {
  if (settings.kind === 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a language pack, not a teacher', { hint });
}

/** What a trained pack differs in from the model that it started from. */
export interface TrainedPack
  extends Pick<RetrieverCheckpoint, 'config' | 'tensors' | 'readings' | 'characterModels'> {
  readonly settings: Pick<PackSettings, 'languages' | 'retrieval' | 'teacher'>;
  /** Settings, report and whatever else tells how it was made; what JSON does not know is left out. */
  readonly training: Readonly<Record<string, unknown>>;
}

/**
 * The pack of a trained student, with the tokenizer of the model it started from.
 *
 * @example await finishRun(run, out, packOf(start, { config, tensors, readings, settings, training: { report } }))
 */
export function packOf(
  { tokenizerJson, tokenizerConfig, specialTokensMap }: RetrieverCheckpoint,
  { config, tensors, readings, characterModels, settings, training }: TrainedPack,
): RetrieverCheckpoint {
  return {
    config,
    tensors,
    readings,
    characterModels,
    tokenizerJson,
    tokenizerConfig,
    specialTokensMap,
    settings: {
      version: SETTINGS_VERSION,
      createdWith: VERSION,
      kind: 'pack',
      ...settings,
      readings: readings !== undefined,
      ...(characterModels && { characterModels: characterFingerprint(characterModels) }),
      training: JSON.parse(JSON.stringify(training)),
    },
  };
}
