/**
 * Casing of a translation after that of the words it stands for: a capital at the start, or capitals
 * throughout, where the translation's script has them.
 */

/** Languages whose capital of i keeps its dot, by their first subtag. */
const DOTTED = /^(tr|az|crh|gag)\b/i;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const FIRST_LETTERS = /(?<![\p{L}\p{M}\p{N}'’ʼ-])\p{L}/gu;
const CAPITALS = /^(?=.*\p{Lu}.*\p{Lu})[^\p{Ll}]*$/u;
const CAPITAL_FIRST = /^[\p{Lu}\p{Lt}]/u;
/** The English pronoun, alone or in I'm and its like: a capital that says nothing. */
const PRONOUN = /^I(['’]|$)/u;

/** How some words are written. */
export type Casing = 'plain' | 'first' | 'each' | 'all';

/**
 * The casing of the words of a phrase, taken together: `all` for two capitals or more and no small letter,
 * `each` when every one of several words begins with a capital, `first` when the first does.
 *
 * @param opening whether they open the text, where even `I` is a capital as any other
 * @example casingOf(['Clean', 'water'], false) // 'first'
 */
export function casingOf(words: readonly string[], opening: boolean): Casing {
  if (!CAPITAL_FIRST.test(words[0])) return 'plain';
  if (words.length === 1 && PRONOUN.test(words[0]) && !opening) return 'plain';
  if (words.every((word) => CAPITALS.test(word))) return 'all';
  return words.length > 1 && words.every((word) => CAPITAL_FIRST.test(word)) ? 'each' : 'first';
}

/**
 * The translation, so cased. Capitals that a dictionary gives are kept; scripts without capitals stay as they
 * are. Turkish, Azeri and their like get a dotted capital I.
 *
 * @example withCasing('istasyon', 'first', 'tr') // 'İstasyon'
 */
export function withCasing(translation: string, casing: Casing, language: string): string {
  if (casing === 'plain') return translation;
  const locale = DOTTED.test(language) ? 'tr' : language;
  if (casing === 'all') return allCapitals(translation, locale);
  if (casing === 'each') return translation.replace(FIRST_LETTERS, (letter) => titleLetter(letter, locale));
  const at = translation.search(LETTER_OR_DIGIT);
  if (at < 0) return translation;
  const [letter] = translation.slice(at);
  return translation.slice(0, at) + titleLetter(letter, locale) + translation.slice(at + letter.length);
}

/** Georgian has capitals for whole lines only, and not in every font: it is left as it is. */
function allCapitals(text: string, locale: string): string {
  return /\p{Script=Georgian}/u.test(text) ? text : text.toLocaleUpperCase(locale);
}

/**
 * One letter as a capital at the start of a word. Only Turkish needs its own rules: those for whole words in
 * capitals of other languages (Greek drops accents) are not meant for titles. ß becomes Ss.
 */
function titleLetter(letter: string, locale: string): string {
  if (/\p{Script=Georgian}/u.test(letter)) return letter;
  const capital = locale === 'tr' ? letter.toLocaleUpperCase('tr') : letter.toUpperCase();
  const [first] = capital;
  return first + capital.slice(first.length).toLowerCase();
}
