/** How much of a text each lexicon knows. */
import { isContentWord } from './function-words.ts';
import type { SwitchLexiconCounts } from './headwords.ts';
import type { SwitchLexicon } from './switch-lexicon.ts';
import { pivotWords } from './words.ts';

/** What a lexicon knows of a text; shares of nothing are 0. */
export interface LanguageCoverage {
  /** The part of words that it has by themselves. */
  readonly words: number;
  /** The same of content words. */
  readonly contentWords: number;
  /** The same of different content words, each counted once. */
  readonly types: number;
  /** The part of words that it has by themselves or in a phrase. */
  readonly withPhrases: number;
  readonly lexicon: SwitchLexiconCounts;
}

/** Coverage of a text by several lexicons. */
export interface CoverageReport {
  readonly texts: number;
  readonly words: number;
  readonly contentWords: number;
  readonly types: number;
  readonly languages: Readonly<Record<string, LanguageCoverage>>;
  /** Content words that no lexicon has, the most frequent first. */
  readonly unknown: readonly { readonly word: string; readonly count: number }[];
}

/** How many unknown words are named. */
const NAMED = 20;

/**
 * Counts what `lexicon` knows of English texts. A word is known as it stands, apart from case and the ending
 * 's: without stemming. Content words are words of letters that are no function words.
 *
 * @example (await lexiconCoverage(lexicon, texts)).languages.sw.contentWords // 0.47
 */
export async function lexiconCoverage(
  lexicon: SwitchLexicon,
  texts: Iterable<string> | AsyncIterable<string>,
): Promise<CoverageReport> {
  const zeros = () => lexicon.languages.map(() => 0);
  const count = { words: zeros(), content: zeros(), types: zeros(), phrases: zeros() };
  const contentWords = new Map<string, number>();
  let textCount = 0;
  let wordCount = 0;
  for await (const text of texts) {
    textCount++;
    const words = pivotWords(text);
    wordCount += words.length;
    for (const word of words) {
      const content = isContentWord(word.key);
      if (content) contentWords.set(word.key, (contentWords.get(word.key) ?? 0) + 1);
      const mask = lexicon.maskOf(word);
      for (let l = 0; l < count.words.length; l++) if (mask & (1 << l)) count.words[l]++;
    }
    for (let l = 0; l < count.phrases.length; l++) {
      for (let i = 0; i < words.length; ) {
        const length = lexicon.longestAt(words, i, l)?.length;
        count.phrases[l] += length ?? 0;
        i += length ?? 1;
      }
    }
  }
  const unknown: { word: string; count: number }[] = [];
  let contentCount = 0;
  for (const [word, occurrences] of contentWords) {
    contentCount += occurrences;
    const mask = lexicon.lookup(word)?.mask ?? 0;
    if (mask === 0) unknown.push({ word, count: occurrences });
    for (let l = 0; l < count.content.length; l++) {
      if ((mask & (1 << l)) === 0) continue;
      count.content[l] += occurrences;
      count.types[l]++;
    }
  }
  unknown.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
  return {
    texts: textCount,
    words: wordCount,
    contentWords: contentCount,
    types: contentWords.size,
    languages: Object.fromEntries(
      lexicon.languages.map((code, l) => [
        code,
        {
          words: count.words[l] / Math.max(wordCount, 1),
          contentWords: count.content[l] / Math.max(contentCount, 1),
          types: count.types[l] / Math.max(contentWords.size, 1),
          withPhrases: count.phrases[l] / Math.max(wordCount, 1),
          lexicon: lexicon.counts[l],
        },
      ]),
    ),
    unknown: unknown.slice(0, NAMED),
  };
}
