/** Accuracy on multiple choice, such as Belebele: the choice with the best score is taken. */
import { RefractError } from '../../errors.ts';

/** A question with one score for each choice. */
export interface ScoredChoices {
  /** Score of each choice, e.g. of question and choice together against the passage; higher is better. */
  readonly scores: readonly number[];
  /** Index of the right choice, from 0. */
  readonly correct: number;
}

/**
 * What one question counts: 1 when the right choice alone has the best score, 1/t when t choices share it, else 0.
 * So a system whose scores are all equal has the accuracy of chance.
 *
 * @throws RefractError `SETTING_INVALID` when a score is NaN or `correct` is no choice
 * @example choiceCredit({ scores: [0.1, 0.7, 0.7, 0.2], correct: 2 }) // 0.5
 */
export function choiceCredit({ scores, correct }: ScoredChoices): number {
  if (
    scores.some(Number.isNaN) ||
    !(Number.isSafeInteger(correct) && correct >= 0 && correct < scores.length)
  )
    throw new RefractError('SETTING_INVALID', `choice ${correct} of scores ${scores.join(', ')}`, {
      hint: 'Every choice needs a score, and the right one is counted from 0.',
    });
  const best = Math.max(...scores);
  return scores[correct] === best ? 1 / scores.filter((score) => score === best).length : 0;
}

/**
 * Mean credit over questions; see {@link choiceCredit}.
 *
 * @throws RefractError `SETTING_INVALID`, also without questions
 * @example choiceAccuracy([{ scores: [3, 1, 2, 0], correct: 0 }, { scores: [3, 1, 2, 0], correct: 1 }]) // 0.5
 */
export function choiceAccuracy(questions: readonly ScoredChoices[]): number {
  if (questions.length === 0)
    throw new RefractError('SETTING_INVALID', 'choice accuracy of no questions', {
      hint: 'Give at least one.',
    });
  return questions.reduce((sum, question) => sum + choiceCredit(question), 0) / questions.length;
}
