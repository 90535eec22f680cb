/** Exact match and F1 of predicted answers, as SQuAD and MLQA define them. */
import { RefractError } from '../../errors.ts';
import { type AnswerRules, answerTokens } from './normalise.ts';

/** A question's accepted answers; none where the passage does not answer it (SQuAD 2.0). */
export interface GoldAnswers {
  readonly id: string;
  readonly answers: readonly string[];
}

/** How a system's predictions do. */
export interface AnswerScores {
  /** Mean over all questions, in percent. */
  readonly exactMatch: number;
  /** Mean over all questions, in percent. */
  readonly f1: number;
  readonly questions: number;
  /** Questions without a prediction; they count 0. */
  readonly missing: readonly string[];
  /** Predictions for questions that are not among the gold ones; they are left out. */
  readonly unknown: readonly string[];
  /** Question id -> both scores, 0 to 1. */
  readonly perQuestion: ReadonlyMap<string, AnswerScore>;
}

/** Scores of one prediction, 0 to 1. */
export interface AnswerScore {
  readonly exactMatch: number;
  readonly f1: number;
}

/**
 * Token F1 of a prediction and one answer: 2PR / (P + R) over the tokens they share, counted with repetition; 0
 * when they share none.
 *
 * @example tokenF1(['amazon', 'jungle'], ['amazon']) // 2/3
 */
export function tokenF1(prediction: readonly string[], answer: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const token of answer) counts.set(token, (counts.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of prediction) {
    const left = counts.get(token) ?? 0;
    if (left > 0) shared++;
    counts.set(token, left - 1);
  }
  return shared === 0 ? 0 : (2 * shared) / (prediction.length + answer.length);
}

/**
 * Scores of one prediction: the best over the accepted answers. A question without answers is answered by a
 * prediction without words.
 *
 * @example scoreAnswer('the Amazon', ['Amazonia', 'Amazon'], 'squad', 'en') // { exactMatch: 1, f1: 1 }
 */
export function scoreAnswer(
  prediction: string,
  answers: readonly string[],
  rules: AnswerRules,
  language: string,
): AnswerScore {
  const predicted = answerTokens(prediction, rules, language);
  if (answers.length === 0) {
    const silent = predicted.length === 0 ? 1 : 0;
    return { exactMatch: silent, f1: silent };
  }
  let exactMatch = 0;
  let f1 = 0;
  for (const answer of answers) {
    const tokens = answerTokens(answer, rules, language);
    if (tokens.join(' ') === predicted.join(' ')) exactMatch = 1;
    f1 = Math.max(f1, tokenF1(predicted, tokens));
  }
  return { exactMatch, f1 };
}

/**
 * Exact match and F1 over all questions; one without a prediction counts 0.
 *
 * @param predictions question id -> text
 * @throws RefractError `FILE_EMPTY` without questions, `UNKNOWN_ID` when no prediction belongs to any
 * @example scoreAnswers([{ id: 'q', answers: ['Amazon'] }], new Map([['q', 'the Amazon']]), 'squad', 'en').exactMatch // 100
 */
export function scoreAnswers(
  gold: Iterable<GoldAnswers>,
  predictions: ReadonlyMap<string, string>,
  rules: AnswerRules,
  language: string,
): AnswerScores {
  const perQuestion = new Map<string, AnswerScore>();
  const missing: string[] = [];
  let exactMatch = 0;
  let f1 = 0;
  for (const { id, answers } of gold) {
    const prediction = predictions.get(id);
    if (prediction === undefined) missing.push(id);
    const score =
      prediction === undefined ? { exactMatch: 0, f1: 0 } : scoreAnswer(prediction, answers, rules, language);
    perQuestion.set(id, score);
    exactMatch += score.exactMatch;
    f1 += score.f1;
  }
  const questions = perQuestion.size;
  if (questions === 0)
    throw new RefractError('FILE_EMPTY', 'no questions to score', {
      hint: 'Give gold answers with at least one question.',
    });
  const unknown = [...predictions.keys()].filter((id) => !perQuestion.has(id));
  if (predictions.size > 0 && unknown.length === predictions.size)
    throw new RefractError(
      'UNKNOWN_ID',
      `no prediction belongs to a question; the first is for ${unknown[0]}`,
      {
        hint: 'Check that gold answers and predictions are of the same questions; gold answers come first.',
      },
    );
  return {
    exactMatch: (100 * exactMatch) / questions,
    f1: (100 * f1) / questions,
    questions,
    missing,
    unknown,
    perQuestion,
  };
}
