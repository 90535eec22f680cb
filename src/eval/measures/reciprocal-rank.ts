/** Reciprocal rank; its mean over queries is MRR. */
import type { JudgedRanking } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** RR of one ranking; 0 when no relevant passage is among the first `cutoff`. */
export function reciprocalRankKernel({ grades }: JudgedRanking, cutoff: number, relevance: number): number {
  const ranks = Math.min(cutoff, grades.length);
  for (let i = 0; i < ranks; i++) if (grades[i] >= relevance) return 1 / (i + 1);
  return 0;
}

/** The family behind {@link RR}. */
export const reciprocalRankFamily: MeasureFamily = {
  name: 'RR',
  aliases: ['MRR', 'recip_rank'],
  cutoff: 'optional',
  graded: true,
  kernel: reciprocalRankKernel,
};

/**
 * RR@k = 1 / i for the first rank i <= k that holds a relevant passage, else 0. Its mean is MRR.
 *
 * @param cutoff k; all ranks when left out
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [RR(10)])
 */
export function RR(cutoff?: number, relevance?: number): Measure {
  return makeMeasure(reciprocalRankFamily, { cutoff, relevance });
}
