/**
 * The large-scale CLIR data set of Sasaki et al. 2018 (NAACL, "Cross-Lingual Learning-to-Rank with Shared
 * Representations"), also called WikiCLIR: https://www.cs.jhu.edu/~kevinduh/a/wikiclir2018/ . Names and columns as
 * read by https://github.com/allenai/ir_datasets/blob/master/ir_datasets/datasets/wikiclir.py : one file of English
 * queries (`id title first_sentence`), and for each of 25 languages documents (`id title text`, 200 words) and
 * judgments (`query document grade`; 2 the document of the same article, 1 documents linked both ways).
 *
 * The query is the article's first sentence. A language's queries are those that its judgments name.
 */
import type { Passage, Query } from '../records.ts';
import type { AnyPart, DataSet } from './data-set.ts';
import { IdTable } from './id-table.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { type Located, qrels, tsvRows } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';

/** The catalogue's entry. Sizes: documents, queries and judgments as counted by ir_datasets. */
export const wikiclir: DataSet = {
  name: 'wikiclir',
  title: 'Large-scale CLIR data set (Sasaki et al. 2018)',
  home: 'https://www.cs.jhu.edu/~kevinduh/a/wikiclir2018/',
  licence: 'none stated; text of Wikipedia, CC BY-SA',
  languages: 'ar ca cs de en-simple es fi fr it ja ko nl nn no pl pt ro ru sv sw tl tr uk vi zh',
  layout: 'wiki-clir/english/wiki_en.queries, wiki-clir/{language}/wiki_{code}.documents, .../en2{code}.rel',
  size: '25 languages, 7,036,445,773 bytes packed',
  source: 'https://ir-datasets.com/wikiclir.html',
  published: {
    ...sizes('de', 2_091_278, 938_217, 5_550_454),
    ...sizes('es', 1_302_958, 781_642, 2_894_807),
    ...sizes('pt', 973_057, 611_732, 1_741_889),
    ...sizes('ro', 376_655, 199_264, 451_180),
    ...sizes('ru', 1_413_945, 664_924, 2_321_384),
    ...sizes('tl', 79_008, 48_930, 72_359),
    ...sizes('tr', 295_593, 185_388, 380_651),
    ...sizes('vi', 1_392_152, 354_312, 611_355),
    ...sizes('zh', 951_480, 463_273, 926_130),
  },
  files: [
    {
      url: 'https://www.cs.jhu.edu/~kevinduh/a/wikiclir2018/wiki-clir.tar.gz',
      path: 'wiki-clir.tar.gz',
      bytes: 7_036_445_773,
      md5: '705abb611eb8cbab9ced2b8767a3bdb6',
    },
  ],
  byHand: 'Unpack it: tar -xzf wiki-clir.tar.gz.',
  open: openWikiclir,
};

function sizes(
  language: string,
  documents: number,
  queries: number,
  judgments: number,
): Record<string, number> {
  return {
    [`passages.${language}`]: documents,
    [`queries.${language}`]: queries,
    [`qrels.${language}`]: judgments,
  };
}

function openWikiclir(folder: SetFolder): AnyPart[] {
  const [queries] = folder.find(/wiki_en\.queries/);
  const judgments = folder.find(/en2([a-z]+)\.rel/);
  const parts: AnyPart[] = [
    ...folder
      .find(/wiki_([a-z]+)\.documents/)
      .map((file) => passagesPart(languageOf(file), [file], documents)),
    ...(queries === undefined
      ? []
      : judgments.map((file) =>
          queriesPart(languageOf(file), [queries], (path) => judgedQueries(path, file)),
        )),
    ...judgments.map((file) => qrelsPart(languageOf(file), [file])),
  ];
  if (parts.length === 0)
    throw folder.nothingFound('wiki_en.queries, wiki_sw.documents, en2sw.rel and the like');
  return parts;
}

function languageOf({ groups: [code] }: FoundFile): string {
  return code === 'simple' ? 'en-simple' : code;
}

async function* documents(path: string): AsyncGenerator<Located<Passage>> {
  for await (const { at, line, value } of tsvRows(path, ['id', 'title', 'text'])) {
    const [id, title, text] = value;
    yield { at, line, value: { id: id.trim(), text, ...(title.trim() !== '' && { title }) } };
  }
}

async function* judgedQueries(path: string, judgments: FoundFile): AsyncGenerator<Located<Query>> {
  const judged = new IdTable();
  for await (const { line, value } of qrels(judgments.path)) judged.add(value.query, line);
  for await (const { at, line, value } of tsvRows(path, ['id', 'title', 'first sentence'])) {
    const [id, title, sentence] = value;
    if (judged.has(id.trim()))
      yield {
        at,
        line,
        value: { id: id.trim(), text: sentence.trim() === '' ? title : sentence, language: 'en' },
      };
  }
}
