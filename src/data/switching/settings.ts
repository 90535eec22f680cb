/** Settings of code switching, and the shares of the languages that follow from them. */
import { RefractError } from '../../errors.ts';
import { sameLanguage } from '../language.ts';

/** How texts are switched. */
export interface SwitchSettings {
  /** p: the share of words to replace, 0 to 1. */
  readonly p: number;
  /**
   * rho: the share that goes to low-resource languages: of switched words (`draw: 'token'`) or of texts
   * (`draw: 'query'`). Default: their share of the languages.
   */
  readonly rho?: number;
  /** Codes of the low-resource languages among those of the lexicon; default none. */
  readonly low?: readonly string[];
  /**
   * `natural`: words and languages are drawn by chance, and a word that the lexicon lacks stays as it is.
   * `matched`: by quotas over all texts, so that the realised shares are those asked for.
   */
  readonly design: 'natural' | 'matched';
  /** Whether each word or each text draws its language. */
  readonly draw: 'token' | 'query';
  /** The best translation, or one drawn evenly. */
  readonly translation: 'best' | 'uniform';
  readonly seed: number;
}

/** Shares of the languages of a lexicon, in its order. */
export interface LanguageShares {
  readonly rho: number;
  readonly low: readonly boolean[];
  /** Adds up to 1: rho over the low-resource languages, evenly, and the rest over the others. */
  readonly shares: readonly number[];
}

/**
 * Checks settings against the languages there are. Errors: `SETTING_INVALID` for p or rho outside [0, 1], a low-resource
 * language without lexicon, or a rho that the languages cannot give.
 *
 * @example languageShares({ ...settings, rho: 0.4, low: ['so', 'sw'] }, ['fr', 'so', 'sw']).shares // [0.6, 0.2, 0.2]
 */
export function languageShares(settings: SwitchSettings, languages: readonly string[]): LanguageShares {
  const { p, low: lowCodes = [] } = settings;
  checkShare('p', p);
  const lost = lowCodes.find((code) => !languages.some((language) => sameLanguage(language, code)));
  if (lost !== undefined)
    throw new RefractError('SETTING_INVALID', `low-resource language "${lost}" has no lexicon`, {
      at: 'low',
      hint: `Languages with a lexicon: ${languages.join(', ')}.`,
    });
  const low = languages.map((language) => lowCodes.some((code) => sameLanguage(language, code)));
  const lowCount = low.filter(Boolean).length;
  const rho = settings.rho ?? lowCount / languages.length;
  checkShare('rho', rho);
  if (rho > 0 && lowCount === 0)
    throw impossible(
      rho,
      'no language is low-resource',
      'Name the low-resource ones with low, or take rho 0.',
    );
  if (rho < 1 && lowCount === languages.length)
    throw impossible(rho, 'every language is low-resource', 'Add a lexicon of another, or take rho 1.');
  const shares = low.map((isLow) => (isLow ? rho / lowCount : (1 - rho) / (languages.length - lowCount)));
  return { rho, low, shares };
}

/**
 * Divides `total` things over shares that add up to 1, by largest remainders; of equal ones the first.
 *
 * @example apportion(10, [0.25, 0.25, 0.5]) // [3, 2, 5]
 */
export function apportion(total: number, shares: readonly number[]): number[] {
  // Shares such as .3 carry errors of rounding, which must not decide over a whole.
  const exact = shares.map((share) => Math.round(share * total * 1e9) / 1e9);
  const counts = exact.map(Math.floor);
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  const order = exact.map((_, i) => i).sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (const i of order) {
    if (left <= 0) break;
    if (shares[i] === 0) continue;
    counts[i]++;
    left--;
  }
  return counts;
}

/** Quotas of the languages: rho first, then evenly within low- and other languages. */
export function languageQuotas(total: number, { rho, low }: LanguageShares): number[] {
  const lowTotal = low.every(Boolean) ? total : low.some(Boolean) ? Math.round(rho * total) : 0;
  const quotas = low.map(() => 0);
  for (const isLow of [true, false]) {
    const members = low.flatMap((value, l) => (value === isLow ? [l] : []));
    const parts = apportion(
      isLow ? lowTotal : total - lowTotal,
      members.map(() => 1 / members.length),
    );
    members.forEach((l, i) => {
      quotas[l] = parts[i];
    });
  }
  return quotas;
}

function checkShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RefractError('SETTING_INVALID', `${name} is ${value}`, {
    at: name,
    hint: `${name} is a share: a number from 0 to 1.`,
  });
}

function impossible(rho: number, why: string, hint: string): RefractError {
  return new RefractError('SETTING_INVALID', `rho ${rho} is impossible: ${why}`, { at: 'rho', hint });
}
