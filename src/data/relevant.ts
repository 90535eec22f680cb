/** Judgments by query: which passages are relevant to it. */
import type { Judgment } from './records.ts';

/**
 * Ids of the relevant passages of each query, those of grade 1 or more, in the order of the judgments. A query
 * without one is not in the map.
 *
 * @example relevantPassages([{ query: 'q1', passage: 'p7', grade: 1 }]).get('q1') // Set { 'p7' }
 */
export function relevantPassages(judgments: Iterable<Judgment>): Map<string, Set<string>> {
  const relevant = new Map<string, Set<string>>();
  for (const { query, passage, grade } of judgments) {
    if (grade < 1) continue;
    const known = relevant.get(query);
    if (known === undefined) relevant.set(query, new Set([passage]));
    else known.add(passage);
  }
  return relevant;
}
