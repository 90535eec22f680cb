/**
 * BEIR: https://github.com/beir-cellar/beir (layout, sizes, checksums: its wiki's "Datasets available"). A folder a set
 * with `corpus.jsonl` (`_id title text`), `queries.jsonl` (`_id text`) and `qrels/{train,dev,test}.tsv`, three columns
 * under the header `query-id corpus-id score`. CQADupStack has a folder for each of its forums.
 *
 * `queries.jsonl` holds the queries of all splits; the judgments tell them apart.
 */
import { idField, optionalText, textField } from '../json-lines.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { jsonRows } from './rows.ts';
import type { SetFolder } from './set-folder.ts';

const FILES = 'https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets';
/**
 * MD5 and size of each archive, and the number of queries of its test part. The sizes are those of
 * https://github.com/allenai/ir_datasets and https://github.com/tensorflow/datasets .
 */
const SETS: Readonly<Record<string, readonly [md5: string, bytes: number, testQueries?: number]>> = {
  msmarco: ['444067daf65d982533ea17ebd59501e4', 1_082_258_632],
  'trec-covid': ['ce62140cb23feb9becf6270d0d1fe6d1', 73_876_720, 50],
  nfcorpus: ['a89dba18a62ef92f7d323ec890a0d38d', 2_448_432],
  nq: ['d4d3d2e48787a744b6f6e691ff534307', 498_307_926, 3452],
  hotpotqa: ['f412724f78b0d91183a0e86805e16114', 654_025_350],
  fiqa: ['17918ed23cd04fb15047f73e6c3bd9d9', 17_948_027],
  arguana: ['8ad3e3c2a5867cdced806d6503f29b99', 3_773_617, 1406],
  'webis-touche2020': ['46f650ba5a527fc69e0a6521c5a23563', 227_132_363, 49],
  cqadupstack: ['4e41456d7df8ee7760a7f866133bda78', 5_343_728_040],
  quora: ['18fb154900ba42a600f84b839c173167', 15_853_968],
  'dbpedia-entity': ['c2a39eb420a3164af735795df012ac2c', 639_285_131],
  scidocs: ['38121350fc3a4d2f48850f6aff52e4a9', 142_471_588, 1000],
  fever: ['5a818580227bfb4b35bb6fa46d9b6c03', 1_236_988_269],
  scifact: ['5f7d1de60b170fc8027bb7898e2efca1', 2_816_079],
};

/** The catalogue's entry. */
export const beir: DataSet = {
  name: 'beir',
  title: 'BEIR',
  home: 'https://github.com/beir-cellar/beir',
  licence: 'of each set',
  languages: 'English',
  layout: '{SET}/corpus.jsonl, {SET}/queries.jsonl, {SET}/qrels/{train,dev,test}.tsv; or any folder like it',
  size: '18 sets, 14 of them public; 3,633 to 8.8 million passages',
  source: 'https://github.com/beir-cellar/beir/wiki/Datasets-available',
  published: {
    'passages.scifact': 5183,
    'passages.nfcorpus': 3633,
    'passages.arguana': 8674,
    'passages.msmarco': 8_841_823,
    ...Object.fromEntries(
      Object.entries(SETS).flatMap(([set, [, , queries]]) =>
        // Only where the file holds no other queries than those of the test part.
        queries === undefined ? [] : [[`queries.${set}`, queries]],
      ),
    ),
  },
  files: Object.entries(SETS).map(([set, [md5, bytes]]) => ({
    url: `${FILES}/${set}.zip`,
    path: `${set}.zip`,
    md5,
    bytes,
  })),
  byHand: 'Unpack what you took: unzip scifact.zip. One set: --only scifact.',
  open: openBeir,
};

function openBeir(folder: SetFolder): AnyPart[] {
  const parts: AnyPart[] = [
    ...folder.find(/(?:(.*)\/)?corpus\.jsonl/).map((file) =>
      passagesPart(setName(file.groups[0]), [file], (path) =>
        jsonRows(path, (record) => {
          const title = optionalText(record, 'title') ?? '';
          return { id: idField(record), text: textField(record, 'text'), ...(title !== '' && { title }) };
        }),
      ),
    ),
    ...folder
      .find(/(?:(.*)\/)?queries\.jsonl/)
      .map((file) =>
        queriesPart(setName(file.groups[0]), [file], (path) =>
          jsonRows(path, (record) => ({ id: idField(record), text: textField(record, 'text') })),
        ),
      ),
    ...folder
      .find(/(?:(.*)\/)?qrels\/([\w-]+)\.tsv/)
      .map((file) => qrelsPart([setName(file.groups[0]), file.groups[1]].filter(Boolean).join('.'), [file])),
  ];
  if (parts.length === 0) throw folder.nothingFound('corpus.jsonl, queries.jsonl and qrels/test.tsv');
  return parts;
}

/** `cqadupstack/android` becomes `cqadupstack.android`. */
function setName(folder: string): string {
  return folder.split('/').filter(Boolean).join('.');
}
