/**
 * The first pass of the matched design: what words the texts have and which languages know them, and from it
 * the quotas. Phrases are left out of the account: a word counts as known when a lexicon has it by itself.
 */
import { RandomStream } from '../../random.ts';
import type { WordKind } from './allocation.ts';
import { largestSwitchShare } from './largest-share.ts';
import { apportion, type LanguageShares, languageQuotas, type SwitchSettings } from './settings.ts';
import type { SwitchLexicon } from './switch-lexicon.ts';
import { TextDeck } from './text-deck.ts';
import { type PivotWord, pivotWords } from './words.ts';

/** What the matched design is to reach. */
export interface SwitchPlan {
  readonly texts: number;
  readonly words: number;
  /** Words known by language sets; with `draw: 'query'` only sets of the text's language. */
  readonly kinds: readonly WordKind[];
  /** By language: words to switch. */
  readonly quotas: readonly number[];
  /** By language: texts to switch, with `draw: 'query'`. */
  readonly textQuotas: readonly number[] | undefined;
  /** The largest p at which the quotas of words can all be met. */
  readonly largestP: number;
}

/** The stream that deals texts out to languages; the second pass repeats its draws. */
export const DECK_STREAM = 'switch/languages';

/**
 * Counts the words of texts. Memory grows with the number of texts only for `draw: 'query'`, by 4 bytes a text
 * and language.
 *
 * @example
 * const survey = new SwitchSurvey(lexicon, 'token');
 * for (const { text } of queries) survey.add([text]);
 */
export class SwitchSurvey {
  texts = 0;
  words = 0;
  private readonly lexicon: SwitchLexicon;
  readonly draw: SwitchSettings['draw'];
  private readonly masks = new Map<number, number>();
  /** [texts, 1 + languages] words of each text, and those each language knows. */
  private counts = new Uint32Array(0);

  constructor(lexicon: SwitchLexicon, draw: SwitchSettings['draw']) {
    this.lexicon = lexicon;
    this.draw = draw;
  }

  /** Counts a text, or the fields of a record, which draw one language together. */
  add(fields: readonly string[]): void {
    const words = fields.flatMap((field): PivotWord[] => pivotWords(field));
    const width = this.lexicon.languages.length + 1;
    const start = this.texts * width;
    if (this.draw === 'query' && this.counts.length < start + width) {
      const grown = new Uint32Array(Math.max(1024 * width, 2 * this.counts.length));
      grown.set(this.counts);
      this.counts = grown;
    }
    for (const word of words) {
      const mask = this.lexicon.maskOf(word);
      if (this.draw === 'token') this.masks.set(mask, (this.masks.get(mask) ?? 0) + 1);
      else for (let l = 0; l + 1 < width; l++) if (mask & (1 << l)) this.counts[start + 1 + l]++;
    }
    if (this.draw === 'query') this.counts[start] = words.length;
    this.texts++;
    this.words += words.length;
  }

  /** The quotas under `settings`, over the texts counted so far. */
  plan(settings: SwitchSettings, shares: LanguageShares): SwitchPlan {
    return this.draw === 'token' ? this.planWords(settings, shares) : this.planTexts(settings, shares);
  }

  private planWords({ p }: SwitchSettings, shares: LanguageShares): SwitchPlan {
    const { texts, words } = this;
    const kinds = [...this.masks].map(([mask, count]) => ({ mask, count }));
    return {
      texts,
      words,
      kinds,
      quotas: languageQuotas(Math.round(p * words), shares),
      textQuotas: undefined,
      largestP: words === 0 ? 1 : largestSwitchShare(kinds, words, shares.shares),
    };
  }

  private planTexts({ p, seed }: SwitchSettings, shares: LanguageShares): SwitchPlan {
    const { texts, words } = this;
    const textQuotas = languageQuotas(texts, shares);
    const width = textQuotas.length + 1;
    const deck = new TextDeck(textQuotas, new RandomStream(seed, DECK_STREAM));
    const wordsOf = textQuotas.map(() => 0);
    const known = textQuotas.map(() => 0);
    for (let text = 0; text < texts; text++) {
      const l = deck.draw();
      wordsOf[l] += this.counts[text * width];
      known[l] += this.counts[text * width + 1 + l];
    }
    const quotas = apportion(
      Math.round(p * words),
      wordsOf.map((count) => count / Math.max(words, 1)),
    );
    const limits = known.map((count, l) => (wordsOf[l] === 0 ? 1 : count / wordsOf[l]));
    return {
      texts,
      words,
      kinds: known.map((count, l) => ({ mask: 1 << l, count })),
      quotas,
      textQuotas,
      largestP: Math.min(1, ...limits),
    };
  }
}
