/**
 * The character models of a pack on disk, `character-models.safetensors`: of each of its languages, and of the
 * teacher's, `LANGUAGE/hashes` [N], `LANGUAGE/counts` [N] and `LANGUAGE/continuations` [N].
 */
import { createHash } from 'node:crypto';
import { RefractError } from '../errors.ts';
import type { CharacterModel } from '../text/character-model.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

/** The file in a pack's folder. */
export const CHARACTER_MODELS_FILE = 'character-models.safetensors';

/** Character models by language (BCP 47). */
export type CharacterModels = ReadonlyMap<string, CharacterModel>;

const PARTS = ['hashes', 'counts', 'continuations'] as const;

/**
 * 16 hexadecimal digits of SHA-256 over the models and their languages, which `refract.json` keeps.
 *
 * @example characterFingerprint(models) // '9f2c61d07b3ae845'
 */
export function characterFingerprint(models: CharacterModels): string {
  const hash = createHash('sha256');
  const tensors = tensorsOf(models);
  for (const name of [...tensors.keys()].sort()) {
    const { data } = tensors.get(name) as Tensor;
    hash.update(`\n${JSON.stringify([name, data.length])}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Writes the file, atomically. Throws `DISK_FULL`. */
export function writeCharacterModels(path: string, models: CharacterModels): void {
  writeSafetensors(path, tensorsOf(models));
}

/**
 * Reads the file of a pack whose `refract.json` has this fingerprint.
 *
 * @throws RefractError `FILE_MISSING`; `CHECKPOINT_FORMAT` damaged, or another pack's
 */
export function readCharacterModels(path: string, fingerprint: string): CharacterModels {
  const tensors = readSafetensors(path);
  const models = new Map<string, CharacterModel>();
  for (const language of new Set([...tensors.keys()].map((name) => name.slice(0, name.lastIndexOf('/'))))) {
    const [hashes, counts, continuations] = PARTS.map((part) => tensors.get(`${language}/${part}`));
    const whole =
      hashes?.dtype === 'I32' &&
      counts?.dtype === 'U8' &&
      continuations?.dtype === 'U8' &&
      counts.data.length === hashes.data.length &&
      continuations.data.length === hashes.data.length;
    if (!whole)
      throw damaged(path, `${language} must have hashes (I32), counts and continuations (U8) of one size`);
    models.set(language, {
      hashes: hashes.data,
      counts: counts.data,
      continuations: continuations.data,
    });
  }
  const found = characterFingerprint(models);
  if (found !== fingerprint)
    throw damaged(path, `its fingerprint is ${found}, refract.json has ${fingerprint}`);
  return models;
}

function damaged(at: string, what: string): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'The file is damaged or belongs to another pack; copy the whole folder again.',
  });
}

function tensorsOf(models: CharacterModels): Map<string, Tensor> {
  return new Map(
    [...models].flatMap(([language, { hashes, counts, continuations }]): [string, Tensor][] => [
      [`${language}/hashes`, { dtype: 'I32', shape: [hashes.length], data: hashes }],
      [`${language}/counts`, { dtype: 'U8', shape: [counts.length], data: counts }],
      [`${language}/continuations`, { dtype: 'U8', shape: [continuations.length], data: continuations }],
    ]),
  );
}
