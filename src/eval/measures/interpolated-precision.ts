/** Precision at levels of recall, interpolated: the points of a recall-precision curve. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { relevantRetrieved } from './precision.ts';

/** The number of relevant passages that makes a level of recall, rounded to the nearest as in trec_eval 10. */
function passagesAtLevel(level: number, relevant: number): number {
  return Math.trunc(level * relevant + 0.5);
}

/**
 * Interpolated precision at some levels of recall: the highest precision at any rank from which on at least that
 * share of the relevant passages is found; 0 for levels that are not reached.
 *
 * @param levels shares in [0, 1], ascending
 * @returns one value a level
 * @example // relevant at ranks 2 and 4 of four returned, two relevant in all
 * interpolatedPrecision({ grades: Float64Array.of(0, 1, 0, 1), judged: Float64Array.of(1, 1) }, [0, 1], 1) // [.5, .5]
 */
export function interpolatedPrecision(
  ranking: JudgedRanking,
  levels: readonly number[],
  relevance: number,
): number[] {
  const { grades, judged } = ranking;
  const relevant = relevantCount(judged, relevance);
  const values = levels.map(() => 0);
  let found = relevantRetrieved(ranking, grades.length, relevance);
  if (found === 0) return values;
  let level = levels.length - 1;
  while (level >= 0 && passagesAtLevel(levels[level], relevant) > found) level--;
  let best = found / grades.length;
  for (let rank = grades.length; rank > 0 && found > 0; rank--) {
    best = Math.max(best, found / rank);
    if (!(grades[rank - 1] >= relevance)) continue;
    for (; level >= 0 && passagesAtLevel(levels[level], relevant) === found; level--) values[level] = best;
    found--;
  }
  for (; level >= 0; level--) values[level] = best;
  return values;
}

/** The levels of recall of the classical curve: 0, 0.1, ... 1. */
export const ELEVEN_LEVELS: readonly number[] = Array.from({ length: 11 }, (_, i) => i / 10);

/**
 * Mean of the interpolated precision over levels of recall, by default the eleven of the classical curve.
 *
 * @example averageInterpolatedPrecision(ranking, 1, [0.25, 0.5, 0.75])
 */
export function averageInterpolatedPrecision(
  ranking: JudgedRanking,
  relevance: number,
  levels: readonly number[] = ELEVEN_LEVELS,
): number {
  const values = interpolatedPrecision(ranking, levels, relevance);
  return values.reduce((sum, value) => sum + value, 0) / levels.length;
}
