/** Binary preference (Buckley and Voorhees 2004): a measure that looks at judged passages only. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** Number of passages judged with a grade from 0 up to, but not including, `relevance`. */
export function judgedNonrelevant(judged: Float64Array, relevance: number): number {
  return relevantCount(judged, 0) - relevantCount(judged, relevance);
}

/** bpref of one ranking; 0 when nothing is relevant. */
export function bprefKernel({ grades, judged }: JudgedRanking, _cutoff: number, relevance: number): number {
  const relevant = relevantCount(judged, relevance);
  const bound = Math.min(relevant, judgedNonrelevant(judged, relevance));
  let above = 0;
  let sum = 0;
  for (const grade of grades) {
    if (grade >= relevance) sum += above === 0 ? 1 : 1 - Math.min(above, relevant) / bound;
    else if (grade >= 0) above++;
  }
  return relevant === 0 ? 0 : sum / relevant;
}

/** The family behind {@link bpref}. */
export const bprefFamily: MeasureFamily = {
  name: 'bpref',
  aliases: [],
  cutoff: 'none',
  graded: true,
  kernel: bprefKernel,
};

/**
 * bpref = (1 / R) sum over the relevant passages r returned of 1 - min(n_r, R) / min(N, R), where n_r counts the
 * passages above r that are judged not relevant, R is the number of relevant passages and N that of passages
 * judged not relevant. Passages without judgment, or with a negative grade, play no part.
 *
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [bpref()])
 */
export function bpref(relevance?: number): Measure {
  return makeMeasure(bprefFamily, { relevance });
}
