/**
 * Terms: how the lexical side cuts text into words. Any language, no stemming, no stop list.
 *
 * Text is normalised (NFKC), lower-cased by Unicode rules and cut into runs of letters, marks and digits.
 * Numbers keep their inner separators (`69,197` and `3.14` are one term). Scripts written without spaces
 * (Thai, Lao, Khmer, Burmese, Han with kana) are cut further by the dictionary of `Intl.Segmenter`. It is
 * used for those runs only, because it is some twenty times slower than a regular expression.
 */

import { segmentsOf } from '../data/segments.ts';

/** Letters with their marks and joiners, or a number with its inner separators. */
const RUN = /\p{N}+(?:[.,٫٬]\p{N}+)+(?![\p{L}\p{M}])|[\p{L}\p{N}\p{M}\u200c\u200d]+/gu;
const UNSPACED =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
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
  const folded = fold(text, language);
  const runs = folded.match(RUN) ?? [];
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
