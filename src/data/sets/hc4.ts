/**
 * HC4 (https://github.com/hltcoe/HC4, arXiv 2201.09992) and NeuCLIR (https://neuclir.github.io/,
 * https://huggingface.co/datasets/neuclir/neuclir1), which share their layout. Documents from Common Crawl in JSON
 * lines with `id title text url time cc_file`: `{fas,rus,zho}/hc4_docs.jsonl`, or the hub's
 * `data/{fas,rus,zho}-00000-of-00001.jsonl.gz`. Topics in JSON lines: `topic_id`, `languages_with_qrels` and `topics`, a
 * list of `lang`, `source`, `topic_title`, `topic_description`. Judgments in TREC's format, a file a language.
 *
 * Queries are titles: the English original (`eng`) and human translations; `.description` holds title and description
 * together. Machine translations are left out.
 */
import { fieldError, type JsonLine, optionalText, readJsonLines, textField } from '../json-lines.ts';
import type { Passage, Query } from '../records.ts';
import type { AnyPart, DataSet, RemoteFile } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { jsonRows, type Located } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';

const HUB = 'https://huggingface.co/datasets/neuclir';
const CODES = ['fas', 'rus', 'zho'];
type Sums = Readonly<Record<string, Pick<RemoteFile, 'md5' | 'sha256' | 'bytes'>>>;
/** As https://github.com/ir-datasets/ir-datasets lists them, from the hub. */
const HC4_SUMS: Sums = {
  fas: { sha256: 'b15f68b9e0b530f3ba5ad6c586a3a8b4288ce833468d87af9ed2ce07ca8202d1', bytes: 518_142_839 },
  rus: { sha256: 'bfa3d80f404c0bacfa3321628a605c05ee965ebf7f70951e666b26dcd52e1211', bytes: 4_138_605_072 },
  zho: { sha256: '06498130be194e758779b73748e66cbbdbd9e5a13361ea05da617722c9643c15', bytes: 576_134_453 },
};
/** As https://github.com/allenai/ir_datasets lists them. */
const NEUCLIR_SUMS: Sums = {
  fas: { md5: 'c88f79f6b6da974db22cef3dd73fcee1', bytes: 2_359_094_118 },
  rus: { md5: '3aabc798a3b5dd92d7c47db9521870b1', bytes: 4_504_119_267 },
  zho: { md5: '99eb400f3a474603d1db5d41f606889b', bytes: 3_188_072_408 },
};
const hubFiles = (set: string, sums: Sums) =>
  Object.entries(sums).map(([code, sum]) => ({
    url: `${HUB}/${set}/resolve/main/data/${code}-00000-of-00001.jsonl.gz`,
    path: `data/${code}-00000-of-00001.jsonl.gz`,
    ...sum,
  }));
const LAYOUT =
  '{fas,rus,zho}/hc4_docs.jsonl or data/{fas,rus,zho}-00000-of-00001.jsonl.gz, {SPLIT}.topics.v1-0.jsonl, {fas,rus,zho}/{SPLIT}.qrels.v1-0.txt';

/** The catalogue's entry of HC4. */
export const hc4: DataSet = {
  name: 'hc4',
  title: 'HC4',
  home: 'https://github.com/hltcoe/HC4',
  licence: 'ODC-BY (documents: terms of Common Crawl)',
  languages: 'English topics with translations; fas rus zho documents',
  layout: LAYOUT,
  size: '486,486 + 4,721,064 + 646,305 documents',
  source: 'https://arxiv.org/abs/2201.09992',
  published: { 'passages.fas': 486_486, 'passages.rus': 4_721_064, 'passages.zho': 646_305 },
  files: hubFiles('hc4', HC4_SUMS),
  byHand:
    'Topics and judgments: git clone https://github.com/hltcoe/HC4, and put resources/hc4 beside the documents.',
  open: openHc4,
};

/** The catalogue's entry of NeuCLIR's first collection. */
export const neuclir: DataSet = {
  name: 'neuclir',
  title: 'NeuCLIR 1',
  home: 'https://neuclir.github.io/',
  licence: 'ODC-BY (documents: terms of Common Crawl)',
  languages: 'English topics with translations; fas rus zho documents',
  layout: `${LAYOUT}; topics and judgments of TREC, with fas, rus or zho in the name of the qrels`,
  size: '2,232,016 + 4,627,543 + 3,179,209 documents',
  source: 'https://ir-datasets.com/neuclir.html',
  published: { 'passages.fas': 2_232_016, 'passages.rus': 4_627_543, 'passages.zho': 3_179_209 },
  files: hubFiles('neuclir1', NEUCLIR_SUMS),
  byHand:
    'Topics and judgments of 2022 to 2024: https://trec.nist.gov/data/neuclir2022.html and the following years.',
  open: openHc4,
};

function openHc4(folder: SetFolder): AnyPart[] {
  const topics = folder.find(/([^/]*topics[^/]*)\.jsonl/);
  const parts: AnyPart[] = [
    ...CODES.flatMap((code) => {
      const files = folder.find(
        new RegExp(`(?:${code}/(?:hc4_)?docs|${code}-\\d+-of-\\d+|${code}\\.docs)\\.jsonl`),
      );
      return files.length === 0 ? [] : [passagesPart(code, files, documents)];
    }),
    ...topics.flatMap((file) =>
      ['eng', ...CODES].flatMap((code) => {
        const name = `${code}.${file.groups[0].replace(/\.?topics/, '').replace(/^\./, '') || 'topics'}`;
        return [
          queriesPart(name, [file], (path) => titles(path, code, false)),
          queriesPart(`${name}.description`, [file], (path) => titles(path, code, true)),
        ];
      }),
    ),
    ...folder
      .find(/((?:(?:fas|rus|zho)\/)?[^/]*qrels[^/]*)/)
      .filter((file) => languageOf(file) !== undefined)
      .map((file) => qrelsPart(`${languageOf(file)}.${splitOf(file)}`, [file])),
  ];
  if (parts.length === 0) throw folder.nothingFound('fas/hc4_docs.jsonl, dev.topics.v1-0.jsonl and the like');
  return parts;
}

function languageOf({ name }: FoundFile): string | undefined {
  return CODES.find((code) => name.split(/[/._-]/).includes(code));
}

/** What is left of a file's name without language, `qrels` and ending. */
function splitOf({ name }: FoundFile): string {
  const base = name.slice(name.lastIndexOf('/') + 1).replace(/(\.txt)?(\.gz)?$/, '');
  const words = base.split('.').filter((word) => word !== 'qrels' && !CODES.includes(word));
  return words.length === 0 ? 'qrels' : words.join('.');
}

function documents(path: string): AsyncGenerator<Located<Passage>> {
  return jsonRows(path, (record) => {
    const title = optionalText(record, 'title') ?? '';
    return { id: textField(record, 'id'), text: textField(record, 'text'), ...(title !== '' && { title }) };
  });
}

async function* titles(path: string, code: string, describe: boolean): AsyncGenerator<Located<Query>> {
  for await (const record of readJsonLines(path)) {
    const topic = topicIn(record, code);
    if (topic === undefined) continue;
    const title = textField(topic, 'topic_title').trim();
    const description = (optionalText(topic, 'topic_description') ?? '').trim();
    const text = describe && description !== '' ? `${title}. ${description}` : title;
    const id = record.fields.topic_id;
    yield {
      at: record.at,
      line: record.line,
      value: {
        id: Number.isSafeInteger(id) ? String(id) : textField(record, 'topic_id'),
        text,
        language: code,
      },
    };
  }
}

/** The topic as written in `code`: the original, or a person's translation. */
function topicIn(record: JsonLine, code: string): JsonLine | undefined {
  const topics = record.fields.topics;
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  if (!Array.isArray(topics) || !topics.every(isObject))
    throw fieldError(record, 'topics', 'is not a list of objects', 'The file is not in the layout of HC4.');
  const fields = topics.find(
    ({ lang, source }) =>
      lang === code && (source === 'original' || source === 'human translation' || source === undefined),
  );
  return fields === undefined ? undefined : { at: record.at, line: record.line, fields };
}
