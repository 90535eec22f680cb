/**
 * Terms: how the lexical side cuts text into words. Any language, no stemming, no stop list.
 *
 * Text is normalised (NFKC), lower-cased by Unicode rules and cut into runs of letters, marks and digits.
 * Numbers keep their inner separators (`69,197` and `3.14` are one term). Scripts written without spaces
 * (Thai, Lao, Khmer, Burmese, Han with kana) are cut further by the dictionary of `Intl.Segmenter`. It is
 * used for those runs only, because it is some twenty times slower than a regular expression.
 *
 * Characters that are only formatting (soft hyphens, word joiners, byte order marks, marks of direction) are taken out
 * first: they stand within words and break none (UAX 29, WB4). The zero-width space breaks, as it does there: it is how
 * Khmer, Thai and Burmese texts mark words. Joiners of Arabic and Indic scripts and the vowel separator of Mongolian are
 * letters' own and stay. Joiners and marks without a letter, as those of emoji, are no terms.
 */

import { segmentsOf } from '../data/segments.ts';

/** Letters with their marks and joiners, or a number with its inner separators. */
const RUN = /\p{N}+(?:[.,٫٬]\p{N}+)+(?![\p{L}\p{M}])|[\p{L}\p{N}\p{M}\u180e\u200c\u200d]+/gu;
/**
 * Soft hyphen, Arabic letter mark, marks, embeddings and isolates of direction, word joiner and invisible operators,
 * byte order mark. Not the zero-width space (a break), nor the joiners (spelling).
 */
const FORMATTING = /[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;
const UNSPACED =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** What a run may have beside letters and digits. */
const MARK = /[\p{M}\u180e\u200c\u200d]/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const ASCII_ONLY = /^[\0-\x7f]*$/;

const segmenters = new Map<string, Intl.Segmenter>();

function segmenter(language: string): Intl.Segmenter {
  let found = segmenters.get(language);
  if (found === undefined) {
    found = new Intl.Segmenter(language, { granularity: 'word' });
    segmenters.set(language, found);
  }
  return found;
}

/** NFKC and lower case; `language` matters only where casing does (Turkish, Azeri, Lithuanian). */
export function fold(text: string, language = 'und'): string {
  if (/^(tr|az|lt)\b/.test(language))
    return text.normalize('NFKC').toLocaleLowerCase(language).normalize('NFKC');
  return ASCII_ONLY.test(text) ? text.toLowerCase() : text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/**
 * The terms of a text, in order, with repetitions.
 *
 * @param language BCP 47 code; needed only for Turkish-like casing
 * @example words('Àwọn ọmọ 69,197') // ['àwọn', 'ọmọ', '69,197']
 */
export function words(text: string, language = 'und'): string[] {
  const folded = fold(text.replace(FORMATTING, ''), language);
  const found: string[] = folded.match(RUN) ?? [];
  const runs = MARK.test(folded) ? found.filter((run) => LETTER_OR_DIGIT.test(run)) : found;
  if (!UNSPACED.test(folded)) return runs;
  const terms: string[] = [];
  for (const run of runs) {
    if (!UNSPACED.test(run)) terms.push(run);
    else
      for (const { segment } of segmentsOf(segmenter(language), run))
        if (LETTER_OR_DIGIT.test(segment)) terms.push(segment);
  }
  return terms;
}
