/**
 * Measures that look at which passages were returned, not only at their grades: whether they hold an answer, what
 * language they are in. They are made with what they have to know of the collection (`answers/answer-measure.ts`,
 * `peer-measure.ts`) and stand among the others wherever measures are given.
 */

/** What such a measure sees of one query. */
export interface ReturnedPassages {
  readonly query: string;
  /** Ids of the passages returned, best first, at most as many as the measure's cutoff; none for a silent run. */
  readonly passages: readonly string[];
  /** Grades of all judged passages of the query. */
  readonly grades: ReadonlyMap<string, number>;
}

/** A measure of passages, ready to be computed. */
export interface PassageMeasure {
  /** The name as it is written, e.g. `answer@5`. */
  readonly name: string;
  /** Ranks looked at; Infinity for all. */
  readonly cutoff: number;
  /** The value for one query, or undefined where it has none and plays no part in the mean. */
  readonly valueOf: (returned: ReturnedPassages) => number | undefined;
}
