/**
 * LAReQA, that is XQuAD-R and MLQA-R: https://github.com/google-research-datasets/lareqa (layout, sizes, licence),
 * arXiv 2004.05484. SQuAD's layout with `sentence_breaks`, a list of [start, end) in code points. A candidate is a
 * sentence; for a question the sentences that hold its answer, in every language of the pool, are relevant.
 *
 * Candidates are `LANGUAGE-PARAGRAPH-SENTENCE`, counted from 0. Questions have the same id in every language.
 */
import type { Judgment, Passage, Query } from '../records.ts';
import type { AnyPart, DataSet, RemoteFile } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import type { Located } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';
import { answerTexts, type SquadParagraph, squadParagraphs, stringIndex } from './squad-json.ts';

const SIZES: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  'xquad-r': {
    ar: [1190, 1222],
    de: [1190, 1276],
    el: [1190, 1234],
    en: [1190, 1180],
    es: [1190, 1215],
    hi: [1190, 1244],
    ru: [1190, 1219],
    th: [1190, 852],
    tr: [1190, 1167],
    vi: [1190, 1209],
    zh: [1190, 1196],
  },
  'mlqa-r': {
    ar: [517, 2545],
    de: [512, 2362],
    en: [1148, 6264],
    es: [500, 1787],
    hi: [507, 2426],
    vi: [511, 2828],
    zh: [504, 2322],
  },
};
/** Of XQuAD-R's files, as https://github.com/huggingface/datasets lists them. None is published for MLQA-R. */
const SUMS: Readonly<Record<string, Pick<RemoteFile, 'sha256' | 'bytes'>>> = {
  'xquad-r/ar.json': {
    sha256: 'c52922d3b8ac1ae03ed5ac38647ad59870dca3dda2beefe18ecdc30729acb69d',
    bytes: 2_234_875,
  },
  'xquad-r/de.json': {
    sha256: '16fb0f4bf4916154b585a20c24c66074591c9718a1affe764ff4697572328949',
    bytes: 732_156,
  },
  'xquad-r/el.json': {
    sha256: '163fd43ee785a30eb534ae2061e9eaa766a7ee4e8ffce5e4b422480c150f64b6',
    bytes: 2_810_127,
  },
  'xquad-r/en.json': {
    sha256: '7b0954f39297c27a31fef610f0883337dd2907fa8699151dc922afdd0fa12ffe',
    bytes: 628_651,
  },
  'xquad-r/es.json': {
    sha256: 'f8e836b2d91009c4363e04315f7ede363eedbbb49c67dda60de6c4aa782f58de',
    bytes: 746_335,
  },
  'xquad-r/hi.json': {
    sha256: 'ea45ba8ae4513d1533b222bebdc02a90bc319c055d3aeea68584a053d2e92872',
    bytes: 2_408_404,
  },
  'xquad-r/ru.json': {
    sha256: '7f4dff853538b9a5fcc28c070b8bb983a5c5d190ac747b8e005a1ada9cab18f1',
    bytes: 2_764_904,
  },
  'xquad-r/th.json': {
    sha256: 'c3a041864c3a9fb0b4dd91cfdf99cf36b411b3e704c58a303c97bc6dc786cfe4',
    bytes: 2_618_544,
  },
  'xquad-r/tr.json': {
    sha256: 'f3e8c13002bbce154a4578f535f7533cb70f3da08840e6b62735935baec7bd94',
    bytes: 827_827,
  },
  'xquad-r/vi.json': {
    sha256: 'e35926bf5cc6fc6ecbdfca49467aabeb454f08d152d7818143a906bd31dde995',
    bytes: 1_132_303,
  },
  'xquad-r/zh.json': {
    sha256: '80c2cde7b9c2fb134c303cbb52f2ba396ead9eb0014aec43993543d2ba9e93ed',
    bytes: 959_291,
  },
};
const FOLDERS: Readonly<Record<string, string>> = { 'xquad-r': 'xquad-r', 'mlqa-r': 'mlqa-dev-r' };
const RAW = 'https://raw.githubusercontent.com/google-research-datasets/lareqa/master';

/** The catalogue's entry. */
export const lareqa: DataSet = {
  name: 'lareqa',
  title: 'LAReQA (XQuAD-R, MLQA-R)',
  home: 'https://github.com/google-research-datasets/lareqa',
  licence: 'XQuAD-R CC BY-SA 4.0, MLQA-R CC BY-NC 4.0',
  languages: 'ar de el en es hi ru th tr vi zh',
  layout: 'xquad-r/{LANGUAGE}.json, mlqa-dev-r/{LANGUAGE}.json: SQuAD with sentence_breaks',
  size: '17,289 questions, 33,548 candidate sentences',
  source: 'https://github.com/google-research-datasets/lareqa/blob/master/README.md',
  published: Object.fromEntries(
    Object.entries(SIZES).flatMap(([set, languages]) =>
      Object.entries(languages).flatMap(([language, [questions, candidates]]) => [
        [`queries.${set}.${language}`, questions],
        [`passages.${set}.${language}`, candidates],
      ]),
    ),
  ),
  files: Object.entries(SIZES).flatMap(([set, languages]) =>
    Object.keys(languages).map((language) => {
      const path = `${FOLDERS[set]}/${language}.json`;
      return { url: `${RAW}/${path}`, path, ...SUMS[path] };
    }),
  ),
  open: openLareqa,
};

function openLareqa(folder: SetFolder): AnyPart[] {
  const files = folder.find(/(xquad|mlqa)(?:-dev)?-r\/([a-z]{2})\.json/);
  if (files.length === 0) throw folder.nothingFound('xquad-r/en.json, mlqa-dev-r/en.json and the like');
  const parts: AnyPart[] = [];
  for (const set of ['xquad', 'mlqa']) {
    const pool = files.filter((file) => file.groups[0] === set);
    for (const file of pool) {
      const name = `${set}-r.${file.groups[1]}`;
      parts.push(passagesPart(name, [file], sentences), queriesPart(name, [file], questions));
    }
    if (pool.length > 0) parts.push(qrelsPart(`${set}-r`, pool, judgments));
  }
  return parts;
}

/** A paragraph's sentences as [start, end) string indices; the whole paragraph where it has no breaks. */
function spans({ context, sentenceBreaks }: SquadParagraph): [number, number][] {
  if (sentenceBreaks === undefined) return [[0, context.length]];
  return sentenceBreaks.map(([start, end]) => [stringIndex(context, start), stringIndex(context, end)]);
}

async function* sentences(path: string, file: FoundFile): AsyncGenerator<Located<Passage>> {
  let paragraph = 0;
  for await (const each of squadParagraphs(path)) {
    for (const [i, [start, end]] of spans(each).entries())
      yield {
        at: each.at,
        line: each.line,
        value: { id: `${file.groups[1]}-${paragraph}-${i}`, text: each.context.slice(start, end) },
      };
    paragraph++;
  }
}

async function* questions(path: string, file: FoundFile): AsyncGenerator<Located<Query>> {
  for await (const each of squadParagraphs(path))
    for (const question of each.questions)
      yield {
        at: each.at,
        line: each.line,
        value: {
          id: question.id,
          text: question.question,
          language: file.groups[1],
          answers: answerTexts(question),
        },
      };
}

/** The sentence in which an answer starts is the relevant one. */
async function* judgments(path: string, file: FoundFile): AsyncGenerator<Located<Judgment>> {
  let paragraph = 0;
  for await (const each of squadParagraphs(path)) {
    const bounds = spans(each);
    for (const question of each.questions) {
      const starts = question.answers.map(({ start }) => stringIndex(each.context, start));
      const relevant = new Set(
        starts.map((at) => bounds.findIndex(([start, end]) => start <= at && at < end)).filter((i) => i >= 0),
      );
      for (const i of relevant)
        yield {
          at: each.at,
          line: each.line,
          value: { query: question.id, passage: `${file.groups[1]}-${paragraph}-${i}`, grade: 1 },
        };
    }
    paragraph++;
  }
}
