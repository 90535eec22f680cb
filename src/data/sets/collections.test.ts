/** The readers of collections, on a few invented records in each published layout. */
import { describe, expect, it } from 'vitest';
import { allOf, fixture, labels, notesOf } from '../../../test/data-sets.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { openDataSet } from './catalogue.ts';

const folder = temporaryFolder();

describe('MS MARCO', () => {
  it('finds every part by its published name', () => {
    expect(labels('msmarco')).toEqual([
      'passages',
      'queries.dev.small',
      'queries.train',
      'qrels.dev.small',
      'qrels.train',
      'triples.full.2',
      'text-triples.small',
      'passages.top1000.dev',
      'queries.top1000.dev',
      'candidates.top1000.dev',
    ]);
  });

  it('reads passages, queries, judgments; an empty passage is left out and told', async () => {
    expect(await allOf('msmarco', 'passages')).toEqual([
      { id: '0', text: 'Boil the water for one minute.' },
      { id: '1', text: 'A kettle boils water.' },
      { id: '3', text: 'Bees make honey.' },
    ]);
    expect(await notesOf('msmarco', 'passages')).toEqual([
      expect.stringMatching(/^1 empty \(.*collection\.tsv:3\)$/),
    ]);
    expect(await allOf('msmarco', 'queries.train')).toContainEqual({
      id: '11',
      text: 'who makes honey',
      language: 'en',
    });
    expect(await allOf('msmarco', 'qrels.train')).toEqual([
      { query: '10', passage: '0', grade: 1 },
      { query: '11', passage: '3', grade: 1 },
    ]);
  });

  it('reads triples of ids (gzip) and of texts, and the thousand passages to rerank', async () => {
    expect(await allOf('msmarco', 'triples.full.2')).toEqual([
      { query: '10', positive: '0', negative: '3' },
      { query: '11', positive: '3', negative: '1' },
    ]);
    expect(await allOf('msmarco', 'text-triples.small')).toEqual([
      {
        query: 'how long to boil water',
        positive: 'Boil the water for one minute.',
        negative: 'Bees make honey.',
      },
    ]);
    expect(await allOf('msmarco', 'candidates.top1000.dev')).toHaveLength(3);
    expect(await allOf('msmarco', 'passages.top1000.dev')).toEqual([
      { id: '3', text: 'Bees make honey.' },
      { id: '1', text: 'A kettle boils water.' },
    ]);
    expect(await allOf('msmarco', 'queries.top1000.dev')).toHaveLength(2);
  });
});

it('mMARCO: languages by their codes, the first version marked, runs ordered by rank', async () => {
  expect(labels('mmarco')).toEqual([
    'passages.hi',
    'passages.helsinki.zh',
    'queries.hi.dev.small',
    'queries.hi.train',
    'qrels.dev.small',
    'triples.small',
    'candidates.hi',
  ]);
  expect(await allOf('mmarco', 'queries.hi.train')).toEqual([
    { id: '10', text: 'पानी कितनी देर उबालें', language: 'hi' },
  ]);
  expect(await allOf('mmarco', 'candidates.hi')).toEqual([
    { query: '12', passage: '1', score: -1 },
    { query: '12', passage: '0', score: -2 },
  ]);
});

it('Sasaki et al.: the first sentences of the articles that a language judges', async () => {
  expect(labels('wikiclir')).toEqual([
    'passages.en-simple',
    'passages.sw',
    'queries.en-simple',
    'queries.sw',
    'qrels.en-simple',
    'qrels.sw',
  ]);
  expect(await allOf('wikiclir', 'queries.sw')).toEqual([
    { id: '1', text: 'is a liquid that all life needs .', language: 'en' },
    { id: '2', text: 'is food that bees make .', language: 'en' },
  ]);
  expect((await allOf('wikiclir', 'passages.sw'))[0]).toEqual({
    id: '101',
    title: 'Maji',
    text: 'Maji ni kimiminika muhimu .',
  });
  expect(await allOf('wikiclir', 'qrels.sw')).toContainEqual({ query: '1', passage: '102', grade: 1 });
});

it('WikiCLIR of Heidelberg', async () => {
  expect(labels('wikiclir-heidelberg')).toEqual([
    'queries.dev',
    'passages.train',
    'qrels.train',
    'queries.train',
  ]);
  expect(await allOf('wikiclir-heidelberg', 'qrels.train')).toEqual([
    { query: '5', passage: '55', grade: 3 },
  ]);
  expect(await allOf('wikiclir-heidelberg', 'queries.dev')).toEqual([
    { id: '6', text: 'ist ein Gewürz .', language: 'de' },
  ]);
});

it('CLIRMatrix: queries and graded judgments of one file, documents of another', async () => {
  expect(labels('clirmatrix')).toEqual([
    'passages.yo',
    'queries.bi139-base.en.yo.test1',
    'qrels.bi139-base.en.yo.test1',
    'queries.bi139-full.en.yo.train',
    'qrels.bi139-full.en.yo.train',
    'queries.multi8.en.ar.dev',
    'qrels.multi8.en.ar.dev',
  ]);
  expect(await allOf('clirmatrix', 'passages.yo')).toContainEqual({ id: '7', text: 'Omi jẹ́ ohun mímu' });
  expect(await allOf('clirmatrix', 'queries.bi139-base.en.yo.test1')).toEqual([
    { id: '70', text: 'Water', language: 'en' },
  ]);
  expect(await allOf('clirmatrix', 'qrels.bi139-base.en.yo.test1')).toEqual([
    { query: '70', passage: '7', grade: 6 },
    { query: '70', passage: '8', grade: 0 },
  ]);
});

it('AfriCLIRMatrix', async () => {
  expect(labels('africlirmatrix')).toEqual(['passages.yor', 'queries.yor', 'qrels.yor']);
  expect((await allOf('africlirmatrix', 'passages.yor'))[0]).toEqual({
    id: '62',
    text: 'Omi jẹ́ ohun mímu tí kò ní àwọ̀.',
  });
  expect(await allOf('africlirmatrix', 'qrels.yor')).toEqual([{ query: '1', passage: '62', grade: 6 }]);
});

it('CIRAL', async () => {
  expect(labels('ciral')).toEqual([
    'passages.sw',
    'queries.sw.dev',
    'queries.sw.test-a',
    'qrels.sw.dev',
    'qrels.sw.test-a-pools',
  ]);
  expect(await allOf('ciral', 'passages.sw')).toEqual([
    { id: 'DOCID#0#0', title: 'Habari', text: 'Maji safi yamefika kijijini.' },
    { id: 'DOCID#0#1', text: 'Watu walishangilia.' },
  ]);
});

it('MIRACL: a corpus of several files, in their order; a repeated id is left out and told', async () => {
  expect(labels('miracl')).toEqual(['passages.th', 'queries.th.dev', 'qrels.th.dev']);
  expect((await allOf('miracl', 'passages.th')).map(({ id }) => id)).toEqual(['1#0', '1#1']);
  expect((await notesOf('miracl', 'passages.th'))[0]).toMatch(/^1 duplicate \(.*docs-1\.jsonl\.gz:2\)$/);
  expect(await allOf('miracl', 'queries.th.dev')).toEqual([{ id: '5', text: 'น้ำเดือดกี่องศา', language: 'th' }]);
});

it('HC4 and NeuCLIR: originals and human translations of topics, no machine translations', async () => {
  expect(labels('hc4')).toEqual([
    'passages.fas',
    ...['eng', 'fas', 'rus', 'zho'].flatMap((code) => [
      `queries.${code}.dev.v1-0`,
      `queries.${code}.dev.v1-0.description`,
    ]),
    'qrels.fas.dev.v1-0',
  ]);
  expect(await allOf('hc4', 'queries.fas.dev.v1-0')).toEqual([{ id: '1', text: 'آب پاک', language: 'fas' }]);
  expect(await allOf('hc4', 'queries.eng.dev.v1-0.description')).toEqual([
    { id: '1', text: 'Clean water. Articles about clean water.', language: 'eng' },
  ]);
  expect(await allOf('hc4', 'queries.rus.dev.v1-0')).toEqual([]);
  expect(await allOf('hc4', 'passages.fas')).toEqual([
    { id: 'a-1', title: 'آب', text: 'آب پاک به روستا رسید.' },
  ]);
  expect(labels('neuclir')).toEqual(['passages.rus', 'qrels.rus.neuclir-2022-qrels']);
});

it('BEIR: folders by their names, forums of CQADupStack too', async () => {
  expect(labels('beir')).toEqual([
    'passages.cqadupstack.android',
    'passages.scifact',
    'queries.scifact',
    'qrels.scifact.test',
  ]);
  expect(await allOf('beir', 'passages.scifact')).toEqual([
    { id: 'd1', title: 'Water', text: 'Water boils.' },
  ]);
  expect(await allOf('beir', 'qrels.scifact.test')).toEqual([{ query: 'q1', passage: 'd1', grade: 1 }]);
  expect(openDataSet('beir', fixture('beir/scifact')).map(({ name }) => name)).toEqual(['', '', 'test']);
});

describe('TREC', () => {
  it('reads documents: SGML with entities, without a text element, several on a line', async () => {
    expect(await allOf('trec', 'passages')).toEqual([
      { id: 't-1', text: 'ماء نظيف' },
      { id: 't-2', text: 'second on two lines' },
      { id: 'LA010189-0001', title: 'WATER & HONEY', text: 'Boil the water. Café — open.' },
      { id: 'LA010189-0002', text: 'A note without a text element: 1 < 2.' },
    ]);
  });

  it('reads topics: of TREC without end tags, of CLEF with language', async () => {
    expect(await allOf('trec', 'queries.301-302')).toEqual([
      { id: '301', text: 'International Organized Crime' },
      { id: '302', text: 'Poliomyelitis' },
    ]);
    expect(await allOf('trec', 'queries.301-302.description')).toContainEqual({
      id: '301',
      text: 'Identify organizations that are criminal.',
    });
    expect(await allOf('trec', 'queries.clef')).toEqual([
      { id: 'C041', text: 'Pestizide in Babynahrung', language: 'de' },
      { id: '10.2452/401-AH', text: 'Maji safi', language: 'sw' },
    ]);
    expect((await allOf('trec', 'queries.clef.description'))[0]).toMatchObject({
      text: 'Berichte über Pestizide.',
    });
    expect(await allOf('trec', 'qrels.301-302')).toHaveLength(2);
  });

  it.each([
    ['<DOC>\n<DOCNO>a</DOCNO>\n', 'FILE_FORMAT', 1],
    ['\n<DOC>\n<TEXT>no number</TEXT>\n</DOC>\n', 'LINE_FORMAT', 2],
    ['nothing here\n', 'FILE_FORMAT', undefined],
  ])('refuses %j', async (content, code, line) => {
    const path = folder.write(`trec-bad-${code}-${line}/a.sgml`, content);
    const [part] = openDataSet('trec', path.replace('/a.sgml', ''));
    expect(await refusal(() => drain(part.read()))).toMatchObject({ code, line, at: path });
  });
});

describe('files that are not as published', () => {
  it.each([
    ['msmarco', 'collection.tsv', '0\tfine\n1\n', 'COLUMN_MISSING', 2],
    ['msmarco', 'collection.tsv', '0\tfine\n1\ta\tb\n', 'LINE_FORMAT', 2],
    ['msmarco', 'qrels.dev.tsv', '1\t0\t2\t1\n1\t0\t3\tyes\n', 'RUN_FORMAT', 2],
    ['msmarco', 'qrels.dev.tsv', '1\t0\t2\t1\n1\t3\n', 'RUN_FORMAT', 2],
    ['ciral', 'hausa_passages.jsonl', '{"docid": "1", "text": "a"}\n{"docid": "2"}\n', 'LINE_FORMAT', 2],
    [
      'clirmatrix',
      'en.sw.dev.jl',
      '{"src_id": "1", "src_query": "a", "tgt_results": [1]}\n',
      'LINE_FORMAT',
      1,
    ],
    ['hc4', 'dev.topics.jsonl', '{"topic_id": "1"}\n', 'LINE_FORMAT', 1],
    ['beir', 'corpus.jsonl', '{"_id": "1", "text": "a"}\n{"_id": "2", "text"\n', 'LINE_FORMAT', 2],
    ['mmarco', 'run.bm25_hindi-msmarco.txt', '1\t2\tfirst\n', 'RUN_FORMAT', 1],
    ['msmarco', 'collection.tsv', '', 'FILE_EMPTY', undefined],
  ])('%s: %s', async (set, file, content, code, line) => {
    const name = `bad-${set}-${code}-${content.length}`;
    const path = folder.write(`${name}/${file}`, content);
    const error = await refusal(async () => {
      for (const part of openDataSet(set, `${folder.path}/${name}`)) await drain(part.read());
    });
    expect(error).toMatchObject({ code, at: path, line });
    expect(error.hint).not.toBe('');
  });

  it('a folder without any of them, a file, no folder, no such set', async () => {
    const place = folder.write('other/readme.txt', 'x').replace('/readme.txt', '');
    const error = await refusal(() => openDataSet('miracl', place));
    expect(error.code).toBe('FILE_MISSING');
    expect(error.hint).toContain('readme.txt');
    expect((await refusal(() => openDataSet('miracl', `${place}/readme.txt`))).code).toBe('FILE_FORMAT');
    expect((await refusal(() => openDataSet('miracl', `${place}/none`))).code).toBe('FILE_MISSING');
    expect((await refusal(() => openDataSet('mirakl', place))).hint).toContain('Did you mean miracl?');
  });
});

async function drain(records: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of records);
}
