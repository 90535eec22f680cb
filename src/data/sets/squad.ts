/** SQuAD 1.1 and 2.0: https://rajpurkar.github.io/SQuAD-explorer/ (layout, licence), arXiv 1606.05250 (sizes). */
import type { AnyPart, DataSet } from './data-set.ts';
import type { SetFolder } from './set-folder.ts';
import { squadPassages, squadQuestionParts } from './squad-parts.ts';

const FILES = 'https://rajpurkar.github.io/SQuAD-explorer/dataset';

/** The catalogue's entry. */
export const squad: DataSet = {
  name: 'squad',
  title: 'SQuAD',
  home: 'https://rajpurkar.github.io/SQuAD-explorer/',
  licence: 'CC BY-SA 4.0',
  languages: 'English',
  layout: '{train,dev}-v{1.1,2.0}.json',
  size: '107,785 questions on 536 articles (1.1), of which 98,169 are public; 35 MB',
  source: 'https://arxiv.org/abs/1606.05250',
  published: {
    'queries.train-v1.1': 87_599,
    'queries.dev-v1.1': 10_570,
    'queries.train-v2.0': 130_319,
    'queries.dev-v2.0': 11_873,
  },
  files: ['train-v1.1', 'dev-v1.1', 'train-v2.0', 'dev-v2.0'].map((name) => ({
    url: `${FILES}/${name}.json`,
    path: `${name}.json`,
  })),
  open: openSquad,
};

function openSquad(folder: SetFolder): AnyPart[] {
  const files = folder.find(/((?:train|dev)-v[12]\.\d)\.json/);
  if (files.length === 0) throw folder.nothingFound('train-v1.1.json or dev-v1.1.json');
  return files.flatMap((file) => [
    squadPassages(file.groups[0], [file]),
    ...squadQuestionParts(file.groups[0], file, 'en', 'en'),
  ]);
}
