/**
 * Words and scripts of a text in any language: `Intl.Segmenter` with the dictionaries of ICU (so that
 * Thai, Lao, Khmer, Chinese and Japanese, which set no spaces, have words too), Unicode script
 * properties, and the normalisations that lexical matching needs.
 */

import { segmentsOf } from '../data/segments.ts';

const segmenters = new Map<string, Intl.Segmenter>();

function segmenter(language: string): Intl.Segmenter {
  let known = segmenters.get(language);
  if (known === undefined) {
    known = new Intl.Segmenter(language, { granularity: 'word' });
    segmenters.set(language, known);
  }
  return known;
}

/** A word and where it stands in the text, in UTF-16 code units: `text.slice(start, start + word.length)`. */
export interface WordSpan {
  readonly word: string;
  readonly start: number;
}

/**
 * The words of a text with their places; spaces and punctuation are left out.
 *
 * @param language - a BCP 47 code, e.g. `sw`, `th`
 * @throws RangeError when `language` is not a well-formed BCP 47 code
 * @example wordSpans('Habari, dunia!', 'sw') // [{ word: 'Habari', start: 0 }, { word: 'dunia', start: 8 }]
 */
export function wordSpans(text: string, language: string): WordSpan[] {
  const spans: WordSpan[] = [];
  for (const { segment, index, isWordLike } of segmentsOf(segmenter(language), text)) {
    if (isWordLike) spans.push({ word: segment, start: index });
  }
  return spans;
}

/**
 * The words of a text, in order.
 *
 * @example words('ฉันรักแมว', 'th') // ['ฉัน', 'รัก', 'แมว']
 */
export function words(text: string, language: string): string[] {
  return wordSpans(text, language).map((span) => span.word);
}

/** Scripts that are told apart, by their Unicode names; letters of all others count as `Other`. */
export const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Khmer',
  'Myanmar',
  'Tibetan',
  'Georgian',
  'Armenian',
  'Ethiopic',
  'Hangul',
  'Han',
  'Hiragana',
  'Katakana',
  'Nko',
  'Tifinagh',
  'Vai',
  'Cherokee',
  'Thaana',
  'Ol_Chiki',
  'Adlam',
] as const;

/** The name of a script, or `Other`. */
export type Script = (typeof SCRIPTS)[number] | 'Other';

const SCRIPT_PATTERNS = SCRIPTS.map((script): readonly [Script, RegExp] => [
  script,
  new RegExp(`^\\p{Script=${script}}`, 'u'),
]);

const scriptOfCharacter = new Map<string, Script>();

/**
 * The script of a letter, by its first character.
 *
 * @example scriptOf('ж') // 'Cyrillic'
 */
export function scriptOf(letter: string): Script {
  let script = scriptOfCharacter.get(letter);
  if (script === undefined) {
    script = SCRIPT_PATTERNS.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'Other';
    scriptOfCharacter.set(letter, script);
  }
  return script;
}

/**
 * How many letters (`\p{L}`) of a text are of each script, most frequent first, ties by name. Marks,
 * digits and punctuation are not counted: they are shared between scripts or follow their letters.
 *
 * @example scripts('Москва is москва') // Map { 'Cyrillic' => 12, 'Latin' => 2 }
 */
export function scripts(text: string): Map<Script, number> {
  const counts = new Map<Script, number>();
  for (const [letter] of text.matchAll(/\p{L}/gu)) {
    const script = scriptOf(letter);
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1)));
}
