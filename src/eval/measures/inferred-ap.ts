/** Inferred average precision (Yilmaz and Aslam 2006), for judgments of a random sample of the pool. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** Keeps the share of relevant passages defined before any judged one was seen. */
const SMOOTHING = 1e-5;

/** infAP of one ranking; 0 when nothing is relevant. */
export function inferredApKernel(
  { grades, judged }: JudgedRanking,
  _cutoff: number,
  relevance: number,
): number {
  const relevant = relevantCount(judged, relevance);
  let found = 0;
  let rejected = 0;
  let pooled = 0;
  let sum = 0;
  for (let i = 0; i < grades.length; i++) {
    if (grades[i] >= relevance) {
      const share = (found + SMOOTHING) / (found + rejected + 2 * SMOOTHING);
      // Of the i passages above, those of the pool are relevant in the share seen among its judged ones.
      sum += (1 + (found + rejected + pooled) * share) / (i + 1);
      found++;
    } else if (grades[i] >= 0) rejected++;
    else if (grades[i] < 0) pooled++;
  }
  return relevant === 0 ? 0 : sum / relevant;
}

/** The family behind {@link infAP}. */
export const inferredApFamily: MeasureFamily = {
  name: 'infAP',
  aliases: [],
  cutoff: 'none',
  graded: true,
  kernel: inferredApKernel,
};

/**
 * infAP = (1 / R) sum over ranks i that hold a relevant passage of
 *
 *     1/i + (i-1)/i * |pool above i| / (i-1) * (rel + e) / (rel + nonrel + 2e),   e = 1e-5
 *
 * where rel and nonrel count the judged passages above i. A negative grade means: in the pool, but not judged; a
 * passage without judgment was not in the pool. With a fully judged pool this is AP but for e.
 *
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [infAP()])
 */
export function infAP(relevance?: number): Measure {
  return makeMeasure(inferredApFamily, { relevance });
}
