/**
 * CLIRMatrix (Sun and Duh 2020, EMNLP): https://github.com/ssun32/CLIRMatrix and
 * http://www.cs.jhu.edu/~shuosun/clirmatrix/ . Names and fields as read by
 * https://github.com/allenai/ir_datasets/blob/master/ir_datasets/datasets/clirmatrix.py : documents
 * `DOCS/{language}.tsv.gz` (`id text`); queries with judgments
 * `{BI-139/base,BI-139/full,MULTI-8}/{query language}/{query language}.{document language}.{split}[.base].jl.gz`, a
 * line being `{"src_id", "src_query", "tgt_results": [[document, grade 0 to 6], ...]}`.
 */
import { fieldError, type JsonLine, readJsonLines, textField } from '../json-lines.ts';
import type { Judgment, Query } from '../records.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { jsonRows, type Located, tsvPassages } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';

/** The catalogue's entry. */
export const clirmatrix: DataSet = {
  name: 'clirmatrix',
  title: 'CLIRMatrix (BI-139, MULTI-8)',
  home: 'https://github.com/ssun32/CLIRMatrix',
  licence: 'none stated; text of Wikipedia, CC BY-SA',
  languages: '139 languages',
  layout:
    'DOCS/{LANGUAGE}.tsv.gz, BI-139/{base,full}/{LANGUAGE}/{QUERY}.{DOCUMENT}.{train,dev,test1,test2}[.base].jl.gz, MULTI-8/...',
  size: '49 million queries, 34 billion judgments, 19,182 pairs of languages',
  source: 'https://aclanthology.org/2020.emnlp-main.340/',
  published: {},
  files: [],
  byHand:
    'Take the files of your pair of languages from http://www.cs.jhu.edu/~shuosun/clirmatrix/data/ , for Swahili queries over English for example DOCS/en.tsv.gz and BI-139/base/sw/sw.en.test1.base.jl.gz, and keep the folders.',
  open: openClirmatrix,
};

const PAIR =
  /(?:(full)\/|(MULTI-8)\/)?(?:[a-z]+\/)?([a-z]{2,6})\.([a-z]{2,6})\.(train|dev|test1|test2)(\.base)?\.jl/;

function openClirmatrix(folder: SetFolder): AnyPart[] {
  const pairs = folder.find(PAIR);
  const documents = folder.find(/(?:DOCS|docs)\/([a-z]{2,6})\.tsv/);
  if (pairs.length + documents.length === 0)
    throw folder.nothingFound('DOCS/sw.tsv.gz, BI-139/base/en/en.sw.train.base.jl.gz and the like');
  return [
    ...documents.map((file) => passagesPart(file.groups[0], [file], tsvPassages)),
    ...pairs.flatMap((file): AnyPart[] => [
      queriesPart(pairName(file), [file], queries),
      qrelsPart(pairName(file), [file], judgments),
    ]),
  ];
}

/** Such as `bi139-base.en.sw.train`. */
function pairName({ name, groups: [, , query, document, split, base] }: FoundFile): string {
  const multi = name.includes('MULTI-8');
  const set = multi ? 'multi8' : base !== '' ? 'bi139-base' : 'bi139-full';
  return `${set}.${query}.${document}.${split}`;
}

function queries(path: string, file: FoundFile): AsyncGenerator<Located<Query>> {
  return jsonRows(path, (line) => ({
    id: sourceId(line),
    text: textField(line, 'src_query').trim(),
    language: file.groups[2],
  }));
}

async function* judgments(path: string): AsyncGenerator<Located<Judgment>> {
  for await (const record of readJsonLines(path)) {
    const results = record.fields.tgt_results;
    if (!Array.isArray(results) || !results.every(isResult))
      throw fieldError(
        record,
        'tgt_results',
        'is not a list of [document, grade]',
        'The file is not in the layout of CLIRMatrix.',
      );
    const query = sourceId(record);
    for (const [passage, grade] of results)
      yield { at: record.at, line: record.line, value: { query, passage: String(passage), grade } };
  }
}

function sourceId(record: JsonLine): string {
  const id = record.fields.src_id;
  return Number.isSafeInteger(id) ? String(id) : textField(record, 'src_id');
}

function isResult(value: unknown): value is readonly [string | number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    (typeof value[0] === 'string' || Number.isSafeInteger(value[0])) &&
    Number.isInteger(value[1])
  );
}
