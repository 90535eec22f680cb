/**
 * Code switching of one text (arXiv 2305.05295, re-implemented from its description): words that a lexicon
 * knows are replaced, each with probability p, by one of their translations, drawn evenly. Words it lacks
 * stay as they are.
 */
import type { RandomStream } from '../random.ts';

/** Translations by lower-cased word or phrase, as a dictionary gives them: without probabilities. */
export type WordTranslations = ReadonlyMap<string, readonly string[]>;

/** Longest phrase looked up, in words. */
const LONGEST_PHRASE = 3;

/** Runs of letters, marks and digits, with inner apostrophes, hyphens and dots. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’.-][\p{L}\p{M}\p{N}]+)*/gu;

/**
 * The text with words (longest phrase first) replaced; what stands between them is kept. A capital at the
 * start of a replaced word is carried over where the translation's script has capitals.
 *
 * @example switchWords('Where is the water?', new Map([['water', ['maji']]]), 1, stream) // 'Where is the maji?'
 */
export function switchWords(text: string, table: WordTranslations, p: number, stream: RandomStream): string {
  const words = [...text.matchAll(WORD)].map((match) => ({ word: match[0], start: match.index }));
  let out = '';
  let at = 0;
  let i = 0;
  while (i < words.length) {
    const { length, translations } = longestMatch(text, words, i, table);
    if (translations && stream.uniform() < p) {
      const { start } = words[i];
      const last = words[i + length - 1];
      const chosen = translations[stream.below(translations.length)];
      out += text.slice(at, start) + matchCase(words[i].word, chosen);
      at = last.start + last.word.length;
    }
    i += length;
  }
  return out + text.slice(at);
}

function longestMatch(
  text: string,
  words: readonly { word: string; start: number }[],
  from: number,
  table: WordTranslations,
): { length: number; translations?: readonly string[] } {
  for (let length = Math.min(LONGEST_PHRASE, words.length - from); length > 0; length--) {
    const last = words[from + length - 1];
    const phrase = text.slice(words[from].start, last.start + last.word.length).toLowerCase();
    const translations = table.get(phrase);
    if (translations && translations.length > 0) return { length, translations };
  }
  return { length: 1 };
}

function matchCase(original: string, translation: string): string {
  const [first] = original;
  if (first === first.toLowerCase()) return translation;
  const [head] = translation;
  return head === undefined ? translation : head.toUpperCase() + translation.slice(head.length);
}
