/**
 * CIRAL: https://github.com/ciralproject/ciral (fields, sizes), https://huggingface.co/datasets/CIRAL/ciral (topics,
 * judgments) and https://huggingface.co/datasets/CIRAL/ciral-corpus (passages). English questions over news passages
 * in Hausa, Somali, Swahili and Yoruba: `passages-v1.0/{language}_passages.jsonl` (`docid title text url`),
 * `ciral-{language}/topics/topics.ciral-v1.0-{code}-{split}.tsv`, `.../qrels/qrels.ciral-v1.0-{code}-{split}.tsv`.
 */
import { optionalText, textField } from '../json-lines.ts';
import type { Passage } from '../records.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { jsonRows, type Located, tsvQueries } from './rows.ts';
import type { SetFolder } from './set-folder.ts';

const CODES: Readonly<Record<string, string>> = { hausa: 'ha', somali: 'so', swahili: 'sw', yoruba: 'yo' };
const HUB = 'https://huggingface.co/datasets/CIRAL';
/** Queries and judgments of dev, test A (shallow and pools) and test B. */
const SIZES = {
  ha: { passages: 715_355, dev: [10, 165], a: [80, 1447], pools: 7288, b: [312, 5930] },
  so: { passages: 827_552, dev: [10, 187], a: [99, 1798], pools: 9094, b: [239, 4324] },
  sw: { passages: 949_013, dev: [10, 196], a: [85, 1656], pools: 8079, b: [113, 2175] },
  yo: { passages: 82_095, dev: [10, 185], a: [100, 1921], pools: 8311, b: [554, 10_569] },
} as const;

/** The catalogue's entry. */
export const ciral: DataSet = {
  name: 'ciral',
  title: 'CIRAL',
  home: 'https://github.com/ciralproject/ciral',
  licence: 'Apache-2.0',
  languages: 'English queries; ha so sw yo passages',
  layout:
    'passages-v1.0/{language}_passages.jsonl, ciral-{language}/topics/topics.ciral-v1.0-{CODE}-{SPLIT}.tsv, ciral-{language}/qrels/qrels.ciral-v1.0-{CODE}-{SPLIT}.tsv',
  size: '2,574,015 passages, 1,622 queries',
  source: 'https://github.com/ciralproject/ciral/blob/main/README.md',
  published: Object.fromEntries(
    Object.entries(SIZES).flatMap(([code, size]) => [
      [`passages.${code}`, size.passages],
      [`queries.${code}.dev`, size.dev[0]],
      [`qrels.${code}.dev`, size.dev[1]],
      [`queries.${code}.test-a`, size.a[0]],
      [`qrels.${code}.test-a`, size.a[1]],
      [`qrels.${code}.test-a-pools`, size.pools],
      [`queries.${code}.test-b`, size.b[0]],
      [`qrels.${code}.test-b`, size.b[1]],
    ]),
  ),
  files: Object.entries(CODES).flatMap(([language, code]) => [
    {
      url: `${HUB}/ciral-corpus/resolve/main/passages-v1.0/${language}_passages.jsonl`,
      path: `passages-v1.0/${language}_passages.jsonl`,
    },
    ...['dev', 'test-a', 'test-b'].flatMap((split) =>
      ['topics', 'qrels'].map((kind) => {
        const path = `ciral-${language}/${kind}/${kind}.ciral-v1.0-${code}-${split}.tsv`;
        return { url: `${HUB}/ciral/resolve/main/${path}`, path };
      }),
    ),
    {
      url: `${HUB}/ciral/resolve/main/ciral-${language}/qrels/qrels.ciral-v1.0-${code}-test-a-pools.tsv`,
      path: `ciral-${language}/qrels/qrels.ciral-v1.0-${code}-test-a-pools.tsv`,
    },
  ]),
  open: openCiral,
};

function openCiral(folder: SetFolder): AnyPart[] {
  const parts: AnyPart[] = [
    ...folder
      .find(/(hausa|somali|swahili|yoruba)_passages\.jsonl/)
      .map((file) => passagesPart(CODES[file.groups[0]], [file], docidPassages)),
    ...folder
      .find(/topics\.ciral-v1\.0-([a-z]{2})-([a-z-]+)\.tsv/)
      .map((file) => queriesPart(file.groups.join('.'), [file], (path) => tsvQueries(path, 'en'))),
    ...folder
      .find(/qrels\.ciral-v1\.0-([a-z]{2})-([a-z-]+)\.tsv/)
      .map((file) => qrelsPart(file.groups.join('.'), [file])),
  ];
  if (parts.length === 0)
    throw folder.nothingFound('swahili_passages.jsonl, topics.ciral-v1.0-sw-dev.tsv and the like');
  return parts;
}

/** JSON lines with `docid`, `title` and `text`, as CIRAL and MIRACL have them. */
export function docidPassages(path: string): AsyncGenerator<Located<Passage>> {
  return jsonRows(path, (record) => {
    const title = optionalText(record, 'title') ?? '';
    return {
      id: textField(record, 'docid'),
      text: textField(record, 'text'),
      ...(title !== '' && { title }),
    };
  });
}
