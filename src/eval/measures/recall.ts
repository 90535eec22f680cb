/** Recall. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';
import { relevantRetrieved } from './precision.ts';

/** Recall of one ranking; 0 when nothing is relevant. */
export function recallKernel(ranking: JudgedRanking, cutoff: number, relevance: number): number {
  const relevant = relevantCount(ranking.judged, relevance);
  return relevant === 0 ? 0 : relevantRetrieved(ranking, cutoff, relevance) / relevant;
}

/** The family behind {@link R}. */
export const recallFamily: MeasureFamily = {
  name: 'R',
  aliases: ['Recall'],
  cutoff: 'optional',
  graded: true,
  kernel: recallKernel,
};

/**
 * R@k = (relevant passages among the first k) / (all relevant passages).
 *
 * @param cutoff k; all ranks when left out
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [R(1), R(100)])
 */
export function R(cutoff?: number, relevance?: number): Measure {
  return makeMeasure(recallFamily, { cutoff, relevance });
}
