/** What is odd about the lines of a run, and is read all the same. */

/** Counts of a run's file. */
export interface RunOddities {
  readonly queries: number;
  /** Queries whose lines are not in the order of their scores. */
  readonly unsorted: number;
  /** Lines by what separates their first six columns: spaces alone, tabs alone, or both. */
  readonly separators: { readonly spaces: number; readonly tabs: number; readonly both: number };
}

/** Sentences about a run called `name`; none where nothing is odd. */
export function runNotes(name: string, { queries, unsorted, separators }: RunOddities): string[] {
  const { spaces, tabs, both } = separators;
  return [
    ...(unsorted > 0
      ? [`${name}: ${unsorted} of ${queries} queries are not in the order of their scores; ranked by score`]
      : []),
    ...(both > 0 || (spaces > 0 && tabs > 0)
      ? [
          `${name}: columns are separated by spaces on ${spaces} lines, by tabs on ${tabs}, by both on ${both}; read all the same`,
        ]
      : []),
  ];
}
