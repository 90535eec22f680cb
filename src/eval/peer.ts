/**
 * PEER, the probability of equal expected rank (Yang, Jänich, Mayfield and Lawrie 2024, arXiv 2405.00978): whether a
 * ranking of passages in several languages is fair to the languages.
 *
 * Written from the paper's description; the authors' own program treats passages that were not returned in another
 * way, so its figures differ where rankings are short.
 */
import { RefractError } from '../errors.ts';
import { kruskalWallis } from './significance/kruskal-wallis.ts';

/** What is known of the passages of one query. */
export interface PeerPassage {
  readonly id: string;
  readonly language: string;
  readonly grade: number;
}

/** Settings of {@link peer}. */
export interface PeerSettings {
  /** Weight of each grade; the weights sum to 1. A grade without a weight plays no part. */
  readonly weights: ReadonlyMap<number, number>;
  /** Ranks looked at; passages below count as not returned. Default all. */
  readonly cutoff?: number;
}

/**
 * PEER of one query: for each grade, the p of a Kruskal-Wallis test that the judged passages of all languages have
 * the same distribution of ranks; then the weighted mean over grades. 1 is fair, 0 is not.
 *
 * Passages that were not returned (or below the cutoff) share the rank after the last. A grade whose passages are of
 * one language, or none of which was returned, is fair: p = 1.
 *
 * @param ranking ids of the passages returned, best first
 * @param passages the judged passages of the query, all languages together
 * @throws RefractError `SETTING_INVALID` when the weights do not sum to 1 or the cutoff is not positive
 * @example peer(['d1', 's1', 'd2', 's2'], passages, { weights: new Map([[1, 1]]) })
 */
export function peer(
  ranking: readonly string[],
  passages: readonly PeerPassage[],
  { weights, cutoff = Number.POSITIVE_INFINITY }: PeerSettings,
): number {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (Math.abs(total - 1) > 1e-9 || [...weights.values()].some((weight) => weight < 0) || !(cutoff >= 1))
    throw new RefractError('SETTING_INVALID', `PEER with weights that sum to ${total} and cutoff ${cutoff}`, {
      hint: 'Weights are not negative and sum to 1; the cutoff is at least 1.',
    });
  const depth = Math.min(cutoff, ranking.length);
  const ranks = new Map(ranking.slice(0, depth).map((id, i) => [id, i + 1]));
  let sum = 0;
  for (const [grade, weight] of weights) {
    const byLanguage = new Map<string, number[]>();
    for (const passage of passages) {
      if (passage.grade !== grade) continue;
      const list = byLanguage.get(passage.language) ?? [];
      list.push(ranks.get(passage.id) ?? depth + 1);
      byLanguage.set(passage.language, list);
    }
    sum += weight * (byLanguage.size < 2 ? 1 : kruskalWallis([...byLanguage.values()]).p);
  }
  return sum;
}
