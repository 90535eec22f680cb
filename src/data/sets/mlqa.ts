/**
 * MLQA: https://github.com/facebookresearch/MLQA (layout, sizes, licence). Files are named
 * `{split}-context-{language}-question-{language}.json`; a passage is in as many files as it has question languages.
 * Parts are named by split, context language and question language: `queries.dev.en.hi` are Hindi questions over
 * English passages, `passages.dev.en` the English passages of all of them, each once.
 */
import type { AnyPart, DataSet } from './data-set.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';
import { squadPassages, squadQuestionParts } from './squad-parts.ts';

const SIZES = {
  dev: { en: 1148, de: 512, es: 500, ar: 517, zh: 504, vi: 511, hi: 507 },
  test: { en: 11_590, de: 4517, es: 5254, ar: 5335, zh: 5137, vi: 5495, hi: 4918 },
};

/** The catalogue's entry. */
export const mlqa: DataSet = {
  name: 'mlqa',
  title: 'MLQA',
  home: 'https://github.com/facebookresearch/MLQA',
  licence: 'CC BY-SA 3.0',
  languages: 'ar de en es hi vi zh',
  layout: '{dev,test}-context-{LANGUAGE}-question-{LANGUAGE}.json, as SQuAD',
  size: '46,445 questions on passages of their own language; dev 4,199, test 42,246',
  source: 'https://github.com/facebookresearch/MLQA/blob/main/README.md',
  published: Object.fromEntries(
    Object.entries(SIZES).flatMap(([split, counts]) =>
      Object.entries(counts).map(([language, count]) => [`queries.${split}.${language}.${language}`, count]),
    ),
  ),
  files: [
    {
      url: 'https://dl.fbaipublicfiles.com/MLQA/MLQA_V1.zip',
      path: 'MLQA_V1.zip',
      // Of https://github.com/tensorflow/datasets .
      sha256: '246e8089933d13007fe80684d5c5c0713d6834cf8b3b4a0ec7c66f0a0d2baac8',
      bytes: 75_719_050,
    },
  ],
  byHand: 'Unpack it: unzip MLQA_V1.zip.',
  open: openMlqa,
};

function openMlqa(folder: SetFolder): AnyPart[] {
  const files = folder.find(/(dev|test)-context-([a-z]{2})-question-([a-z]{2})\.json/);
  if (files.length === 0) throw folder.nothingFound('dev-context-en-question-hi.json and the like');
  const byContext = new Map<string, FoundFile[]>();
  for (const file of files) {
    const [split, context] = file.groups;
    const key = `${split}.${context}`;
    byContext.set(key, [...(byContext.get(key) ?? []), file]);
  }
  return [
    ...[...byContext].map(([name, group]) => squadPassages(name, group)),
    ...files.flatMap((file) => {
      const [split, context, question] = file.groups;
      return squadQuestionParts(`${split}.${context}.${question}`, file, question, context);
    }),
  ];
}
