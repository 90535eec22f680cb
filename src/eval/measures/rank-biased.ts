/** Rank-biased precision (Moffat and Zobel 2008): a reader who goes on to the next rank with probability p. */
import type { JudgedRanking } from '../ranking.ts';

/** trec_eval's p. */
export const PERSISTENCE = 0.9;

/**
 * RBP = (1 - p) sum_i p^(i-1) g_i / g_max; g_i is the grade at rank i, 0 when unjudged or negative, and g_max the
 * highest grade of the query's judgments. 0 when no judged passage has a positive grade.
 *
 * @example rankBiasedPrecision({ grades: Float64Array.of(1, 0), judged: Float64Array.of(1, 0) }, 0.5) // 0.5
 */
export function rankBiasedPrecision({ grades, judged }: JudgedRanking, persistence = PERSISTENCE): number {
  const highest = judged.length > 0 ? judged[0] : 0;
  if (highest <= 0) return 0;
  let weight = 1 - persistence;
  let sum = 0;
  for (const grade of grades) {
    if (grade > 0) sum += (weight * grade) / highest;
    weight *= persistence;
  }
  return sum;
}

/**
 * The residual of RBP: (1 - p) sum of p^(i-1) over the ranks whose passage has no judgment or a negative grade, and
 * over all ranks below the last one returned (p^n for n passages). It is the most that more judgments and a longer
 * ranking could add.
 *
 * @example rankBiasedResidual({ grades: Float64Array.of(1, NaN), judged: Float64Array.of(1) }, 0.5) // 0.5 = 0.25 + 0.25
 */
export function rankBiasedResidual({ grades }: JudgedRanking, persistence = PERSISTENCE): number {
  let weight = 1 - persistence;
  let sum = 0;
  for (const grade of grades) {
    if (!(grade >= 0)) sum += weight;
    weight *= persistence;
  }
  return sum + persistence ** grades.length;
}
