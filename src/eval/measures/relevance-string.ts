/** The grades of the first ranks as a string, one character a rank, for looking at. */
import type { JudgedRanking } from '../ranking.ts';

/**
 * A character a rank: the grade from 0 to 9, `>` for a higher one, `-` for a passage without judgment, `.` for the
 * grade -1 (in the pool, but not judged) and `<` for lower ones.
 *
 * @example relevanceString({ grades: Float64Array.of(0, 2, NaN, -1), judged: Float64Array.of(2, 0, -1) }, 10) // '02-.'
 */
export function relevanceString({ grades }: JudgedRanking, cutoff: number): string {
  return Array.from(grades.subarray(0, cutoff), (grade) => {
    if (Number.isNaN(grade)) return '-';
    if (grade > 9) return '>';
    if (grade >= 0) return String(grade);
    return grade === -1 ? '.' : '<';
  }).join('');
}
