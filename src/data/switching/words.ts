/**
 * The words of a text in the pivot language (English), as code switching counts and looks them up. Hyphens
 * divide words and the ending 's stands by itself, so that "China's well-known river" has the words China,
 * well, known, river.
 */

/** A word, where it stands, and the form in which lexicons know it. */
export interface PivotWord {
  /** UTF-16 code units: `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** NFC, lower case, with straight apostrophes. */
  readonly key: string;
  /** Whether only spaces or hyphens stand before it, so that a phrase may run through to it. */
  readonly joined: boolean;
}

/** Letters, marks, digits and joiners, with inner apostrophes, dots and, in numbers, commas; 's is left out. */
const WORD =
  /(?<![\p{L}\p{M}\p{N}]['’])[\p{L}\p{M}\p{N}\u200c\u200d]+(?:['’](?![sS](?![\p{L}\p{M}\p{N}]))[\p{L}\p{M}\p{N}]+|\.[\p{L}\p{M}\p{N}]+|(?<=\p{N}),\p{N}+)*/gu;
/** What may stand between the words of a phrase. */
const JOINT = /^(?:[\s\u2010\u2011-]|['’][sS](?=[\s\u2010\u2011-]))*$/u;
const ASCII_ONLY = /^[\0-\x7f]*$/;

/**
 * The words of a text in their order.
 *
 * @example pivotWords("China's rivers").map(({ key }) => key) // ['china', 'rivers']
 */
export function pivotWords(text: string): PivotWord[] {
  const words: PivotWord[] = [];
  let last = 0;
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    const start = match.index;
    const joined = words.length > 0 && JOINT.test(text.slice(last, start));
    last = start + word.length;
    words.push({ start, end: last, key: wordKey(word), joined });
  }
  return words;
}

function wordKey(word: string): string {
  return ASCII_ONLY.test(word)
    ? word.toLowerCase()
    : word.normalize('NFC').replaceAll('’', "'").toLowerCase().normalize('NFC');
}

/**
 * A word or phrase as a lexicon is asked for it: the keys of its words with single spaces; empty when it has
 * no word. Punctuation at its ends and hyphens within do not count.
 *
 * @example phraseKey('Well-known') // 'well known'
 */
export function phraseKey(phrase: string): string {
  return pivotWords(phrase)
    .map(({ key }) => key)
    .join(' ');
}
