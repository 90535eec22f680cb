/** Precision. */
import type { JudgedRanking } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** Number of relevant passages among the first `cutoff` ranks. */
export function relevantRetrieved({ grades }: JudgedRanking, cutoff: number, relevance: number): number {
  const ranks = Math.min(cutoff, grades.length);
  let found = 0;
  for (let i = 0; i < ranks; i++) if (grades[i] >= relevance) found++;
  return found;
}

/** Precision of one ranking at a cutoff. */
export function precisionKernel(ranking: JudgedRanking, cutoff: number, relevance: number): number {
  return relevantRetrieved(ranking, cutoff, relevance) / cutoff;
}

/** The family behind {@link P}. */
export const precisionFamily: MeasureFamily = {
  name: 'P',
  aliases: ['Precision'],
  cutoff: 'required',
  graded: true,
  kernel: precisionKernel,
};

/**
 * P@k = (relevant passages among the first k) / k. A ranking shorter than k is still divided by k.
 *
 * @param cutoff k
 * @param relevance lowest grade that counts as relevant
 * @example evaluate(judgments, run, [P(5), P(5, 2)])
 */
export function P(cutoff: number, relevance?: number): Measure {
  return makeMeasure(precisionFamily, { cutoff, relevance });
}
