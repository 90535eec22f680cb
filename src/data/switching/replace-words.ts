/** Puts the chosen translations into a text. */
import { casingOf, withCasing } from './casing.ts';
import type { Switch } from './choice.ts';
import type { PivotWord } from './words.ts';

/**
 * The text with its switches made, in the casing of the words they replace; all between them is kept.
 *
 * @param words of `text`; @param switches in their order, without overlap
 * @param languages codes by number; @param translation the first, or the one that the switch has drawn
 */
export function replaceWords(
  text: string,
  words: readonly PivotWord[],
  switches: readonly Switch[],
  languages: readonly string[],
  translation: 'best' | 'uniform',
): string {
  let out = '';
  let at = 0;
  for (const { match, language, uniform } of switches) {
    const { from, length, translations } = match;
    const replaced = words.slice(from, from + length);
    const chosen = translation === 'best' ? 0 : Math.floor(uniform * translations.length);
    const casing = casingOf(
      replaced.map(({ start, end }) => text.slice(start, end)),
      from === 0,
    );
    out += text.slice(at, replaced[0].start);
    out += withCasing(translations[chosen], casing, languages[language]);
    at = replaced[length - 1].end;
  }
  return out + text.slice(at);
}
