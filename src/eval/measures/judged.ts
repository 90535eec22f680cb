/** Share of the ranking that has judgments: how far the other measures can be trusted. */
import type { JudgedRanking } from '../ranking.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measure.ts';

/** Share of judged passages among the ranks there are, at most `cutoff`; 0 for an empty ranking. */
export function judgedKernel({ grades }: JudgedRanking, cutoff: number): number {
  const ranks = Math.min(cutoff, grades.length);
  let judged = 0;
  for (let i = 0; i < ranks; i++) if (!Number.isNaN(grades[i])) judged++;
  return ranks === 0 ? 0 : judged / ranks;
}

/** The family behind {@link Judged}. */
export const judgedFamily: MeasureFamily = {
  name: 'Judged',
  aliases: [],
  cutoff: 'optional',
  graded: false,
  kernel: judgedKernel,
};

/**
 * Judged@k = (judged passages among the first k) / min(k, passages returned). Unlike P@k, a short ranking
 * is divided by its own length: it asks about the passages that are there.
 *
 * @param cutoff k; all ranks when left out
 * @example evaluate(judgments, run, [Judged(10)])
 */
export function Judged(cutoff?: number): Measure {
  return makeMeasure(judgedFamily, { cutoff });
}
