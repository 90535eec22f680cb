import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readPassages } from './passages.ts';

const folder = temporaryFolder();
const line = (metadata: unknown) => JSON.stringify({ id: '1', text: 'a', metadata });

describe('metadata of JSON lines', () => {
  it('keeps strings, numbers, booleans and lists of strings, in any script', async () => {
    const metadata = {
      year: 2021,
      draft: false,
      nchi: 'Tanzania',
      विषय: ['मलेरिया', 'पानी'],
      orílẹ̀: 'Nàìjíríà',
    };
    const path = folder.write('m.jsonl', line(metadata));
    expect(await readPassages(path)).toEqual([{ id: '1', text: 'a', metadata }]);
  });

  it('leaves out what is null or empty', async () => {
    const path = folder.write('n.jsonl', `${line({ a: null })}\n{"id":"2","text":"b","metadata":{}}`);
    expect(await readPassages(path)).toEqual([
      { id: '1', text: 'a' },
      { id: '2', text: 'b' },
    ]);
  });

  it('keeps a field with a name that objects have of their own', async () => {
    const path = folder.write(
      'o.jsonl',
      '{"id":"1","text":"a","metadata":{"constructor":"x","toString":"y"}}',
    );
    const [{ metadata = {} }] = await readPassages(path);
    expect(Object.entries(metadata)).toEqual([
      ['constructor', 'x'],
      ['toString', 'y'],
    ]);
  });

  it.each([
    [line('who'), /field "metadata" is a string where an object/],
    [line(['who']), /field "metadata" is an array/],
    [line({ a: { b: 1 } }), /field "metadata.a" is an object/],
    [line({ a: ['x', 1] }), /field "metadata.a" is a list that holds something/],
    ['{"id":"1","text":"a","metadata":{"n":1e999}}', /field "metadata.n" is Infinity/],
    [line({ title: 'x' }), /field "metadata.title" has the name of a field of the passage itself/],
    [line({ ' ': 1 }), /has a field without a name/],
    [
      '{"id":"1","text":"a","metadata":{"__proto__":1}}',
      /field "metadata.__proto__" has a name that cannot be kept/,
    ],
  ])('refuses %s with its line', async (bad, what) => {
    const path = folder.write('bad.jsonl', `{"id":"0","text":"a"}\n${bad}`);
    const error = await refusal(() => readPassages(path));
    expect(error).toMatchObject({ code: 'LINE_FORMAT', at: path, line: 2 });
    expect(error.what).toMatch(what);
  });
});

describe('columns of TSV', () => {
  it('are named and typed by a header', async () => {
    const header = 'id\ttext\ttitle\tlang\tyear:number\tdraft:boolean\ttopics:strings\tኣገር';
    const rows = ['1\tmaji\tMaji\tsw\t2021\tTrue\tمياه | صحة\tኬንያ', '2\tomi\t\t\t\t\t\t', '3\tpani'];
    const path = folder.write('c.tsv', [header, ...rows].join('\n'));
    expect(await readPassages(path)).toEqual([
      {
        id: '1',
        text: 'maji',
        title: 'Maji',
        language: 'sw',
        metadata: { year: 2021, draft: true, topics: ['مياه', 'صحة'], ኣገር: 'ኬንያ' },
      },
      { id: '2', text: 'omi' },
      { id: '3', text: 'pani' },
    ]);
  });

  it.each([
    [
      'id\ttext\tyear:number\n1\ta\tsoon',
      'LINE_FORMAT',
      'field "year" is "soon" where a number is needed',
      2,
    ],
    ['id\ttext\tx:boolean\n1\ta\t1', 'LINE_FORMAT', 'field "x" is "1" where true or false is needed', 2],
    ['id\ttext\tx\tx:number\n1\ta', 'LINE_FORMAT', 'field "x" is named by two columns', 1],
    ['id\ttext\tx\t\n1\ta', 'LINE_FORMAT', 'field "metadata" has a field without a name', 1],
    ['id\ttext\tx\n1\ta\tb\tc', 'LINE_FORMAT', 'the row has 4 columns where 2 or 3 are needed', 2],
    ['1\ta\tb\tc', 'LINE_FORMAT', 'the row has 4 columns where 2 or 3 are needed', 1],
  ])('refuse %j', async (content, code, what, at) => {
    const path = folder.write('bad.tsv', content);
    expect(await refusal(() => readPassages(path))).toMatchObject({ code, what, at: path, line: at });
  });
});
