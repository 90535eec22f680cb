/** Measures of answers that a reader gives: exact match and F1, from retrieved or from the judged passages. */
import type { Query } from '../data/records.ts';
import { type AnswerScore, scoreAnswer } from '../eval/answers/scores.ts';

/** What is read for a question: so many of the first passages of a run, or the judged ones. */
export type ReadFrom = number | 'gold';

/** A measure of a reader's answers. */
export interface ReadingMeasure {
  readonly score: keyof AnswerScore;
  readonly from: ReadFrom;
}

/**
 * What `f1@k`, `em@k`, `f1@gold` and `em@gold` ask for; undefined for any other measure.
 *
 * @example readingMeasure('em@1') // { score: 'exactMatch', from: 1 }
 */
export function readingMeasure(name: string): ReadingMeasure | undefined {
  const [, score, from] = /^(f1|em)@(gold|[1-9]\d*)$/i.exec(name.trim()) ?? [];
  if (score === undefined) return undefined;
  return {
    score: score.toLowerCase() === 'f1' ? 'f1' : 'exactMatch',
    from: from.toLowerCase() === 'gold' ? 'gold' : Number(from),
  };
}

/** What some measures have to be read from, each once. */
export function readingsOf(measures: readonly string[]): ReadFrom[] {
  return [...new Set(measures.flatMap((name) => readingMeasure(name)?.from ?? []))];
}

/**
 * Scores of answers by MLQA's rules, question -> score from 0 to 1, for each question; one without an answer has 0.
 *
 * @param answers question -> what the reader found
 * @param language of the passages, and so of the answers
 */
export function readingValues(
  questions: readonly Query[],
  answers: ReadonlyMap<string, string>,
  score: keyof AnswerScore,
  language: string,
): Record<string, number> {
  return Object.fromEntries(
    questions.map(({ id, answers: accepted = [] }) => {
      const found = answers.get(id);
      return [id, found === undefined ? 0 : scoreAnswer(found, accepted, 'mlqa', language)[score]];
    }),
  );
}
