/**
 * AfriQA (Ogundepo et al. 2023, arXiv 2305.06897): https://github.com/masakhane-io/afriqa , files below
 * `data/gold_passages/{language}/gold_span_passages.afriqa.{language}.{pivot}.{split}.json`, one object a line:
 * `id`, `question_lang`, `question_translated`, `title`, `context`, `answer_pivot` (`text`, `answer_start`, -1 where
 * the answer is no span), `answer_lang`. Questions are native; passages are English, French for fon and wol.
 *
 * Ids are made of language, split and published id: `swa-test-7`.
 */
import { fieldError, type JsonLine, optionalText, textField } from '../json-lines.ts';
import type { Example, Judgment, Passage, Query } from '../records.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { part, qrelsPart, queriesPart } from './parts.ts';
import type { ReadingNotes } from './reading-notes.ts';
import { jsonRows, type Located } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';
import { passageId, stringIndex } from './squad-json.ts';

const LANGUAGES = ['bem', 'fon', 'hau', 'ibo', 'kin', 'swa', 'twi', 'wol', 'yor', 'zul'];
const RAW = 'https://raw.githubusercontent.com/masakhane-io/afriqa/main/data/gold_passages';
const pivotOf = (language: string) => (language === 'fon' || language === 'wol' ? 'fr' : 'en');

/** The catalogue's entry. */
export const afriqa: DataSet = {
  name: 'afriqa',
  title: 'AfriQA (gold passages)',
  home: 'https://github.com/masakhane-io/afriqa',
  licence: 'CC BY 4.0',
  languages: LANGUAGES.join(' '),
  layout:
    'gold_passages/{LANGUAGE}/gold_span_passages.afriqa.{LANGUAGE}.{en,fr}.{train,dev,test}.json, JSON lines',
  size: 'over 12,000 questions, not all with a gold passage',
  source: 'https://arxiv.org/abs/2305.06897',
  published: {},
  files: LANGUAGES.flatMap((language) =>
    ['train', 'dev', 'test'].map((split) => {
      const path = `${language}/gold_span_passages.afriqa.${language}.${pivotOf(language)}.${split}.json`;
      return { url: `${RAW}/${path}`, path: `gold_passages/${path}` };
    }),
  ),
  open: openAfriqa,
};

function openAfriqa(folder: SetFolder): AnyPart[] {
  const files = folder.find(/gold_span_passages\.afriqa\.([a-z]{3})\.([a-z]{2})\.(train|dev|test)\.json/);
  if (files.length === 0)
    throw folder.nothingFound('gold_span_passages.afriqa.swa.en.test.json and the like');
  const pivots = [...new Set(files.map((file) => file.groups[1]))];
  return [
    ...pivots.map((pivot): AnyPart => {
      const group = files.filter((file) => file.groups[1] === pivot);
      return {
        kind: 'passages',
        name: pivot,
        files: group.map((file) => file.path),
        read: (notes) => passages(group, notes),
      };
    }),
    ...files.flatMap((file): AnyPart[] => {
      const name = `${file.groups[0]}.${file.groups[2]}`;
      return [
        queriesPart(name, [file], queries),
        qrelsPart(name, [file], judgments),
        part('examples', name, [file], examples),
      ];
    }),
  ];
}

/** The contexts of all languages with one pivot, each text once. */
async function* passages(files: readonly FoundFile[], notes?: ReadingNotes): AsyncGenerator<Passage> {
  const seen = new Set<string>();
  for (const file of files)
    for await (const { at, line, value } of jsonRows(file.path, (record) => record)) {
      const text = context(value);
      if (text === undefined) {
        notes?.add('no passage', at, line);
        continue;
      }
      const id = passageId(text);
      if (seen.has(id)) continue;
      seen.add(id);
      const title = optionalText(value, 'title') ?? '';
      yield { id, text, ...(title !== '' && { title }) };
    }
}

function queries(path: string, file: FoundFile): AsyncGenerator<Located<Query>> {
  return jsonRows(path, (record) => ({
    id: questionId(record, file),
    text: textField(record, 'question_lang').trim(),
    language: file.groups[0],
    answers: [...new Set(answers(record).map(({ text }) => text))],
  }));
}

function judgments(path: string, file: FoundFile): AsyncGenerator<Located<Judgment>> {
  return jsonRows(path, (record) => {
    const text = context(record);
    if (text !== undefined) return { query: questionId(record, file), passage: passageId(text), grade: 1 };
  });
}

function examples(path: string, file: FoundFile): AsyncGenerator<Located<Example>> {
  return jsonRows(path, (record): Example | undefined => {
    const text = context(record);
    if (text === undefined) return undefined;
    const title = optionalText(record, 'title') ?? '';
    const gold = answers(record);
    return {
      id: questionId(record, file),
      question: textField(record, 'question_lang').trim(),
      context: text,
      passage: passageId(text),
      ...(title !== '' && { title }),
      language: file.groups[0],
      contextLanguage: file.groups[1],
      answers: gold.map((answer) => answer.text),
      answerStarts: gold.map(({ start }) => (start < 0 ? -1 : stringIndex(text, start))),
    };
  });
}

function questionId(record: JsonLine, { groups: [language, , split] }: FoundFile): string {
  const id = record.fields.id;
  return `${language}-${split}-${Number.isSafeInteger(id) ? id : textField(record, 'id')}`;
}

/** Some questions have no gold passage. */
function context(record: JsonLine): string | undefined {
  const text = optionalText(record, 'context');
  return text === undefined || text.trim() === '' ? undefined : text;
}

function answers(record: JsonLine): { readonly text: string; readonly start: number }[] {
  const pivot: unknown = record.fields.answer_pivot;
  if (typeof pivot !== 'object' || pivot === null)
    throw fieldError(record, 'answer_pivot', 'is not an object', 'The file is not in the layout of AfriQA.');
  const { text, answer_start: starts } = pivot as {
    readonly text?: unknown;
    readonly answer_start?: unknown;
  };
  if (!Array.isArray(text) || !text.every((each) => typeof each === 'string'))
    throw fieldError(record, 'answer_pivot.text', 'is not a list of strings', 'Download the file again.');
  const list: readonly unknown[] = Array.isArray(starts) ? starts : [];
  return text.map((each: string, i) => ({ text: each, start: typeof list[i] === 'number' ? list[i] : -1 }));
}
