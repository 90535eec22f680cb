/** Success: whether anything relevant is found. With one relevant passage a query it is accuracy@k. */
import type { JudgedRanking } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';
import { reciprocalRankKernel } from './reciprocal-rank.ts';

/** 1 when a relevant passage is among the first `cutoff` ranks, else 0. */
export function successKernel(ranking: JudgedRanking, cutoff: number, relevance: number): number {
  return reciprocalRankKernel(ranking, cutoff, relevance) > 0 ? 1 : 0;
}

/** The family behind {@link Success}. */
export const successFamily: MeasureFamily = {
  name: 'Success',
  aliases: ['Accuracy', 'Hit'],
  cutoff: 'required',
  graded: true,
  kernel: successKernel,
};

/**
 * Success@k = 1 when a relevant passage is among the first k, else 0.
 *
 * @param cutoff k
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [Success(5)])
 */
export function Success(cutoff: number, relevance?: number): Measure {
  return makeMeasure(successFamily, { cutoff, relevance });
}
