/** Asked against realised: the account of code switching. */
import type { SwitchLexiconCounts } from './headwords.ts';
import type { LanguageShares, SwitchSettings } from './settings.ts';
import type { SwitchPlan } from './survey.ts';
import type { SwitchLexicon } from './switch-lexicon.ts';
import type { SwitchTally } from './tally.ts';

/** Shares of words; `languages` by code. */
export interface SwitchShares {
  /** Switched words over all words. */
  readonly p: number;
  /** Of switched words, those that went to low-resource languages. */
  readonly rho: number;
  /** With `draw: 'query'`: of texts, those that went to low-resource languages. */
  readonly textRho?: number;
  /** Of switched words (asked with `draw: 'query'`: of texts), those of each language. */
  readonly languages: Readonly<Record<string, number>>;
}

/** What happened in one language. */
export interface LanguageSwitches {
  readonly low: boolean;
  /** Switched words over all words. */
  readonly p: number;
  readonly words: number;
  readonly switches: number;
  readonly phraseWords: number;
  readonly switchedTexts: number;
  /** Texts that drew the language (`draw: 'query'`). */
  readonly texts?: number;
  /** Words that were to be switched to it, known or not (natural design). */
  readonly drawn?: number;
  /** Words of its quota, and of that what no lexicon allows (matched design). */
  readonly quota?: number;
  readonly short?: number;
  /** The part of words, and of content words, that its lexicon has by themselves. */
  readonly coverage: { readonly words: number; readonly contentWords: number };
  readonly lexicon: SwitchLexiconCounts;
}

/** The whole account. Shares of nothing are 0. */
export interface SwitchReport {
  readonly settings: SwitchSettings;
  readonly texts: number;
  readonly switchedTexts: number;
  readonly words: number;
  readonly contentWords: number;
  readonly switches: number;
  readonly switchedWords: number;
  readonly asked: SwitchShares;
  readonly realised: SwitchShares;
  readonly languages: Readonly<Record<string, LanguageSwitches>>;
  /** The matched design: the texts it was made for, the largest p it can reach, and whether it met every quota. */
  readonly matched?: {
    readonly texts: number;
    readonly words: number;
    readonly largestP: number;
    readonly feasible: boolean;
    /** Absent until all its texts have come, and when they come anew. */
    readonly exact?: boolean;
  };
}

/** What a report is made of. */
export interface ReportParts {
  readonly lexicon: SwitchLexicon;
  readonly settings: SwitchSettings;
  readonly shares: LanguageShares;
  readonly tally: SwitchTally;
  readonly plan?: SwitchPlan;
  /** By language: words that the quotas give out. */
  readonly allocated?: readonly number[];
}

/** Makes the account from the counts so far. */
export function switchReport({
  lexicon,
  settings,
  shares,
  tally,
  plan,
  allocated,
}: ReportParts): SwitchReport {
  const codes = lexicon.languages;
  const byCode = <Value>(value: (l: number) => Value): Record<string, Value> =>
    Object.fromEntries(codes.map((code, l) => [code, value(l)]));
  const { languages, words } = tally;
  const sum = (count: (l: number) => number) => codes.reduce((total, _, l) => total + count(l), 0);
  const sumLow = (count: (l: number) => number) => sum((l) => (shares.low[l] ? count(l) : 0));
  const switchedWords = sum((l) => languages[l].words);
  const query = settings.draw === 'query';
  const complete = plan !== undefined && tally.texts === plan.texts && words === plan.words;
  return {
    settings: { ...settings, rho: shares.rho },
    texts: tally.texts,
    switchedTexts: tally.switchedTexts,
    words,
    contentWords: tally.contentWords,
    switches: sum((l) => languages[l].switches),
    switchedWords,
    asked: {
      p: settings.p,
      rho: shares.rho,
      ...(query && { textRho: shares.rho }),
      languages: byCode((l) => shares.shares[l]),
    },
    realised: {
      p: ratio(switchedWords, words),
      rho: ratio(
        sumLow((l) => languages[l].words),
        switchedWords,
      ),
      ...(query && {
        textRho: ratio(
          sumLow((l) => languages[l].texts),
          tally.texts,
        ),
      }),
      languages: byCode((l) => ratio(languages[l].words, switchedWords)),
    },
    languages: byCode((l) => {
      const { texts, drawn, ...counts } = languages[l];
      const known = tally.knownBy(l);
      return {
        low: shares.low[l],
        p: ratio(counts.words, words),
        ...counts,
        ...(query && { texts }),
        ...(plan === undefined && { drawn }),
        ...(plan && allocated && { quota: plan.quotas[l], short: plan.quotas[l] - allocated[l] }),
        coverage: {
          words: ratio(known.words, words),
          contentWords: ratio(known.content, tally.contentWords),
        },
        lexicon: lexicon.counts[l],
      };
    }),
    ...(plan &&
      allocated && {
        matched: {
          texts: plan.texts,
          words: plan.words,
          largestP: plan.largestP,
          feasible: plan.quotas.every((quota, l) => quota === allocated[l]),
          ...(complete && { exact: plan.quotas.every((quota, l) => quota === languages[l].words) }),
        },
      }),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
