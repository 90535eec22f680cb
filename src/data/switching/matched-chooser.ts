/**
 * The matched design: words go to languages by exact quotas over all texts (`QuotaTable`). A word that goes to
 * a language takes a phrase along of which it is part, when the quotas allow it; the phrase's other words then
 * take the places of other words of this language, so that realised shares stay exact.
 */
import type { RandomStream } from '../../random.ts';
import type { Chooser, Switch } from './choice.ts';
import type { QuotaTable } from './quota-table.ts';
import type { PhraseMatch, SwitchLexicon } from './switch-lexicon.ts';
import type { TextDeck } from './text-deck.ts';
import type { PivotWord } from './words.ts';

const COMING = 0;
const STAYED = 1;
const TAKEN = 2;

/** Chooses by quotas; `deck` deals languages to texts with `draw: 'query'`. */
export class MatchedChooser implements Chooser {
  private readonly lexicon: SwitchLexicon;
  private readonly table: QuotaTable;
  private readonly deck: TextDeck | undefined;
  /** The languages that words of the present text may go to, as bits. */
  private allowed = -1;

  constructor(lexicon: SwitchLexicon, table: QuotaTable, deck: TextDeck | undefined) {
    this.lexicon = lexicon;
    this.table = table;
    this.deck = deck;
  }

  begin(): number | undefined {
    const language = this.deck?.draw();
    this.allowed = language === undefined ? -1 : 1 << language;
    return language;
  }

  choose(words: readonly PivotWord[], stream: RandomStream): Switch[] {
    const masks = words.map((word) => this.lexicon.maskOf(word) & this.allowed);
    const states = new Uint8Array(words.length);
    const switches: Switch[] = [];
    for (let i = 0; i < words.length; i++) {
      const place = stream.uniform();
      const uniform = stream.uniform();
      if (states[i] === TAKEN) continue;
      const language = this.table.draw(masks[i], place);
      states[i] = STAYED;
      if (language < 0) continue;
      const match = this.phrase(words, i, language, masks, states) ?? this.word(words[i], i, language);
      states.fill(TAKEN, match.from, match.from + match.length);
      switches.push({ match, language, uniform });
    }
    return switches.sort((a, b) => a.match.from - b.match.from);
  }

  private phrase(
    words: readonly PivotWord[],
    i: number,
    language: number,
    masks: readonly number[],
    states: Uint8Array,
  ): PhraseMatch | undefined {
    return this.lexicon.phrasesAround(words, i, language).find(({ from, length }) => {
      const others = Array.from({ length }, (_, k) => from + k).filter((k) => k !== i);
      if (others.some((k) => states[k] === TAKEN)) return false;
      const coming = others.filter((k) => states[k] === COMING).map((k) => masks[k]);
      return this.table.take(language, others.length - coming.length, coming);
    });
  }

  private word({ key }: PivotWord, from: number, language: number): PhraseMatch {
    return { from, length: 1, translations: this.lexicon.lookup(key)?.translations[language] ?? [] };
  }
}
