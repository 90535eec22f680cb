/** Which words of a text are switched, and to what: what both designs decide. */
import type { RandomStream } from '../../random.ts';
import type { LanguageShares, SwitchSettings } from './settings.ts';
import type { PhraseMatch, SwitchLexicon } from './switch-lexicon.ts';
import type { PivotWord } from './words.ts';

/** A word or phrase to be replaced. */
export interface Switch {
  readonly match: PhraseMatch;
  readonly language: number;
  /** Drawn from [0, 1): which of several translations it gets. */
  readonly uniform: number;
}

/** Chooses the switches of texts, one after the other. */
export interface Chooser {
  /** Begins a text, or a record of several fields; with `draw: 'query'` returns its language, else undefined. */
  begin(stream: RandomStream): number | undefined;
  /** The switches of a field, in the order of its words; `drawn` hears of words that were to be switched. */
  choose(
    words: readonly PivotWord[],
    stream: RandomStream,
    drawn: (language: number, words: number) => void,
  ): Switch[];
}

/**
 * The natural design (arXiv 2305.05295): each word is drawn with probability p and gets a language; where the
 * language's lexicon has a phrase that begins with the word, its words are drawn as one. What the lexicon lacks
 * stays. Every word and every text take the same number of draws, so that with another rho the same words are
 * drawn, and a larger one only adds to those of low-resource languages.
 */
export class NaturalChooser implements Chooser {
  private readonly lexicon: SwitchLexicon;
  private readonly settings: SwitchSettings;
  private readonly rho: number;
  private readonly low: readonly number[];
  private readonly high: readonly number[];
  private language = 0;

  constructor(lexicon: SwitchLexicon, settings: SwitchSettings, { rho, low }: LanguageShares) {
    this.lexicon = lexicon;
    this.settings = settings;
    this.rho = rho;
    this.low = low.flatMap((isLow, l) => (isLow ? [l] : []));
    this.high = low.flatMap((isLow, l) => (isLow ? [] : [l]));
  }

  begin(stream: RandomStream): number | undefined {
    if (this.settings.draw === 'token') return undefined;
    this.language = this.drawLanguage(stream);
    return this.language;
  }

  choose(
    words: readonly PivotWord[],
    stream: RandomStream,
    drawn: (language: number, words: number) => void,
  ): Switch[] {
    const { p, draw } = this.settings;
    const switches: Switch[] = [];
    let next = 0;
    for (let i = 0; i < words.length; i++) {
      const isDrawn = stream.uniform() < p;
      const language = draw === 'token' ? this.drawLanguage(stream) : this.language;
      const uniform = stream.uniform();
      if (i < next) continue; // within a phrase that was decided as one
      const match = this.lexicon.longestAt(words, i, language);
      next = i + (match?.length ?? 1);
      if (!isDrawn) continue;
      drawn(language, next - i);
      if (match) switches.push({ match, language, uniform });
    }
    return switches;
  }

  private drawLanguage(stream: RandomStream): number {
    const isLow = stream.uniform() < this.rho;
    const within = stream.uniform();
    const members = isLow ? this.low : this.high;
    return members[Math.floor(within * members.length)];
  }
}
