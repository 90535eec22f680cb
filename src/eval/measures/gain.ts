/** G and binG: gains discounted by what an ideal ranking would have gained more so far (trec_eval's own). */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type GainOf, gradeAsGain, idealGains } from './ndcg.ts';

/**
 * G = (1 / sum of all gains) sum_i g_i / log2(2 + I_i - S_i): g_i is the gain at rank i, S_i the gains of the first
 * i ranks, and I_i those of an ideal ranking, which past its end goes on with the lowest positive gain.
 * 0 when nothing has a gain. Experimental in trec_eval.
 */
export function normalisedGain({ grades, judged }: JudgedRanking, gain: GainOf = gradeAsGain): number {
  const ideal = idealGains(judged, gain);
  const total = ideal.reduce((sum, each) => sum + each, 0);
  if (total === 0) return 0;
  const tail = lowestPositive(judged, gain);
  let sum = 0;
  let lead = 0;
  for (let i = 0; i < grades.length; i++) {
    const own = grades[i] >= 0 ? gain(grades[i]) : 0;
    lead += (i < ideal.length ? ideal[i] : tail) - own;
    if (own > 0) sum += own / Math.log2(2 + lead);
  }
  return sum / total;
}

/** Gain of the lowest of the grades 1, 2, ... up to the highest judged that has one. */
function lowestPositive(judged: Float64Array, gain: GainOf): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (let grade = 0; grade <= judged[0]; grade++) {
    const value = gain(grade);
    if (value > 0 && value < lowest) lowest = value;
  }
  return lowest;
}

/**
 * binG = (1 / R) sum over the relevant passages returned of 1 / log2(2 + passages above that are not relevant);
 * 0 when nothing is relevant.
 */
export function binaryGain({ grades, judged }: JudgedRanking, relevance: number): number {
  const relevant = relevantCount(judged, relevance);
  let others = 0;
  let sum = 0;
  for (const grade of grades) {
    if (grade >= relevance) sum += 1 / Math.log2(2 + others);
    else others++;
  }
  return relevant === 0 ? 0 : sum / relevant;
}
