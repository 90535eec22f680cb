/**
 * Belebele (Bandarkar et al. 2023, arXiv 2308.16884): https://github.com/facebookresearch/belebele and
 * https://huggingface.co/datasets/facebook/belebele (fields, sizes, licence). A file a language variety,
 * `{FLORES code}.jsonl`: `link`, `question_number`, `flores_passage`, `question`, `mc_answer1` to `mc_answer4`,
 * `correct_answer_num` (from 1), `dialect`, `ds`. All varieties are parallel.
 *
 * A passage's id comes from its link, so that it is the same in all varieties; the second passage of a link ends in
 * `-1`. A question's id is its passage's with `-q` and its number.
 */
import { createHash } from 'node:crypto';
import { fieldError, type JsonLine, textField } from '../json-lines.ts';
import type { Example, Passage } from '../records.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { part, qrelsPart, queriesPart } from './parts.ts';
import { jsonRows, type Located } from './rows.ts';
import type { SetFolder } from './set-folder.ts';

/** The catalogue's entry. */
export const belebele: DataSet = {
  name: 'belebele',
  title: 'Belebele',
  home: 'https://github.com/facebookresearch/belebele',
  licence: 'CC BY-SA 4.0',
  languages: '122 varieties of 115 languages, by FLORES code',
  layout: '{FLORES code}.jsonl, such as swh_Latn.jsonl',
  size: '488 passages and 900 questions in each of 122 varieties',
  source: 'https://huggingface.co/datasets/facebook/belebele',
  published: { passages: 488, queries: 900, examples: 900 },
  files: [
    {
      url: 'https://dl.fbaipublicfiles.com/belebele/Belebele.zip',
      path: 'Belebele.zip',
      // Published by nobody; two unrelated public projects that read the archive recorded the same sum.
      sha256: 'c645e750e111404806751509b5aa3f808a01e6029cd225d37e966dc694aca9e4',
    },
  ],
  byHand: 'Unpack it: unzip Belebele.zip.',
  open: openBelebele,
};

function openBelebele(folder: SetFolder): AnyPart[] {
  const files = folder.find(/([a-z]{3}_[A-Z][a-z]{3})\.jsonl/);
  if (files.length === 0) throw folder.nothingFound('swh_Latn.jsonl and the like');
  return files.flatMap((file): AnyPart[] => {
    const [variety] = file.groups;
    return [
      { kind: 'passages', name: variety, files: [file.path], read: () => passages(file.path) },
      queriesPart(variety, [file], (path) =>
        mapped(examples(path), ({ id, question, language, choices, correct }) => ({
          ...{ id, text: question, language },
          ...{ choices, correct },
        })),
      ),
      qrelsPart(variety, [file], (path) =>
        mapped(examples(path), ({ id, passage }) => ({ query: id, passage, grade: 1 })),
      ),
      part('examples', variety, [file], examples),
    ];
  });
}

async function* mapped<From, To>(
  rows: AsyncIterable<Located<From>>,
  convert: (value: From) => To,
): AsyncGenerator<Located<To>> {
  for await (const { at, line, value } of rows) yield { at, line, value: convert(value) };
}

async function* passages(path: string): AsyncGenerator<Passage> {
  const seen = new Set<string>();
  for await (const { value } of examples(path)) {
    if (seen.has(value.passage)) continue;
    seen.add(value.passage);
    yield { id: value.passage, text: value.context };
  }
}

function examples(path: string): AsyncGenerator<Located<Example>> {
  const byLink = new Map<string, string[]>();
  return jsonRows(path, (record): Example => {
    const context = textField(record, 'flores_passage');
    const passage = idOfPassage(byLink, textField(record, 'link'), context);
    const choices = [1, 2, 3, 4].map((i) => textField(record, `mc_answer${i}`));
    const correct = numberField(record, 'correct_answer_num', 4) - 1;
    return {
      id: `${passage}-q${numberField(record, 'question_number', 9)}`,
      question: textField(record, 'question'),
      context,
      passage,
      language: textField(record, 'dialect').replace('_', '-'),
      answers: [choices[correct]],
      choices,
      correct,
    };
  });
}

function idOfPassage(byLink: Map<string, string[]>, link: string, text: string): string {
  const texts = byLink.get(link) ?? [];
  byLink.set(link, texts);
  const known = texts.indexOf(text);
  const at = known >= 0 ? known : texts.push(text) - 1;
  const id = createHash('sha256').update(link).digest('hex').slice(0, 12);
  return at === 0 ? id : `${id}-${at}`;
}

/** A number from 1 that some versions of the files have as a string. */
function numberField(record: JsonLine, name: string, most: number): number {
  const value = Number(record.fields[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw fieldError(record, name, `is not a number from 1 to ${most}`, 'Download the file again.');
}
