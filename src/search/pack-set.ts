/** Several language packs over one index, by what `refract.json` and their character models say: no weights are read. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { languageName } from '../data/language.ts';
import { RefractError } from '../errors.ts';
import type { CharacterModels } from '../model/character-models-file.ts';
import { characterModelsOf, readJson } from '../model/checkpoint-parts.ts';
import { checkPackFits } from '../model/fingerprint.ts';
import { parseSettings } from '../model/settings.ts';
import { languageKey } from './language-detection.ts';

/** A pack and the languages it was made for. */
export interface PackLanguages {
  readonly folder: string;
  /** BCP 47, as the pack says them. */
  readonly languages: readonly string[];
  /** How its languages and the teacher's are told apart by their letters; absent in packs that do not say it. */
  readonly characterModels?: CharacterModels;
}

/**
 * Reads which languages packs are for, and checks that each was made for the teacher with `fingerprint`. Costs two small
 * files for each; whether a pack's weights are whole is seen when it is first used.
 *
 * @throws RefractError `FILE_MISSING`, `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`, `VERSION_MISMATCH`;
 *   `TEACHER_MISMATCH` (a teacher, or made for another one); `SETTING_INVALID` (no pack, a pack that says no language,
 *   two packs for one language)
 * @example readPackSet(['packs/sw', 'packs/so'], index.fingerprint.teacher)[0].languages // ['sw']
 */
export function readPackSet(folders: readonly string[], fingerprint: string): PackLanguages[] {
  if (folders.length === 0)
    throw new RefractError('SETTING_INVALID', 'no language pack was named', {
      hint: 'Name at least one pack, or leave packs out to search with the teacher alone.',
    });
  const by = new Map<string, string>();
  return folders.map((folder) => {
    const { languages, characterModels } = languagesOf(folder, fingerprint);
    for (const language of languages) {
      const key = languageKey(language) ?? language;
      const other = by.get(key);
      if (other !== undefined)
        throw new RefractError(
          'SETTING_INVALID',
          `this pack and ${other} are both for ${languageName(language)} (${language})`,
          { at: folder, hint: 'Open one of them.' },
        );
      by.set(key, folder);
    }
    return { folder, languages, ...(characterModels && { characterModels }) };
  });
}

function languagesOf(folder: string, fingerprint: string): Omit<PackLanguages, 'folder'> {
  if (!existsSync(folder))
    throw new RefractError('FILE_MISSING', 'there is no such folder', {
      at: folder,
      hint: 'Give the folder that refract distill wrote, or one that holds several of these.',
    });
  const at = join(folder, 'refract.json');
  const settings = parseSettings(readJson(folder, 'refract.json'), at);
  if (settings.kind !== 'pack')
    throw new RefractError('TEACHER_MISMATCH', `this is a ${settings.kind}, not a language pack`, {
      at: folder,
      hint: 'Give folders that refract distill wrote; the teacher of the index is there without being named.',
    });
  checkPackFits(settings, fingerprint, folder);
  if (settings.languages.length === 0)
    throw new RefractError('SETTING_INVALID', 'the pack does not say which languages it is for', {
      at,
      hint: 'Write them into languages, or search with this pack alone.',
    });
  const languages = [
    ...new Map(settings.languages.map((code) => [languageKey(code) ?? code, code])).values(),
  ];
  return { languages, characterModels: characterModelsOf(folder, settings) };
}

/**
 * The packs that folders stand for: a pack stands for itself, a folder that is no model for the packs right in it, in
 * the order of their names.
 *
 * @throws RefractError `FILE_MISSING`; `CHECKPOINT_INCOMPLETE` (neither a pack nor a folder with packs)
 * @example packFolders(['packs']) // ['packs/so', 'packs/sw']
 */
export function packFolders(given: readonly string[]): string[] {
  return given.flatMap((folder) => {
    if (!holdsPacks(folder)) return [folder];
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
      .filter((each) => existsSync(join(each, 'refract.json')));
  });
}

/** Whether a folder is no model itself but has folders with a `refract.json` in it. */
export function holdsPacks(folder: string): boolean {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  if (existsSync(join(folder, 'refract.json')) || existsSync(join(folder, 'config.json'))) return false;
  return readdirSync(folder).some((name) => existsSync(join(folder, name, 'refract.json')));
}
