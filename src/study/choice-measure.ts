/** The measure of multiple choice in a study: `choice@gold`, with the judged passages given. */
import type { Query } from '../data/records.ts';
import { choiceCredit } from '../eval/answers/choices.ts';

/** Whether a measure is `choice@gold`. */
export function isChoiceMeasure(name: string): boolean {
  return /^choice@gold$/i.test(name.trim());
}

/**
 * Credit of each question that has scores, question -> value from 0 to 1 (`choiceCredit`): the mean is choice accuracy.
 *
 * @param scores question -> scores of its choices
 */
export function choiceValues(
  questions: readonly Query[],
  scores: ReadonlyMap<string, readonly number[]>,
): Record<string, number> {
  return Object.fromEntries(
    questions.flatMap(({ id, correct }) => {
      const found = scores.get(id);
      return found && correct !== undefined ? [[id, choiceCredit({ scores: found, correct })]] : [];
    }),
  );
}
