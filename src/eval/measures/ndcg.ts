/** Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), with trec_eval's gain and discount. */
import type { JudgedRanking } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** DCG of grades in rank order: sum over ranks i <= cutoff of max(grade_i, 0) / log2(i + 1). */
export function discountedGain(grades: Float64Array, cutoff: number): number {
  const ranks = Math.min(cutoff, grades.length);
  let sum = 0;
  for (let i = 0; i < ranks; i++) if (grades[i] > 0) sum += grades[i] / Math.log2(i + 2);
  return sum;
}

/** nDCG of one ranking; 0 when no judged passage has a positive grade. */
export function ndcgKernel({ grades, judged }: JudgedRanking, cutoff: number): number {
  const ideal = discountedGain(judged, cutoff);
  return ideal === 0 ? 0 : discountedGain(grades, cutoff) / ideal;
}

/** The family behind {@link nDCG}. */
export const ndcgFamily: MeasureFamily = {
  name: 'nDCG',
  aliases: [],
  cutoff: 'optional',
  graded: false,
  kernel: ndcgKernel,
};

/**
 * nDCG@k = DCG@k / IDCG@k, where DCG@k = sum_{i=1..k} g_i / log2(i + 1), g_i is the grade of the passage at
 * rank i (0 when unjudged or negative) and IDCG@k is the DCG@k of the best possible ranking of all judged
 * passages.
 *
 * @param cutoff k; all ranks when left out
 * @example evaluate(judgments, run, [nDCG(10)])
 */
export function nDCG(cutoff?: number): Measure {
  return makeMeasure(ndcgFamily, { cutoff });
}
