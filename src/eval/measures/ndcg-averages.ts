/** nDCG averaged over several depths: at every relevant passage, or at the ends of the levels of gain. */
import type { JudgedRanking } from '../ranking.ts';
import { type GainOf, gradeAsGain, idealGains, rankDiscounts } from './ndcg.ts';

/**
 * nDCG averaged over the passages with a gain: that at the rank where each was returned; for one that was not
 * returned, the DCG of all that was over the ideal DCG of all judged passages. 0 when nothing has a gain.
 */
export function ndcgAtRelevant({ grades, judged }: JudgedRanking, gain: GainOf = gradeAsGain): number {
  const ideal = idealGains(judged, gain);
  if (ideal.length === 0) return 0;
  const ranks = Math.max(grades.length, ideal.length);
  const discount = rankDiscounts(ranks);
  let own = 0;
  let best = 0;
  let sum = 0;
  let found = 0;
  for (let i = 0; i < ranks; i++) {
    if (i < ideal.length) best += ideal[i] / discount[i];
    const value = i < grades.length && grades[i] >= 0 ? gain(grades[i]) : 0;
    if (value <= 0) continue;
    own += value / discount[i];
    sum += own / best;
    found++;
  }
  return (sum + (ideal.length - found) * (own / best)) / ideal.length;
}

/**
 * Rndcg: nDCG averaged over R levels. With the passages that have a gain sorted by it, a level ends where the gain
 * changes; the last one ends with the ranking. So 5 passages of gain 2 and 10 of gain 1 give
 * (nDCG@5 + nDCG@15 + nDCG) / 3, or (nDCG@5 + nDCG) / 2 when no more than 15 passages were returned. 0 when nothing
 * has a gain. Experimental in trec_eval.
 */
export function ndcgAtLevels({ grades, judged }: JudgedRanking, gain: GainOf = gradeAsGain): number {
  const ideal = idealGains(judged, gain);
  if (ideal.length === 0) return 0;
  const ranks = Math.max(grades.length, ideal.length);
  const discount = rankDiscounts(ranks);
  let own = 0;
  let best = 0;
  let sum = 0;
  let levels = 0;
  for (let i = 0; i < ranks; i++) {
    if (i > 0 && i <= ideal.length && ideal[i] !== ideal[i - 1]) {
      sum += own / best;
      levels++;
    }
    if (i < ideal.length) best += ideal[i] / discount[i];
    const value = i < grades.length && grades[i] >= 0 ? gain(grades[i]) : 0;
    if (value > 0) own += value / discount[i];
  }
  return (sum + own / best) / (levels + 1);
}
