/**
 * Reads examples, questions about one context: JSON lines as `refract data` writes them, SQuAD's layout, or made of
 * passages, queries with answers, and judgments.
 */
import { isSquadLayout } from './gold-answers.ts';
import {
  fieldError,
  idField,
  type JsonLine,
  optionalText,
  readJsonLines,
  textField,
  textListField,
} from './json-lines.ts';
import type { Example, Judgment, Passage, Query } from './records.ts';
import { relevantPassages } from './relevant.ts';
import { passageId } from './sets/squad-json.ts';
import { squadExamples } from './sets/squad-parts.ts';
import { UniqueIds } from './unique-ids.ts';

/**
 * The examples of `path` in file order. JSON lines have `id`, `question`, `context`, `answers`, and optionally
 * `answerStarts` (string indices; without them an answer is where it first occurs) and `passage`.
 *
 * Errors: those of `readLines`; `LINE_FORMAT` (line and field), `FILE_FORMAT`, `DUPLICATE_ID`.
 *
 * @example const examples = await readExamples('train-v1.1.json')
 */
export async function readExamples(path: string): Promise<Example[]> {
  const ids = new UniqueIds(path, 'question');
  const examples: Example[] = [];
  if (await isSquadLayout(path))
    for await (const { line, value } of squadExamples(path)) {
      ids.add(value.id, line);
      examples.push(value);
    }
  else
    for await (const record of readJsonLines(path)) {
      const example = fromJson(record);
      ids.add(example.id, record.line);
      examples.push(example);
    }
  ids.finish();
  return examples;
}

function fromJson(record: JsonLine): Example {
  const context = textField(record, 'context');
  const answers = textListField(record, 'answers') ?? [];
  return {
    id: idField(record),
    question: textField(record, 'question'),
    context,
    passage: optionalText(record, 'passage') ?? passageId(context),
    answers,
    answerStarts: startsField(record, answers) ?? occurrences(context, answers),
  };
}

function startsField(record: JsonLine, answers: readonly string[]): number[] | undefined {
  const value = record.fields.answerStarts;
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(Number.isInteger))
    throw fieldError(
      record,
      'answerStarts',
      'is no list of whole numbers',
      'Give the index of each answer in the context.',
    );
  if (value.length !== answers.length)
    throw fieldError(
      record,
      'answerStarts',
      `has ${value.length} entries for ${answers.length} answers`,
      'Give one for each answer, -1 where it is not in the context.',
    );
  return value;
}

/** Where each answer first occurs in the context; -1 where it does not. */
function occurrences(context: string, answers: readonly string[]): number[] {
  return answers.map((answer) => (answer === '' ? -1 : context.indexOf(answer)));
}

/**
 * An example for each query and each passage that is relevant to it; an answer is where it first occurs. Queries
 * without answers and passages that are not in the collection are passed over. The id is the
 * query's, also of several examples where several passages are relevant.
 *
 * @example examplesOf(passages, queries, judgments)[0].answerStarts // [17]
 */
export function examplesOf(
  passages: Iterable<Passage>,
  queries: Iterable<Query>,
  judgments: Iterable<Judgment>,
): Example[] {
  const texts = new Map(Array.from(passages, ({ id, text }) => [id, text]));
  const relevant = relevantPassages(judgments);
  const examples: Example[] = [];
  for (const { id, text: question, answers = [] } of queries) {
    if (answers.length === 0) continue;
    for (const passage of relevant.get(id) ?? []) {
      const context = texts.get(passage);
      if (context === undefined) continue;
      const answerStarts = occurrences(context, answers);
      examples.push({ id, question, context, passage, answers, answerStarts });
    }
  }
  return examples;
}
