/** Average precision; its mean over queries is MAP. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** AP of one ranking; 0 when nothing is relevant. */
export function averagePrecisionKernel(
  { grades, judged }: JudgedRanking,
  cutoff: number,
  relevance: number,
): number {
  const relevant = relevantCount(judged, relevance);
  const ranks = Math.min(cutoff, grades.length);
  let found = 0;
  let sum = 0;
  for (let i = 0; i < ranks; i++) if (grades[i] >= relevance) sum += ++found / (i + 1);
  return relevant === 0 ? 0 : sum / relevant;
}

/** The family behind {@link AP}. */
export const averagePrecisionFamily: MeasureFamily = {
  name: 'AP',
  aliases: ['MAP'],
  cutoff: 'optional',
  graded: true,
  kernel: averagePrecisionKernel,
};

/**
 * AP@k = (1 / R) sum over ranks i <= k that hold a relevant passage of P@i, where R is the number of all
 * relevant passages, also beyond k. The mean of AP over queries is MAP.
 *
 * @param cutoff k; all ranks when left out
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [AP(), AP(100)])
 */
export function AP(cutoff?: number, relevance?: number): Measure {
  return makeMeasure(averagePrecisionFamily, { cutoff, relevance });
}
