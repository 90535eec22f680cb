/** Passages that questions are looked for among: those that answer them, and others. */
import type { Passage, Query } from '../src/data/records.ts';

/** Passages, and of each question the positions of those that answer it. */
export interface QuestionPool {
  readonly passages: readonly Passage[];
  readonly relevant: readonly ReadonlySet<number>[];
}

/**
 * The pool of `questions`: the passages that are `judged` relevant to them in the collection's order, then those of
 * the rest that `others` picks.
 */
export function questionPool(
  questions: readonly Query[],
  judged: ReadonlyMap<string, ReadonlySet<string>>,
  collection: readonly Passage[],
  others: (rest: readonly Passage[]) => readonly Passage[],
): QuestionPool {
  const answers = new Set(questions.flatMap(({ id }) => [...(judged.get(id) ?? [])]));
  const passages = [
    ...collection.filter(({ id }) => answers.has(id)),
    ...others(collection.filter(({ id }) => !answers.has(id))),
  ];
  const place = new Map(passages.map(({ id }, n) => [id, n]));
  const relevant = questions.map(
    ({ id }) => new Set([...(judged.get(id) ?? [])].flatMap((passage) => place.get(passage) ?? [])),
  );
  return { passages, relevant };
}
