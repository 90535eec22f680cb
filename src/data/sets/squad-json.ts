/**
 * SQuAD's JSON layout, which XQuAD, MLQA and LAReQA share: `{"data": [{"title", "paragraphs": [{"context", "qas":
 * [{"id", "question", "answers": [{"text", "answer_start"}]}]}]}]}`. Described at
 * https://rajpurkar.github.io/SQuAD-explorer/ (dataset/train-v1.1.json, dev-v1.1.json, and -v2.0).
 *
 * A passage's id is made from its text, so that a passage has one id however many questions, files or question
 * languages it appears with.
 */
import { createHash } from 'node:crypto';
import { fieldError, type JsonLine, optionalText, textField } from '../json-lines.ts';
import { readJsonArray } from './json-array.ts';

/** A paragraph with its article's title. */
export interface SquadParagraph {
  readonly at: string;
  readonly line: number;
  readonly title: string;
  readonly context: string;
  readonly questions: readonly SquadQuestion[];
  /** LAReQA: [start, end) of each sentence, in code points. */
  readonly sentenceBreaks?: readonly (readonly [number, number])[];
}

/** A question; answers with their starts in code points, as published. */
export interface SquadQuestion {
  readonly id: string;
  readonly question: string;
  readonly answers: readonly { readonly text: string; readonly start: number }[];
}

/**
 * The id of a passage: 16 hexadecimal digits of the SHA-256 of its text.
 *
 * @example passageId('Maji ni kimiminika.') // the same wherever the text appears
 */
export function passageId(text: string): string {
  return createHash('sha256').update(text.normalize('NFC').trim()).digest('hex').slice(0, 16);
}

/** Yields the paragraphs of a file. Errors: those of `readJsonArray`; `LINE_FORMAT` with the field. */
export async function* squadParagraphs(path: string): AsyncGenerator<SquadParagraph> {
  for await (const article of readJsonArray(path, 'data')) {
    const title = optionalText(article, 'title') ?? '';
    for (const paragraph of objects(article, 'paragraphs')) {
      const breaks = paragraph.fields.sentence_breaks;
      yield {
        at: article.at,
        line: article.line,
        title: title.replaceAll('_', ' '),
        context: textField(paragraph, 'context'),
        questions: objects(paragraph, 'qas').map(question),
        ...(breaks !== undefined && { sentenceBreaks: sentenceBreaks(paragraph, breaks) }),
      };
    }
  }
}

function question(record: JsonLine): SquadQuestion {
  // Version 2.0 has answers that would be plausible beside questions without one; they do not count.
  const answers = record.fields.is_impossible === true ? [] : objects(record, 'answers');
  return {
    id: textField(record, 'id'),
    question: textField(record, 'question').trim(),
    answers: answers.map((answer) => {
      const start = answer.fields.answer_start;
      if (typeof start !== 'number' || !Number.isInteger(start))
        throw fieldError(answer, 'answer_start', 'is not a whole number', 'Download the file again.');
      return { text: textField(answer, 'text'), start };
    }),
  };
}

function sentenceBreaks(place: JsonLine, value: unknown): (readonly [number, number])[] {
  const isPair = (pair: unknown): pair is readonly [number, number] =>
    Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger);
  if (Array.isArray(value) && value.every(isPair)) return value;
  throw fieldError(place, 'sentence_breaks', 'is not a list of [start, end]', 'Download the file again.');
}

/** The objects of a list field, with the place of the record they stand in. */
function objects(record: JsonLine, name: string): JsonLine[] {
  const value = record.fields[name];
  const isObject = (item: unknown): item is Record<string, unknown> =>
    typeof item === 'object' && item !== null && !Array.isArray(item);
  if (Array.isArray(value) && value.every(isObject))
    return value.map((fields) => ({ at: record.at, line: record.line, fields }));
  throw fieldError(record, name, 'is not a list of objects', 'The file is not in the layout of SQuAD.');
}

/** The distinct texts of a question's answers, in their order. */
export function answerTexts({ answers }: SquadQuestion): string[] {
  return [...new Set(answers.map(({ text }) => text))];
}

/** Turns a start in code points, as Python counts, into a string index. */
export function stringIndex(text: string, codePoints: number): number {
  let index = 0;
  for (let left = codePoints; left > 0 && index < text.length; left--)
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  return index;
}
