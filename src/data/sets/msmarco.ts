/**
 * MS MARCO passage ranking: https://github.com/microsoft/MSMARCO-Passage-Ranking (file names, columns, sizes) and
 * https://microsoft.github.io/msmarco/ (terms, files). Text is as published, with its broken characters.
 */
import type { AnyPart, DataSet, RemoteFile } from './data-set.ts';
import { part, passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { candidateRows, candidateTexts, tripleRows } from './ranking-rows.ts';
import { tsvPassages, tsvQueries } from './rows.ts';
import type { SetFolder } from './set-folder.ts';

const FILES = 'https://msmarco.z22.web.core.windows.net/msmarcoranking';
/**
 * MD5 as https://github.com/microsoft/msmarco/blob/master/TREC-Deep-Learning-2019.md has them. Sizes are its own for the
 * triples; the others it rounds up to blocks, and they are those of https://github.com/allenai/ir_datasets .
 */
const SUMS: Readonly<Record<string, Pick<RemoteFile, 'md5' | 'bytes'>>> = {
  'collectionandqueries.tar.gz': { md5: '31644046b18952c1386cd4564ba2ae69', bytes: 1_057_717_952 },
  'triples.train.small.tar.gz': { md5: 'c13bf99ff23ca691105ad12eab837f84', bytes: 7_930_881_353 },
  'qidpidtriples.train.full.2.tsv.gz': { md5: '219083e80a0a751c08b968c2f31a4e0b', bytes: 1_841_693_309 },
  'top1000.dev.tar.gz': { md5: '8c140662bdf123a98fbfe3bb174c5831', bytes: 687_414_398 },
  'queries.tar.gz': { md5: 'c177b2795d5f2dcc524cf00fcd973be1', bytes: 18_882_551 },
};

/** The catalogue's entry. */
export const msmarco: DataSet = {
  name: 'msmarco',
  title: 'MS MARCO passage ranking',
  home: 'https://microsoft.github.io/msmarco/',
  licence: "Microsoft's terms: non-commercial research only",
  languages: 'English',
  layout:
    'collection.tsv, queries.{train,dev,eval}[.small].tsv, qrels.{train,dev}[.small].tsv, triples.train.{small,full}.tsv, qidpidtriples.train.full.2.tsv, top1000.{train,dev,eval}',
  size: '8,841,823 passages (2.9 GB), 1,010,916 queries',
  source: 'https://github.com/microsoft/MSMARCO-Passage-Ranking/blob/master/README.md',
  published: {
    passages: 8_841_823,
    'queries.train': 808_731,
    'queries.dev': 101_093,
    'queries.eval': 101_092,
    'queries.dev.small': 6980,
    'queries.eval.small': 6837,
    'qrels.train': 532_761,
    'qrels.dev': 59_273,
    'qrels.dev.small': 7437,
    'text-triples.small': 39_782_779,
    'text-triples.full': 397_756_691,
    'triples.full.2': 397_768_673,
    'candidates.top1000.train': 478_016_942,
    'candidates.top1000.dev': 6_669_195,
  },
  files: Object.entries(SUMS).map(([name, sums]) => ({ url: `${FILES}/${name}`, path: name, ...sums })),
  byHand:
    'Accept the terms at the home page first. Unpack archives: tar -xzf collectionandqueries.tar.gz. The triples take 27 GB; --only collectionandqueries leaves them out.',
  open: openMsmarco,
};

function openMsmarco(folder: SetFolder): AnyPart[] {
  const collection = folder.find(/collection\.tsv/);
  const parts: AnyPart[] = [
    ...collection.slice(0, 1).map((file) => passagesPart('', [file], tsvPassages)),
    ...folder
      .find(/queries\.((?:train|dev|eval)(?:\.small)?)\.tsv/)
      .map((file) => queriesPart(file.groups[0], [file], (path) => tsvQueries(path, 'en'))),
    ...folder
      .find(/qrels\.((?:train|dev|eval)(?:\.small)?)\.tsv/)
      .map((file) => qrelsPart(file.groups[0], [file])),
    ...folder
      .find(/qidpidtriples\.train\.(\w+(?:\.\d+)?)\.tsv/)
      .map((file) => part('triples', file.groups[0], [file], tripleRows)),
    ...folder
      .find(/triples\.train\.(\w+)\.tsv/)
      .map((file) => part('text-triples', file.groups[0], [file], tripleRows)),
    ...folder.find(/top1000\.(train|dev|eval)(?:\.tsv)?/).flatMap((file): AnyPart[] => {
      const name = `top1000.${file.groups[0]}`;
      return [
        candidateTexts('passages', name, file),
        candidateTexts('queries', name, file),
        part('candidates', name, [file], candidateRows),
      ];
    }),
  ];
  if (parts.length === 0) throw folder.nothingFound('collection.tsv, queries.dev.tsv, qrels.dev.tsv, ...');
  return parts;
}
