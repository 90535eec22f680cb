/** How much can be switched at most: the bound behind the quotas of the matched design. */
import type { WordKind } from './allocation.ts';

/**
 * The largest p for which quotas of p · words · share_l are possible: min over sets S of languages of
 * cover(S) / (words · Σ_{l in S} share_l); at most 1.
 *
 * @example largestSwitchShare([{ mask: 1, count: 30 }], 100, [1]) // 0.3
 */
export function largestSwitchShare(
  kinds: readonly WordKind[],
  words: number,
  shares: readonly number[],
): number {
  const sets = 1 << shares.length;
  /** [sets] words whose languages all lie within the set. */
  const within = new Float64Array(sets);
  for (const { mask, count } of kinds) within[mask] += count;
  for (let l = 0; l < shares.length; l++)
    for (let set = 0; set < sets; set++) if (set & (1 << l)) within[set] += within[set ^ (1 << l)];
  const known = within[sets - 1];
  let largest = 1;
  for (let set = 1; set < sets; set++) {
    let share = 0;
    for (let l = 0; l < shares.length; l++) if (set & (1 << l)) share += shares[l];
    if (share > 0) largest = Math.min(largest, (known - within[sets - 1 - set]) / (words * share));
  }
  return largest;
}
