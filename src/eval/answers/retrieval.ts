/** Answer accuracy: whether the passages that were found hold an answer, whichever passage the judgments name. */
import { RefractError } from '../../errors.ts';
import { answerTokens } from './normalise.ts';

/** Scripts written without spaces between words: there every character is a token. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu;

/** A question with the passages found for it, best first. */
export interface AnsweredRanking {
  readonly answers: readonly string[];
  /** Texts of the passages, best first. */
  readonly passages: readonly string[];
}

/**
 * Finds answers in passages of one language; a passage that is met again is not normalised again. Both are
 * normalised by MLQA's rules, and an answer must stand as whole tokens: `art` is not in `party`. In scripts without
 * spaces every character is a token.
 *
 * @example new AnswerFinder('en').firstRank({ answers: ['the Amazon'], passages: ['Nile.', 'On the Amazon!'] }) // 2
 */
export class AnswerFinder {
  private readonly language: string;
  private readonly known = new Map<string, string>();

  /** @param language of the passages and the answers */
  constructor(language: string) {
    this.language = language;
  }

  /** Rank (from 1) of the first passage that holds one of the answers, or undefined. */
  firstRank({ answers, passages }: AnsweredRanking): number | undefined {
    const at = passages.findIndex((passage) => this.holds(answers, passage));
    return at < 0 ? undefined : at + 1;
  }

  /** Whether a passage holds one of the answers; one that is nothing but articles and punctuation is in none. */
  holds(answers: readonly string[], passage: string): boolean {
    const text = this.normalised(passage);
    return answers.some((answer) => {
      const wanted = this.normalised(answer);
      return wanted !== '' && text.includes(wanted);
    });
  }

  private normalised(text: string): string {
    const known = this.known.get(text) ?? padded(text, this.language);
    this.known.set(text, known);
    return known;
  }
}

/**
 * Rank (from 1) of the first passage that holds one of the answers, or undefined; see {@link AnswerFinder}.
 *
 * @param language of the passages and the answers
 * @example firstAnswerRank({ answers: ['the Amazon'], passages: ['Nile.', 'On the Amazon!'] }, 'en') // 2
 */
export function firstAnswerRank(ranking: AnsweredRanking, language: string): number | undefined {
  return new AnswerFinder(language).firstRank(ranking);
}

/**
 * Answer accuracy@k: the share of questions for which one of the first k passages holds an answer.
 *
 * @throws RefractError `SETTING_INVALID` without questions or when k is not a whole number of at least 1
 * @example answerAccuracy([{ answers: ['Rome'], passages: ['In Rome.'] }], 1, 'en') // 1
 */
export function answerAccuracy(questions: readonly AnsweredRanking[], k: number, language: string): number {
  if (questions.length === 0 || !(Number.isSafeInteger(k) && k >= 1))
    throw new RefractError('SETTING_INVALID', `answer accuracy@${k} of ${questions.length} questions`, {
      hint: 'Give at least one question and a whole number of passages of at least 1.',
    });
  const found = questions.filter(
    ({ answers, passages }) =>
      firstAnswerRank({ answers, passages: passages.slice(0, k) }, language) !== undefined,
  );
  return found.length / questions.length;
}

function padded(text: string, language: string): string {
  const tokens = answerTokens(text.normalize('NFC').replace(UNSPACED, ' $& '), 'mlqa', language);
  return tokens.length === 0 ? '' : ` ${tokens.join(' ')} `;
}
