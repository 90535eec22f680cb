/** R-precision. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';
import { relevantRetrieved } from './precision.ts';

/** R-precision of one ranking; 0 when nothing is relevant. */
export function rPrecisionKernel(ranking: JudgedRanking, _cutoff: number, relevance: number): number {
  const relevant = relevantCount(ranking.judged, relevance);
  return relevant === 0 ? 0 : relevantRetrieved(ranking, relevant, relevance) / relevant;
}

/**
 * Precision after a multiple of R passages: (relevant passages among the first k) / k with k = trunc(m R + .9);
 * 0 when nothing is relevant.
 *
 * @param multiple m, e.g. 2 for precision at twice the number of relevant passages
 */
export function rPrecisionAtMultiple(ranking: JudgedRanking, multiple: number, relevance: number): number {
  const cutoff = Math.trunc(multiple * relevantCount(ranking.judged, relevance) + 0.9);
  return cutoff === 0 ? 0 : relevantRetrieved(ranking, cutoff, relevance) / cutoff;
}

/** The family behind {@link Rprec}. */
export const rPrecisionFamily: MeasureFamily = {
  name: 'Rprec',
  aliases: [],
  cutoff: 'none',
  graded: true,
  kernel: rPrecisionKernel,
};

/**
 * Rprec = P@R, where R is the number of relevant passages of the query.
 *
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [Rprec()])
 */
export function Rprec(relevance?: number): Measure {
  return makeMeasure(rPrecisionFamily, { relevance });
}
