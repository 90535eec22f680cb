/** Counts of passages: returned, relevant, judged, unjudged; and the utility that is a sum over four of them. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { relevantRetrieved } from './precision.ts';

/** Passages returned that were judged and found not relevant: grades from 0 up to, not including, `relevance`. */
export function judgedNonrelevantRetrieved({ grades }: JudgedRanking, relevance: number): number {
  let count = 0;
  for (const grade of grades) if (grade >= 0 && grade < relevance) count++;
  return count;
}

/** (passages without judgment, or with a negative grade, among the first k ranks) / k. */
export function unjudgedShare({ grades }: JudgedRanking, cutoff: number): number {
  const ranks = Math.min(cutoff, grades.length);
  let count = 0;
  for (let i = 0; i < ranks; i++) if (!(grades[i] >= 0)) count++;
  return count / cutoff;
}

/** What a passage is worth, by whether it is relevant and whether it was returned. */
export interface Worth {
  readonly relevantReturned: number;
  readonly otherReturned: number;
  readonly relevantMissed: number;
  readonly otherMissed: number;
}

/**
 * Utility: the worth of all passages of the collection.
 *
 * @param collection passages in the collection
 * @example utility(ranking, 1, { relevantReturned: 1, otherReturned: -1, relevantMissed: 0, otherMissed: 0 }, 1e6)
 */
export function utility(ranking: JudgedRanking, relevance: number, worth: Worth, collection: number): number {
  const returned = ranking.grades.length;
  const found = relevantRetrieved(ranking, returned, relevance);
  const relevant = relevantCount(ranking.judged, relevance);
  return (
    worth.relevantReturned * found +
    worth.otherReturned * (returned - found) +
    worth.relevantMissed * (relevant - found) +
    worth.otherMissed * (collection + found - returned - relevant)
  );
}
