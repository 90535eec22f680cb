/** Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), with trec_eval's gain and discount. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** Gain of a grade of 0 or more; a negative gain counts 0. */
export type GainOf = (grade: number) => number;

/** The gain that trec_eval takes unless told otherwise: the grade itself. */
export const gradeAsGain: GainOf = (grade) => grade;

/** log2(rank + 1) by rank - 1, grown as needed: the logarithm is most of a DCG's time. */
let discounts = new Float64Array(0);

/** log2(i + 2) for i = 0 .. at least `ranks` - 1. */
export function rankDiscounts(ranks: number): Float64Array {
  if (discounts.length < ranks)
    discounts = Float64Array.from({ length: Math.max(1024, 2 * ranks) }, (_, i) => Math.log2(i + 2));
  return discounts;
}

/** DCG of grades in rank order: sum over ranks i <= cutoff of max(gain_i, 0) / log2(i + 1). */
export function discountedGain(grades: Float64Array, cutoff: number, gain: GainOf = gradeAsGain): number {
  const ranks = Math.min(cutoff, grades.length);
  const discount = rankDiscounts(ranks);
  let sum = 0;
  for (let i = 0; i < ranks; i++) {
    // NaN and negative grades fail this, and a grade of 0 may have a gain of its own.
    if (!(grades[i] >= 0)) continue;
    const own = gain(grades[i]);
    if (own > 0) sum += own / discount[i];
  }
  return sum;
}

/** Gains of all judged passages in the order of an ideal ranking: the positive ones, descending. */
export function idealGains(judged: Float64Array, gain: GainOf): Float64Array {
  const gains = judged.subarray(0, relevantCount(judged, 0)).map(gain).sort().reverse();
  return gains.subarray(0, relevantCount(gains, Number.MIN_VALUE));
}

/** nDCG of one ranking; 0 when no judged passage has a gain. */
export function ndcgKernel(
  { grades, judged }: JudgedRanking,
  cutoff: number,
  _relevance?: number,
  gain: GainOf = gradeAsGain,
): number {
  const ideal =
    gain === gradeAsGain
      ? discountedGain(judged, cutoff)
      : discountedGain(idealGains(judged, gain), cutoff, gradeAsGain);
  return ideal === 0 ? 0 : discountedGain(grades, cutoff, gain) / ideal;
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
