/** What was realised, counted while texts are switched. */
import type { Switch } from './choice.ts';
import { isContentWord } from './function-words.ts';
import type { SwitchLexicon } from './switch-lexicon.ts';
import type { PivotWord } from './words.ts';

/** Counts of one language. */
export interface LanguageTally {
  /** Texts that were to go to it (`draw: 'query'`). */
  texts: number;
  /** Texts with a switch to it. */
  switchedTexts: number;
  /** Words that were to be switched to it, known or not (natural design). */
  drawn: number;
  /** Words and phrases replaced. */
  switches: number;
  /** Words of the pivot language that they covered. */
  words: number;
  /** Of the replaced words, those within phrases. */
  phraseWords: number;
}

/** The state of a tally, as plain JSON. */
export interface TallyState {
  readonly texts: number;
  readonly switchedTexts: number;
  readonly words: number;
  readonly contentWords: number;
  readonly known: readonly (readonly [number, number, number])[];
  readonly languages: readonly LanguageTally[];
}

/** Counts texts, words, switches and what lexicons know. */
export class SwitchTally {
  texts = 0;
  switchedTexts = 0;
  words = 0;
  contentWords = 0;
  languages: LanguageTally[];
  private readonly lexicon: SwitchLexicon;
  /** Set of languages -> words and content words that they know, by themselves. */
  private known = new Map<number, { words: number; content: number }>();

  constructor(lexicon: SwitchLexicon) {
    this.lexicon = lexicon;
    this.languages = lexicon.languages.map(() => ({
      texts: 0,
      switchedTexts: 0,
      drawn: 0,
      switches: 0,
      words: 0,
      phraseWords: 0,
    }));
  }

  /** Counts the words of a field. */
  addWords(words: readonly PivotWord[]): void {
    this.words += words.length;
    for (const word of words) {
      const content = isContentWord(word.key) ? 1 : 0;
      this.contentWords += content;
      const mask = this.lexicon.maskOf(word);
      if (mask === 0) continue;
      const known = this.known.get(mask);
      if (known === undefined) this.known.set(mask, { words: 1, content });
      else {
        known.words++;
        known.content += content;
      }
    }
  }

  /** Counts a text and all its switches. */
  addText(language: number | undefined, switches: readonly Switch[]): void {
    this.texts++;
    if (language !== undefined) this.languages[language].texts++;
    if (switches.length > 0) this.switchedTexts++;
    let seen = 0;
    for (const { language: l, match } of switches) {
      const tally = this.languages[l];
      tally.switches++;
      tally.words += match.length;
      if (match.length > 1) tally.phraseWords += match.length;
      if ((seen & (1 << l)) === 0) tally.switchedTexts++;
      seen |= 1 << l;
    }
  }

  /** Words and content words that language `l` knows by themselves. */
  knownBy(l: number): { words: number; content: number } {
    const total = { words: 0, content: 0 };
    for (const [mask, { words, content }] of this.known) {
      if ((mask & (1 << l)) === 0) continue;
      total.words += words;
      total.content += content;
    }
    return total;
  }

  save(): TallyState {
    const { texts, switchedTexts, words, contentWords } = this;
    const known = [...this.known].map(([mask, of]) => [mask, of.words, of.content] as const);
    return { texts, switchedTexts, words, contentWords, known, languages: structuredClone(this.languages) };
  }

  load(state: TallyState): void {
    const { known, languages, ...counts } = state;
    Object.assign(this, counts);
    this.known = new Map(known.map(([mask, words, content]) => [mask, { words, content }]));
    this.languages = structuredClone([...languages]);
  }
}
