/** The readers of reading comprehension: passages once, answers where they stand, choices. */
import { describe, expect, it } from 'vitest';
import { allOf, labels, notesOf } from '../../../test/data-sets.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { openDataSet } from './catalogue.ts';
import { readJsonArray } from './json-array.ts';
import { passageId, stringIndex } from './squad-json.ts';

const folder = temporaryFolder();
const WATER = 'Water 💧 boils at 100 degrees. "Steam" rises; {brackets} stay.';
const BEES = 'Bees make honey. Bears eat it.';

describe('SQuAD', () => {
  it('has a passage once however many questions and paragraphs repeat it', async () => {
    expect(labels('squad')).toEqual([
      'passages.dev-v1.1',
      'queries.dev-v1.1',
      'qrels.dev-v1.1',
      'examples.dev-v1.1',
      'passages.train-v2.0',
      'queries.train-v2.0',
      'qrels.train-v2.0',
      'examples.train-v2.0',
    ]);
    expect(await allOf('squad', 'passages.dev-v1.1')).toEqual([
      { id: passageId(WATER), title: 'Kitchen physics', text: WATER },
      { id: passageId(BEES), title: 'Kitchen physics', text: BEES },
    ]);
    expect(await allOf('squad', 'qrels.dev-v1.1')).toEqual([
      { query: 'a1', passage: passageId(WATER), grade: 1 },
      { query: 'a2', passage: passageId(WATER), grade: 1 },
      { query: 'a3', passage: passageId(BEES), grade: 1 },
      { query: 'a4', passage: passageId(WATER), grade: 1 },
    ]);
  });

  it('gives each answer once to a query, and all with string indices to an example', async () => {
    expect((await allOf('squad', 'queries.dev-v1.1'))[0]).toEqual({
      id: 'a1',
      text: 'When does water boil?',
      language: 'en',
      answers: ['100 degrees'],
    });
    const [first, second] = await allOf('squad', 'examples.dev-v1.1');
    // The drop is one code point and two units of a string: published 17, here 18.
    expect(first).toMatchObject({ answers: ['100 degrees', '100 degrees'], answerStarts: [18, 18] });
    expect(WATER.slice(18, 29)).toBe('100 degrees');
    expect(second).toMatchObject({ question: 'What rises?', passage: passageId(WATER), language: 'en' });
    expect(second).not.toHaveProperty('contextLanguage');
  });

  it('2.0: a question without an answer has none, and no judgment', async () => {
    expect(await allOf('squad', 'examples.train-v2.0')).toMatchObject([
      { id: 'b1', answers: ['Bears'], answerStarts: [17] },
      { id: 'b2', answers: [], answerStarts: [] },
    ]);
    expect((await allOf('squad', 'qrels.train-v2.0')).map(({ query }) => query)).toEqual(['b1']);
  });
});

it('XQuAD: one language a file, ids shared', async () => {
  expect(labels('xquad').filter((label) => label.startsWith('q'))).toEqual([
    'queries.en',
    'qrels.en',
    'queries.hi',
    'qrels.hi',
  ]);
  expect(await allOf('xquad', 'queries.hi')).toEqual([
    { id: 'x1', text: 'पानी कब उबलता है?', language: 'hi', answers: ['100 डिग्री'] },
  ]);
});

it('MLQA: the passages of a context language, once over all question languages', async () => {
  expect(labels('mlqa')).toEqual([
    'passages.dev.en',
    ...['en', 'hi'].flatMap((language) =>
      ['queries', 'qrels', 'examples'].map((kind) => `${kind}.dev.en.${language}`),
    ),
  ]);
  expect((await allOf('mlqa', 'passages.dev.en')).map(({ text }) => text)).toEqual([BEES, WATER]);
  expect(await allOf('mlqa', 'examples.dev.en.hi')).toMatchObject([
    { id: 'm1', language: 'hi', contextLanguage: 'en', passage: passageId(BEES), answerStarts: [0] },
  ]);
});

it('LAReQA: sentences are the candidates, in every language of the pool', async () => {
  expect(labels('lareqa')).toEqual([
    'passages.xquad-r.en',
    'queries.xquad-r.en',
    'passages.xquad-r.th',
    'queries.xquad-r.th',
    'qrels.xquad-r',
    'passages.mlqa-r.en',
    'queries.mlqa-r.en',
    'qrels.mlqa-r',
  ]);
  expect(await allOf('lareqa', 'passages.xquad-r.th')).toEqual([
    { id: 'th-0-0', text: '💧 น้ำเดือดที่ 100 องศา' },
    { id: 'th-0-1', text: 'ไอน้ำลอยขึ้น' },
  ]);
  expect(await allOf('lareqa', 'qrels.xquad-r')).toEqual([
    { query: 'x1', passage: 'en-0-0', grade: 1 },
    { query: 'x2', passage: 'en-0-1', grade: 1 },
    { query: 'x1', passage: 'th-0-1', grade: 1 },
  ]);
});

it('AfriQA: native questions, passages of the pivot, answers that are no span, questions without a passage', async () => {
  expect(labels('afriqa').slice(0, 5)).toEqual([
    'passages.en',
    'passages.fr',
    'queries.swa.test',
    'qrels.swa.test',
    'examples.swa.test',
  ]);
  expect(await allOf('afriqa', 'passages.en')).toEqual([{ id: passageId(BEES), title: 'Honey', text: BEES }]);
  expect((await notesOf('afriqa', 'passages.en'))[0]).toMatch(/^1 no passage \(.*:3\)$/);
  expect(await allOf('afriqa', 'queries.swa.test')).toMatchObject([
    { id: 'swa-test-0', text: 'Nani hutengeneza asali?', language: 'swa', answers: ['Bees'] },
    { id: 'swa-test-1', answers: ['yes'] },
    { id: 'swa-test-2', answers: ['1990'] },
  ]);
  expect(await allOf('afriqa', 'examples.swa.test')).toMatchObject([
    { answerStarts: [0], contextLanguage: 'en' },
    { answerStarts: [-1] },
  ]);
});

it('Belebele: choices, and ids that are the same in all varieties', async () => {
  const english = await allOf('belebele', 'examples.eng_Latn');
  const swahili = await allOf('belebele', 'examples.swh_Latn');
  expect(swahili[0]).toMatchObject({
    question: 'Maji huchemka lini?',
    language: 'swh-Latn',
    choices: ['0', '50', '100', '200'],
    correct: 2,
    answers: ['100'],
  });
  expect(swahili.map(({ id }) => id)).toEqual(english.map(({ id }) => id));
  const passages = await allOf('belebele', 'passages.swh_Latn');
  expect(passages.map(({ text }) => text)).toEqual(['Maji huchemka kwa nyuzi 100.', 'Barafu ni baridi.']);
  expect(passages[1].id).toBe(`${passages[0].id}-1`);
  expect((await allOf('belebele', 'qrels.swh_Latn')).map(({ passage }) => passage)).toEqual([
    passages[0].id,
    passages[0].id,
    passages[1].id,
  ]);
});

describe('readJsonArray', () => {
  const elements = async (text: string) => {
    const found: unknown[] = [];
    for await (const { fields, line } of readJsonArray(folder.write('a.json', text), 'data'))
      found.push([line, fields]);
    return found;
  };

  it('yields the elements, whatever stands around and within', async () => {
    const text =
      '{"version": "data", "meta": {"data": [{"no": 1}]},\n"data": [{"a": "]}\\"["},\n {"b":\n [1, {}]}], "z": [{}]}';
    expect(await elements(text)).toEqual([
      [2, { a: ']}"[' }],
      [3, { b: [1, {}] }],
    ]);
    expect(await elements('{"data": []}')).toEqual([]);
  });

  it.each([
    ['{"data": [{"a": 1}', 'FILE_FORMAT', undefined],
    ['{"other": [{"a": 1}]}', 'FILE_FORMAT', undefined],
    ['[{"a": 1}]', 'FILE_FORMAT', undefined],
    ['{"data":\n[{"a": 1},\n{a: 1}]}', 'LINE_FORMAT', 3],
    ['{"data": [[1]]}', 'LINE_FORMAT', 1],
  ])('refuses %j', async (text, code, line) => {
    expect(await refusal(() => elements(text))).toMatchObject({ code, line });
  });
});

it('refuses a file in another layout, naming field and line', async () => {
  folder.write(
    'layout/xquad.en.json',
    '{"data": [\n{"title": "t", "paragraphs": [{"context": 5, "qas": []}]}]}',
  );
  const [part] = openDataSet('xquad', `${folder.path}/layout`);
  const error = await refusal(async () => {
    for await (const _ of part.read());
  });
  expect(error).toMatchObject({ code: 'LINE_FORMAT', line: 2 });
  expect(error.message).toContain('"context"');
});

it('stringIndex counts code points', () => {
  expect(stringIndex('a💧b', 2)).toBe(3);
  expect(stringIndex('ab', 9)).toBe(2);
});
