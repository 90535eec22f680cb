/**
 * Multiple choice by a retriever, as Belebele asks it: which of some choices fits a passage.
 *
 * A bi-encoder does not read: it sees the question and a choice in one text, the passage in another, and never both
 * together. All it can say is how well the words of question and choice are met in the passage, and so it takes
 * the choice that the passage speaks of, whatever it says of it. Little above chance is to be expected; to do better
 * takes a model that reads question, choice and passage at once.
 */
import { maxSim } from '../index/maxsim.ts';
import type { TextVectors } from '../model/encoder.ts';
import type { InputMaker } from '../model/input.ts';
import { Stage, type StageControl } from '../stage.ts';

/** A question with its choices, and the passages that they are held against. */
export interface ChoiceQuestion {
  readonly text: string;
  readonly choices: readonly string[];
  /** Token vectors of each passage, row-major `tokens x dim`. */
  readonly passages: readonly Float32Array[];
}

/** What encodes questions, as `Encoder.queries` does: one entry a text, in their order. */
export type EncodeQueries = (texts: readonly string[]) => Promise<readonly TextVectors[]>;

/** The text that is encoded for a choice: the question, a space, the choice. */
function choiceText(question: string, choice: string): string {
  return `${question} ${choice}`;
}

/** Whether a question with one of its choices is longer than a query of three special tokens may be, and is cut. */
export function isCut(
  { settings, tokenizer }: Pick<InputMaker, 'settings' | 'tokenizer'>,
  { text, choices }: Pick<ChoiceQuestion, 'text' | 'choices'>,
): boolean {
  const most = settings.queryMaxTokens - 3;
  return choices.some((choice) => tokenizer.encode(choiceText(text, choice)).length > most);
}

/** Questions that are encoded together. */
const QUESTIONS_PER_BATCH = 32;

/**
 * Scores of every choice of every question, for `choiceAccuracy`:
 *
 *     score(c) = max over passages d of  (1 / n) sum_i max_j q_i . d_j,    q_1 .. q_n = tokens of "question c"
 *
 * The mean over tokens and not ColBERT's sum, with which the longest choice would mostly be best. Choices of a question
 * without passages all have 0, so that it counts as a guess. A question and choice longer than the encoder's longest
 * query are cut at their end.
 *
 * @param dim numbers of a token vector
 * @returns scores from -1 to 1: a list for each question, in the order of its choices
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 * @example
 * const passages = [index.vectors(index.ordinal('p1') ?? 0)];
 * const question = { text: 'Where does the Tiber flow?', choices: ['Rome', 'Cairo'], passages };
 * const [scores] = await scoreChoices([question], encoder.dim, (texts) => encoder.queries(texts));
 */
export async function scoreChoices(
  questions: readonly ChoiceQuestion[],
  dim: number,
  encode: EncodeQueries,
  control: StageControl = {},
): Promise<number[][]> {
  const stage = new Stage('choosing', questions.length, 'questions', control);
  const scores: number[][] = [];
  for (let done = 0; done < questions.length; done += QUESTIONS_PER_BATCH) {
    const batch = questions.slice(done, done + QUESTIONS_PER_BATCH);
    const texts = batch.flatMap(({ text, choices }) => choices.map((choice) => choiceText(text, choice)));
    const encoded = await encode(texts);
    let next = 0;
    for (const { choices, passages } of batch)
      scores.push(
        choices.map(() => {
          const { vectors, count } = encoded[next++];
          if (passages.length === 0) return 0;
          return Math.max(...passages.map((passage) => maxSim(vectors, passage, dim) / count));
        }),
      );
    await stage.turn(done + batch.length);
  }
  stage.end();
  return scores;
}
