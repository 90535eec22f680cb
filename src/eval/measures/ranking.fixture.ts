/** The ranking that the tests of the measures work out by hand. */
import type { JudgedRanking } from '../ranking.ts';

/**
 * Rank 1 grade 0, rank 2 grade 2, rank 3 unjudged, rank 4 grade 1, rank 5 grade -1; a passage of grade 3 was
 * not found. Relevant at level 1: three passages; at level 2: two.
 */
export const example: JudgedRanking = {
  grades: Float64Array.of(0, 2, Number.NaN, 1, -1),
  judged: Float64Array.of(3, 2, 1, 0, -1),
};

/** A query without results. */
export const silent: JudgedRanking = { grades: new Float64Array(0), judged: Float64Array.of(1) };

/** A query without relevant passages. */
export const hopeless: JudgedRanking = { grades: Float64Array.of(0, Number.NaN), judged: Float64Array.of(0) };
