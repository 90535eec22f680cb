/**
 * mMARCO: https://huggingface.co/datasets/unicamp-dl/mmarco (layout, languages, licence), arXiv 2108.13897. MS MARCO
 * translated; ids are MS MARCO's, so its training judgments hold here. `google` is the second, recommended version;
 * parts of the first (`helsinki`) have that word in their name.
 */
import type { AnyPart, DataSet, RemoteFile } from './data-set.ts';
import { MMARCO_FILES } from './mmarco-files.ts';
import { part, passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { rankedRows, tripleRows } from './ranking-rows.ts';
import { tsvPassages, tsvQueries } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';

const FILES = 'https://huggingface.co/datasets/unicamp-dl/mmarco/resolve/main/data';
const LANGUAGES: Readonly<Record<string, string>> = {
  arabic: 'ar',
  chinese: 'zh',
  dutch: 'nl',
  english: 'en',
  french: 'fr',
  german: 'de',
  hindi: 'hi',
  indonesian: 'id',
  italian: 'it',
  japanese: 'ja',
  portuguese: 'pt',
  russian: 'ru',
  spanish: 'es',
  vietnamese: 'vi',
};

/** The catalogue's entry. */
export const mmarco: DataSet = {
  name: 'mmarco',
  title: 'mMARCO',
  home: 'https://huggingface.co/datasets/unicamp-dl/mmarco',
  licence: 'Apache-2.0 (translations); MS MARCO: non-commercial research only',
  languages: Object.values(LANGUAGES).join(' '),
  layout:
    'data/{google,helsinki}/collections/{language}_collection.tsv, .../queries/{train,dev}/{language}_queries.{train,dev,dev.small}.tsv, data/qrels.dev[.small].tsv, data/triples.train.ids.small.tsv, .../runs/run.bm25_{language}-msmarco.txt',
  size: '8,841,823 passages in each language (2.7 to 7.6 GB)',
  source: 'https://huggingface.co/datasets/unicamp-dl/mmarco/blob/main/README.md',
  published: {
    ...Object.fromEntries(
      Object.values(LANGUAGES).flatMap((language) => [
        [`passages.${language}`, 8_841_823],
        [`queries.${language}.train`, 808_731],
        [`queries.${language}.dev`, 101_093],
        [`queries.${language}.dev.small`, 6980],
      ]),
    ),
    'qrels.dev': 59_273,
    'qrels.dev.small': 7437,
  },
  files: MMARCO_FILES.map(
    ([path, md5, bytes]): RemoteFile => ({ url: `${FILES}/${path}`, path: `data/${path}`, md5, bytes }),
  ),
  byHand: 'Take one language with --only, such as --only hindi; all files have 55 GB.',
  open: openMmarco,
};

function openMmarco(folder: SetFolder): AnyPart[] {
  const parts: AnyPart[] = [
    ...folder
      .find(/([a-z]+)_collection\.tsv/)
      .map((file) => passagesPart(partName(file), [file], tsvPassages)),
    ...folder.find(/([a-z]+)_queries\.(train|dev|dev\.small)\.tsv/).map((file) => {
      const language = LANGUAGES[file.groups[0]] ?? file.groups[0];
      return queriesPart(partName(file), [file], (path) => tsvQueries(path, language));
    }),
    ...folder.find(/qrels\.(train|dev(?:\.small)?)\.tsv/).map((file) => qrelsPart(file.groups[0], [file])),
    ...folder
      .find(/triples\.train\.ids\.(\w+)\.tsv/)
      .map((file) => part('triples', file.groups[0], [file], tripleRows)),
    ...folder
      .find(/run\.bm25_([a-z]+)-msmarco\.txt/)
      .map((file) => part('candidates', partName(file), [file], rankedRows)),
  ];
  if (parts.length === 0)
    throw folder.nothingFound('hindi_collection.tsv, hindi_queries.dev.tsv and the like');
  return parts;
}

function partName({ name, groups: [language, split] }: FoundFile): string {
  const version = /(^|\/)(helsinki|v1)\//.test(name) ? ['helsinki'] : [];
  return [...version, LANGUAGES[language] ?? language, ...(split ? [split] : [])].join('.');
}
