/**
 * AfriCLIRMatrix (Ogundepo et al. 2022, EMNLP): https://github.com/castorini/africlirmatrix (topics and judgments below
 * `test/`) and https://huggingface.co/datasets/castorini/africlirmatrix (documents, `id` and `contents`). English
 * queries over Wikipedia in 15 African languages:
 * `africlirmatrix-v1.0-{language}/corpus.jsonl`, `test/queries/topics.africlirmatrix-v1.0.en.{code}.tsv`,
 * `test/qrels/qrels.africlirmatrix-v1.0.en.{code}.txt`.
 */
import { textField } from '../json-lines.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { jsonRows, tsvQueries } from './rows.ts';
import type { SetFolder } from './set-folder.ts';

const CODES: Readonly<Record<string, string>> = {
  afrikaans: 'afr',
  amharic: 'amh',
  moroccan_arabic: 'ary',
  egyptian_arabic: 'arz',
  hausa: 'hau',
  igbo: 'ibo',
  northern_sotho: 'nso',
  shona: 'sna',
  somali: 'som',
  swahili: 'swa',
  tigrinya: 'tir',
  twi: 'twi',
  wolof: 'wol',
  yoruba: 'yor',
  zulu: 'zul',
};
const RAW = 'https://raw.githubusercontent.com/castorini/africlirmatrix/main';

/** The catalogue's entry. */
export const africlirmatrix: DataSet = {
  name: 'africlirmatrix',
  title: 'AfriCLIRMatrix',
  home: 'https://github.com/castorini/africlirmatrix',
  licence: 'Apache-2.0',
  languages: `English queries; ${Object.values(CODES).join(' ')} documents`,
  layout:
    'africlirmatrix-v1.0-{language}/corpus.jsonl, test/queries/topics.africlirmatrix-v1.0.en.{CODE}.tsv, test/qrels/qrels.africlirmatrix-v1.0.en.{CODE}.txt',
  size: '6 million queries, 23 million judgments, 15 languages; test part here',
  source: 'https://aclanthology.org/2022.emnlp-main.597/',
  published: {},
  files: Object.values(CODES).flatMap((code) =>
    [
      `queries/topics.africlirmatrix-v1.0.en.${code}.tsv`,
      `qrels/qrels.africlirmatrix-v1.0.en.${code}.txt`,
    ].map((name) => ({ url: `${RAW}/test/${name}`, path: `test/${name}` })),
  ),
  byHand:
    'Documents: https://huggingface.co/datasets/castorini/africlirmatrix holds them as Parquet by now; its older revision f94e826 has africlirmatrix-v1.0-{language}/corpus.jsonl.',
  open: openAfriclirmatrix,
};

function openAfriclirmatrix(folder: SetFolder): AnyPart[] {
  const parts: AnyPart[] = [
    ...folder
      .find(/africlirmatrix-v1\.\d-([a-z_]+)\/corpus\.jsonl/)
      .map((file) =>
        passagesPart(CODES[file.groups[0]] ?? file.groups[0], [file], (path) =>
          jsonRows(path, (record) => ({ id: textField(record, 'id'), text: textField(record, 'contents') })),
        ),
      ),
    ...folder
      .find(/topics\.africlirmatrix-v1\.\d\.en\.([a-z]{3})\.tsv/)
      .map((file) => queriesPart(file.groups[0], [file], (path) => tsvQueries(path, 'en'))),
    ...folder
      .find(/qrels\.africlirmatrix-v1\.\d\.en\.([a-z]{3})\.txt/)
      .map((file) => qrelsPart(file.groups[0], [file])),
  ];
  if (parts.length === 0)
    throw folder.nothingFound(
      'africlirmatrix-v1.0-swahili/corpus.jsonl, topics.africlirmatrix-v1.0.en.swa.tsv, ...',
    );
  return parts;
}
