/**
 * Code switching of texts (arXiv 2305.05295, re-implemented from its description): words of the pivot language
 * are replaced by translations in one or several languages; everything between them is kept. See
 * docs/method.md for p, rho, coverage and the two designs.
 */
import { RefractError } from '../../errors.ts';
import { RandomStream } from '../../random.ts';
import { type Chooser, NaturalChooser, type Switch } from './choice.ts';
import { MatchedChooser } from './matched-chooser.ts';
import { type QuotaState, QuotaTable } from './quota-table.ts';
import { replaceWords } from './replace-words.ts';
import { type SwitchReport, switchReport } from './report.ts';
import { type LanguageShares, languageShares, type SwitchSettings } from './settings.ts';
import { DECK_STREAM, type SwitchPlan, SwitchSurvey } from './survey.ts';
import type { SwitchLexicon } from './switch-lexicon.ts';
import { SwitchTally, type TallyState } from './tally.ts';
import { type DeckState, TextDeck } from './text-deck.ts';
import { pivotWords } from './words.ts';

/** The state of a switcher, as plain JSON. */
export interface SwitcherState {
  readonly stream: readonly number[];
  readonly tally: TallyState;
  readonly quotas?: QuotaState;
  readonly deck?: DeckState;
}

/** A record after switching. */
export interface SwitchedFields {
  readonly fields: readonly string[];
  /** Words and phrases replaced. */
  readonly switches: number;
  /** The language drawn for the record, with `draw: 'query'`. */
  readonly language?: string;
}

/** Switches texts one by one, keeps the account, and can be saved and continued exactly. */
export class CodeSwitcher {
  private readonly lexicon: SwitchLexicon;
  private readonly settings: SwitchSettings;
  private readonly shares: LanguageShares;
  private readonly plan: SwitchPlan | undefined;
  private readonly table: QuotaTable | undefined;
  private readonly deck: TextDeck | undefined;
  private readonly chooser: Chooser;
  private readonly stream: RandomStream;
  private readonly tally: SwitchTally;

  /**
   * @param survey what the matched design counted; see `codeSwitcher`
   * Errors: `SETTING_INVALID` for impossible settings, or a matched design without survey.
   */
  constructor(lexicon: SwitchLexicon, settings: SwitchSettings, survey?: SwitchSurvey) {
    this.lexicon = lexicon;
    this.settings = settings;
    this.shares = languageShares(settings, lexicon.languages);
    this.stream = new RandomStream(settings.seed, 'switch/words');
    this.tally = new SwitchTally(lexicon);
    if (settings.design === 'natural') {
      this.chooser = new NaturalChooser(lexicon, settings, this.shares);
      return;
    }
    if (survey === undefined || survey.draw !== settings.draw)
      throw new RefractError('SETTING_INVALID', 'the matched design has not counted its texts', {
        at: 'design',
        hint: `Give all texts to a SwitchSurvey for draw "${settings.draw}" first.`,
      });
    this.plan = survey.plan(settings, this.shares);
    this.table = new QuotaTable(this.plan.kinds, this.plan.quotas);
    const { textQuotas } = this.plan;
    this.deck = textQuotas && new TextDeck(textQuotas, new RandomStream(settings.seed, DECK_STREAM));
    this.chooser = new MatchedChooser(lexicon, this.table, this.deck);
  }

  /** The text after switching; see `switchFields`. */
  switch(text: string, key?: string): string {
    return this.switchFields([text], key).fields[0];
  }

  /**
   * The fields of a record (such as title and text) after switching. With `draw: 'query'` they draw one language.
   *
   * @param key names the draws of this record, such as its id: in the natural design its result then depends on
   *   nothing but the seed, the key and the record, whatever came before. Without a key, draws go on.
   */
  switchFields(fields: readonly string[], key?: string): SwitchedFields {
    const keyed = key !== undefined && this.plan === undefined;
    const stream = keyed ? new RandomStream(this.settings.seed, `switch/words/${key}`) : this.stream;
    const language = this.chooser.begin(stream);
    const all: Switch[] = [];
    const switched = fields.map((field) => {
      const words = pivotWords(field);
      this.tally.addWords(words);
      const switches = this.chooser.choose(words, stream, (l, count) => {
        this.tally.languages[l].drawn += count;
      });
      all.push(...switches);
      return replaceWords(field, words, switches, this.lexicon.languages, this.settings.translation);
    });
    this.tally.addText(language, all);
    return {
      fields: switched,
      switches: all.length,
      ...(language !== undefined && { language: this.lexicon.languages[language] }),
    };
  }

  /** Asked against realised, over all texts so far. */
  report(): SwitchReport {
    const { lexicon, settings, shares, tally, plan, table } = this;
    return switchReport({ lexicon, settings, shares, tally, plan, allocated: table?.allocated });
  }

  /** The state, for a checkpoint. */
  save(): SwitcherState {
    return {
      stream: this.stream.save(),
      tally: this.tally.save(),
      ...(this.table && { quotas: this.table.save() }),
      ...(this.deck && { deck: this.deck.save() }),
    };
  }

  /** Continues from a saved state; `RESUME_MISMATCH` when texts, lexicons or settings are others. */
  load(state: SwitcherState): void {
    const fits =
      state.tally.languages.length === this.lexicon.languages.length &&
      (state.quotas === undefined) === (this.table === undefined) &&
      (state.deck === undefined) === (this.deck === undefined);
    if (!fits)
      throw new RefractError('RESUME_MISMATCH', 'the code switching is another one', {
        hint: 'Resume with the same lexicons and settings, or start a new run.',
      });
    if (state.quotas) this.table?.load(state.quotas);
    if (state.deck) this.deck?.load(state.deck);
    this.stream.load(state.stream);
    this.tally.load(state.tally);
  }
}

/**
 * A switcher for `texts`, which are counted first when the design is `matched`; `natural` does not read them.
 * Quotas hold to the word when every text is then switched once, in any order for `draw: 'token'`, in this order
 * for `draw: 'query'`; going through them again repeats the quotas.
 *
 * @example
 * const switcher = codeSwitcher(lexicon, { p: 0.5, rho: 0.25, low: ['sw', 'so'], design: 'matched', draw: 'token', translation: 'best', seed: 1 }, texts);
 * const switched = texts.map((text) => switcher.switch(text));
 * switcher.report().realised.rho; // 0.25, to the word
 */
export function codeSwitcher(
  lexicon: SwitchLexicon,
  settings: SwitchSettings,
  texts: Iterable<string> = [],
): CodeSwitcher {
  if (settings.design === 'natural') return new CodeSwitcher(lexicon, settings);
  const survey = new SwitchSurvey(lexicon, settings.draw);
  for (const text of texts) survey.add([text]);
  return new CodeSwitcher(lexicon, settings, survey);
}
