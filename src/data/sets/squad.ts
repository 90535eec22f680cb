/** SQuAD 1.1 and 2.0: https://rajpurkar.github.io/SQuAD-explorer/ (layout, licence), arXiv 1606.05250 (sizes). */
import type { AnyPart, DataSet } from './data-set.ts';
import type { SetFolder } from './set-folder.ts';
import { squadPassages, squadQuestionParts } from './squad-parts.ts';

const FILES = 'https://rajpurkar.github.io/SQuAD-explorer/dataset';
/** As https://github.com/huggingface/datasets and https://github.com/tensorflow/datasets list them, and agree. */
const SUMS = {
  'train-v1.1': {
    sha256: '3527663986b8295af4f7fcdff1ba1ff3f72d07d61a20f487cb238a6ef92fd955',
    bytes: 30_288_272,
  },
  'dev-v1.1': {
    sha256: '95aa6a52d5d6a735563366753ca50492a658031da74f301ac5238b03966972c9',
    bytes: 4_854_279,
  },
  'train-v2.0': {
    sha256: '68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002',
    bytes: 42_123_633,
  },
  'dev-v2.0': {
    sha256: '80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8',
    bytes: 4_370_528,
  },
};

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
  files: Object.entries(SUMS).map(([name, sums]) => ({
    url: `${FILES}/${name}.json`,
    path: `${name}.json`,
    ...sums,
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
