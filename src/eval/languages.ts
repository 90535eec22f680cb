/** One figure a language, summed up: macro average, worst language, and the gap between groups of languages. */
import { RefractError } from '../errors.ts';

/** What `summariseLanguages` finds. */
export interface LanguageSummary {
  /** Mean over languages, each counting the same. */
  readonly macro: number;
  /** The language with the lowest value; the first of equals. */
  readonly worst: { readonly language: string; readonly value: number };
  /** Mean over the low-resource languages; undefined where there are none. */
  readonly low?: number;
  /** Mean over the others; undefined where there are none. */
  readonly high?: number;
  /** high - low: what low-resource languages lose; undefined without both. */
  readonly gap?: number;
}

/**
 * Sums up a measure over languages.
 *
 * @param values language -> value, higher is better
 * @param low codes of the low-resource languages; those without a value play no part
 * @throws RefractError `SETTING_INVALID` without languages
 * @example summariseLanguages(new Map([['de', .6], ['sw', .2], ['so', .1]]), new Set(['sw', 'so'])).gap // .45
 */
export function summariseLanguages(
  values: ReadonlyMap<string, number>,
  low: ReadonlySet<string> = new Set(),
): LanguageSummary {
  if (values.size === 0)
    throw new RefractError('SETTING_INVALID', 'a summary of no languages', {
      hint: 'Give at least one language.',
    });
  const all = [...values];
  const [language, value] = all.reduce((worst, each) => (each[1] < worst[1] ? each : worst));
  const mean = (part: readonly (readonly [string, number])[]) =>
    part.length === 0 ? undefined : part.reduce((sum, each) => sum + each[1], 0) / part.length;
  const lower = mean(all.filter((each) => low.has(each[0])));
  const higher = mean(all.filter((each) => !low.has(each[0])));
  return {
    macro: mean(all) ?? 0,
    worst: { language, value },
    low: lower,
    high: higher,
    gap: lower === undefined || higher === undefined ? undefined : higher - lower,
  };
}
