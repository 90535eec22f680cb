/**
 * What the character models of open packs say of a text: how probable it is in each of their languages, beside what
 * it would be in a language of which only the letters are like theirs.
 */
import type { CharacterModels } from '../model/character-models-file.ts';
import { type CharacterModel, charactersOf, logLikelihood, modelSize } from '../text/character-model.ts';

/** Natural logarithms of a text's probability. */
export interface CharacterEvidence {
  /** In each language that has a model, by its key. */
  readonly known: ReadonlyMap<string, number>;
  /** In a language that has none. */
  readonly other: number;
}

/**
 * Another language is like the known one whose pairs of letters fit best, or, where its letters are none of theirs,
 * one of so many letters that are equally frequent.
 */
const OTHER_ORDER = 2;
const OTHER_CHARACTERS = 1000;

/**
 * The models of several packs by `key` of their languages. All packs say what the teacher's language is like: where
 * several do, the one that was made from most text is taken.
 *
 * @example combineModels([sw.characterModels, so.characterModels], languageKey).keys() // 'sw', 'en', 'so'
 */
export function combineModels(
  packs: Iterable<CharacterModels>,
  key: (code: string) => string,
): Map<string, CharacterModel> {
  const models = new Map<string, CharacterModel>();
  for (const pack of packs)
    for (const [code, model] of pack) {
      const other = models.get(key(code));
      if (other === undefined || modelSize(model) > modelSize(other)) models.set(key(code), model);
    }
  return models;
}

/**
 * Holds a text against models. Undefined where there are none.
 *
 * @example characterEvidence('maji safi', models)?.known.get('sw') // -19.2...
 */
export function characterEvidence(
  text: string,
  models: ReadonlyMap<string, CharacterModel>,
): CharacterEvidence | undefined {
  if (models.size === 0) return undefined;
  const characters = charactersOf(text);
  let other = -(characters.length - 1) * Math.log(OTHER_CHARACTERS);
  const known = new Map<string, number>();
  for (const [language, model] of models) {
    known.set(language, logLikelihood(model, characters));
    other = Math.max(other, logLikelihood(model, characters, OTHER_ORDER));
  }
  return { known, other };
}
