/** Classes of characters as expressions, by the Unicode versions that Hugging Face `tokenizers` uses for each. */
import {
  COMBINING_MARKS,
  NFD_KEPT,
  NFKC_KEPT,
  NFKD_KEPT,
  PUNCTUATION,
  REMOVED_CONTROLS,
  REMOVED_MARKS,
  WITH_SCRIPT,
} from './unicode-tables.ts';

/** Unicode's forms of normalisation. */
export type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** The inside of a character class from a packed table. */
function classOf(packed: string): string {
  let at = 0;
  return packed
    .split(' ')
    .map((entry) => {
      const [distance, more = '0'] = entry.split('.');
      const first = at + Number.parseInt(distance, 36);
      at = first + Number.parseInt(more, 36);
      return `\\u{${first.toString(16)}}-\\u{${at.toString(16)}}`;
    })
    .join('');
}

const each = (packed: string) => new RegExp(`[${classOf(packed)}]`, 'gu');
const one = (packed: string) => new RegExp(`([${classOf(packed)}])`, 'u');

/** Controls and formats, which BERT's cleaning removes; tabs and line ends are not among them. */
export const CONTROL = each(REMOVED_CONTROLS);
/** Non-spacing marks, as BERT strips them. */
export const NONSPACING_MARK = each(REMOVED_MARKS);
/** All combining marks, as `StripAccents` removes them. */
export const COMBINING_MARK = each(COMBINING_MARKS);
/** Punctuation, that of ASCII among it. */
export const PUNCTUATION_MARK = each(PUNCTUATION);
/** Characters that have a script for `UnicodeScripts`. Not global. */
export const HAS_SCRIPT = one(WITH_SCRIPT);
/** Characters that a form leaves alone, since their decomposition is younger. Not global: for tests and splits. */
export const NOT_DECOMPOSED: Readonly<Partial<Record<Form, RegExp>>> = {
  NFD: one(NFD_KEPT),
  NFKC: one(NFKC_KEPT),
  NFKD: one(NFKD_KEPT),
};
