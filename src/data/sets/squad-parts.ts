/** Parts of files in SQuAD's layout: passages, each once; questions, judgments and examples. */
import type { Example, Judgment, Passage, Query } from '../records.ts';
import type { AnyPart } from './data-set.ts';
import { part, qrelsPart, queriesPart } from './parts.ts';
import type { ReadingNotes } from './reading-notes.ts';
import type { Located } from './rows.ts';
import type { FoundFile } from './set-folder.ts';
import { answerTexts, passageId, squadParagraphs, stringIndex } from './squad-json.ts';

/** Passages of files in the layout, each text once, in the order of their first appearance. */
export function squadPassages(name: string, files: readonly FoundFile[]): AnyPart {
  return {
    kind: 'passages',
    name,
    files: files.map((file) => file.path),
    read: (notes) => distinct(files, notes),
  };
}

async function* distinct(files: readonly FoundFile[], notes?: ReadingNotes): AsyncGenerator<Passage> {
  const seen = new Set<string>();
  for (const file of files)
    for await (const { at, line, title, context } of squadParagraphs(file.path)) {
      const id = passageId(context);
      if (context.trim() === '') notes?.add('empty', at, line);
      else if (!seen.has(id)) {
        seen.add(id);
        yield { id, text: context, ...(title !== '' && { title }) };
      }
    }
}

/** Questions, judgments and examples of one file. */
export function squadQuestionParts(
  name: string,
  file: FoundFile,
  language?: string,
  contextLanguage?: string,
): AnyPart[] {
  return [
    queriesPart(name, [file], (path) => queries(path, language)),
    qrelsPart(name, [file], judgments),
    part('examples', name, [file], (path) => squadExamples(path, language, contextLanguage)),
  ];
}

async function* queries(path: string, language?: string): AsyncGenerator<Located<Query>> {
  for await (const { at, line, questions } of squadParagraphs(path))
    for (const each of questions)
      yield {
        at,
        line,
        value: {
          id: each.id,
          text: each.question,
          ...(language !== undefined && { language }),
          answers: answerTexts(each),
        },
      };
}

async function* judgments(path: string): AsyncGenerator<Located<Judgment>> {
  // A question of version 2.0 without an answer has no relevant passage.
  for await (const { at, line, context, questions } of squadParagraphs(path))
    for (const { id, answers } of questions)
      if (answers.length > 0) yield { at, line, value: { query: id, passage: passageId(context), grade: 1 } };
}

/** The examples of one file, with its lines. */
export async function* squadExamples(
  path: string,
  language?: string,
  contextLanguage?: string,
): AsyncGenerator<Located<Example>> {
  for await (const { at, line, title, context, questions } of squadParagraphs(path)) {
    const passage = passageId(context);
    for (const { id, question: text, answers } of questions)
      yield {
        at,
        line,
        value: {
          id,
          question: text,
          context,
          passage,
          ...(title !== '' && { title }),
          ...(language !== undefined && { language }),
          ...(contextLanguage !== undefined && contextLanguage !== language && { contextLanguage }),
          answers: answers.map((answer) => answer.text),
          answerStarts: answers.map((answer) => stringIndex(context, answer.start)),
        },
      };
  }
}
