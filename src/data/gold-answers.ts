/** Questions with their accepted answers, for scoring predictions; and predictions themselves. */
import { RefractError } from '../errors.ts';
import { fieldError, idField, readJsonLines, textListField } from './json-lines.ts';
import { readFileBytes } from './lines.ts';
import { answerTexts, squadParagraphs } from './sets/squad-json.ts';
import { UniqueIds } from './unique-ids.ts';

/** A question's accepted answers; none where it has no answer (SQuAD 2.0). */
export interface GoldQuestion {
  readonly id: string;
  readonly answers: readonly string[];
}

/**
 * Gold answers from JSON lines (`{"id": "q1", "answers": ["Rome"]}`) or from a file in SQuAD's layout, which MLQA and
 * XQuAD share (`{"data": [{"paragraphs": [{"qas": [...]}]}]}`); told by the content.
 *
 * Errors: those of `readLines`; `LINE_FORMAT`, `FILE_FORMAT`, `DUPLICATE_ID`.
 *
 * @example for await (const { id, answers } of readGoldAnswers('test.jsonl')) console.log(id, answers)
 */
export async function* readGoldAnswers(path: string): AsyncGenerator<GoldQuestion> {
  const ids = new UniqueIds(path, 'question');
  if (await isSquadLayout(path)) {
    for await (const { line, questions } of squadParagraphs(path))
      for (const question of questions) {
        ids.add(question.id, line);
        yield { id: question.id, answers: answerTexts(question) };
      }
  } else
    for await (const record of readJsonLines(path)) {
      const id = idField(record);
      const answers = textListField(record, 'answers');
      if (answers === undefined)
        throw fieldError(record, 'answers', 'is missing', 'Every line needs "answers" as a list of strings.');
      ids.add(id, record.line);
      yield { id, answers };
    }
  ids.finish();
}

/** Whether the first object of the file is one with `data`, of SQuAD's layout. */
export async function isSquadLayout(path: string): Promise<boolean> {
  const head = (await readFileBytes(path)).subarray(0, 4096).toString('utf8').trimStart();
  const first = head.split('\n', 1)[0];
  return /^\{\s*("version"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:/.test(head) || /^\{\s*$/.test(first);
}

/**
 * Predictions: one JSON object from question id to text.
 *
 * Errors: those of `readLines`; `FILE_FORMAT` when it is anything else.
 *
 * @example (await readPredictions('predictions.json')).get('q1') // 'Rome'
 */
export async function readPredictions(path: string): Promise<Map<string, string>> {
  const text = (await readFileBytes(path)).toString('utf8');
  const refuse = (what: string, cause?: unknown) =>
    new RefractError('FILE_FORMAT', what, {
      at: path,
      hint: 'Give one JSON object from question id to predicted text: {"q1": "Rome"}.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(`is not JSON: ${(error as Error).message}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('is not a JSON object');
  return new Map(
    Object.entries(value).map(([id, prediction]) => {
      if (typeof prediction !== 'string') throw refuse(`the prediction for "${id}" is not a string`);
      return [id, prediction];
    }),
  );
}
