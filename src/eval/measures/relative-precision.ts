/** Relative precision: precision against the best that the number of relevant passages allows. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { relevantRetrieved } from './precision.ts';

/**
 * (relevant passages among the first k) / min(k, relevant passages); 0 when nothing is relevant.
 *
 * @example relativePrecision({ grades: Float64Array.of(1, 0), judged: Float64Array.of(1, 0) }, 2, 1) // 1
 */
export function relativePrecision(ranking: JudgedRanking, cutoff: number, relevance: number): number {
  const best = Math.min(cutoff, relevantCount(ranking.judged, relevance));
  return best === 0 ? 0 : relevantRetrieved(ranking, cutoff, relevance) / best;
}
