/** The readers of passages and queries: formats, fields, ids. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readPassages, streamPassages } from './passages.ts';
import { readQueries } from './queries.ts';

const folder = temporaryFolder();

describe('readPassages', () => {
  it('reads JSON lines, BEIR ids, numbers as ids, and drops other fields', async () => {
    const path = folder.write(
      'p.jsonl',
      [
        '{"id": "a", "text": "Maji", "title": "Water", "split": "train"}',
        '',
        '{"_id": "b", "text": "पानी", "title": ""}',
        '{"id": 12, "text": "ماء", "title": null}',
      ].join('\n'),
    );
    expect(await readPassages(path)).toEqual([
      { id: 'a', text: 'Maji', title: 'Water' },
      { id: 'b', text: 'पानी' },
      { id: '12', text: 'ماء' },
    ]);
  });

  it('reads TSV by name, with or without a header or a title, gzip too', async () => {
    const plain = [
      { id: '0', text: 'first' },
      { id: '1', text: 'second', title: 'Title' },
    ];
    expect(await readPassages(folder.write('c.tsv', '0\tfirst\n1\tsecond\tTitle\n'))).toEqual(plain);
    const headed = gzipSync('id\ttext\ttitle\n0\tfirst\t\n1\tsecond\tTitle\n');
    expect(await readPassages(folder.write('c.tsv.gz', headed))).toEqual(plain);
  });

  it('streams in file order', async () => {
    const path = folder.write('s.jsonl', '{"id":"2","text":"b"}\n{"id":"1","text":"a"}\n');
    const ids: string[] = [];
    for await (const { id } of streamPassages(path)) ids.push(id);
    expect(ids).toEqual(['2', '1']);
  });

  it('accepts a passage whose title is all there is', async () => {
    const path = folder.write('t.jsonl', '{"id":"1","text":"","title":"Only a title"}\n');
    expect(await readPassages(path)).toEqual([{ id: '1', text: '', title: 'Only a title' }]);
  });

  it.each([
    ['{"id": "1", "text": "a"', /is not JSON/],
    ['["a"]', /an array where a JSON object/],
    ['"a"', /a string where a JSON object/],
    ['null', /null where a JSON object/],
    ['{"text": "a"}', /field "id" is missing/],
    ['{"id": "", "text": "a"}', /field "id" is empty/],
    ['{"id": true, "text": "a"}', /field "id" is a boolean/],
    ['{"id": 1.5, "text": "a"}', /field "id" is 1.5/],
    ['{"id": 12345678901234567890, "text": "a"}', /no whole number that JSON keeps/],
    ['{"_id": {}, "text": "a"}', /field "_id" is an object/],
    ['{"id": "1"}', /field "text" is missing/],
    ['{"id": "1", "text": 5}', /field "text" is a number/],
    ['{"id": "1", "text": "a", "title": []}', /field "title" is an array/],
    ['{"id": "1", "text": " "}', /field "text" is empty/],
  ])('refuses %s with the line', async (row, message) => {
    const path = folder.write('bad.jsonl', `{"id": "0", "text": "fine"}\n\n${row}\n`);
    const error = await refusal(() => readPassages(path));
    expect(error).toMatchObject({ code: 'LINE_FORMAT', at: path, line: 3 });
    expect(error.message).toMatch(message);
    expect(error.hint).not.toBe('');
  });

  it('tells that a file is one JSON array', async () => {
    const error = await refusal(() => readPassages(folder.write('array.jsonl', '[\n{"id":"1"}\n]\n')));
    expect(error.hint).toContain('JSON array');
  });

  it('refuses a second record with the same id, naming both lines', async () => {
    const path = folder.write(
      'd.jsonl',
      '{"id":7,"text":"a"}\n{"id":"8","text":"b"}\n{"id":"7","text":"c"}\n',
    );
    const error = await refusal(() => readPassages(path));
    expect(error).toMatchObject({ code: 'DUPLICATE_ID', line: 3 });
    expect(error.message).toContain('passage id "7" is already on line 1');
  });

  it.each([
    ['only-id\n', 'COLUMN_MISSING'],
    ['1\ta\tb\tc\n', 'LINE_FORMAT'],
    ['\ta\n', 'LINE_FORMAT'],
    ['1\t \n', 'LINE_FORMAT'],
    ['id\ttext\n', 'FILE_EMPTY'],
  ])('refuses the TSV %j', async (content, code) => {
    expect((await refusal(() => readPassages(folder.write('bad.tsv', content)))).code).toBe(code);
  });
});

describe('readQueries', () => {
  it('reads language and answers', async () => {
    const path = folder.write(
      'q.jsonl',
      [
        '{"id": "1", "lang": "sw", "text": "Maji ni nini?", "answers": ["kinywaji"], "en": "What is water?"}',
        '{"id": "2", "language": "yo", "text": "Kí ni omi?"}',
        '{"_id": 3, "text": "What?", "answers": "one"}',
      ].join('\n'),
    );
    expect(await readQueries(path)).toEqual([
      { id: '1', text: 'Maji ni nini?', language: 'sw', answers: ['kinywaji'] },
      { id: '2', text: 'Kí ni omi?', language: 'yo' },
      { id: '3', text: 'What?', answers: ['one'] },
    ]);
  });

  it('takes the words from another field for an oracle run', async () => {
    const path = folder.write('o.jsonl', '{"id":"1","lang":"sw","text":"Maji?","en":"Water?"}\n');
    expect(await readQueries(path, { textField: 'en' })).toEqual([{ id: '1', text: 'Water?' }]);
    const without = await refusal(() => readQueries(path, { textField: 'fr' }));
    expect(without.message).toContain('field "fr" is missing');
    const tsv = folder.write('o.tsv', '1\tMaji?\n');
    expect((await refusal(() => readQueries(tsv, { textField: 'en' }))).code).toBe('COLUMN_MISSING');
  });

  it('reads TSV', async () => {
    const path = folder.write('q.tsv', 'query_id\tquery\n5\tnchi gani?\n');
    expect(await readQueries(path)).toEqual([{ id: '5', text: 'nchi gani?' }]);
  });

  it.each([
    ['{"id":"1","text":""}', /field "text" is empty/],
    ['{"id":"1","text":"a","lang":4}', /field "lang" is a number/],
    ['{"id":"1","text":"a","answers":["x",3]}', /field "answers" holds something/],
    ['{"id":"1","text":"a","answers":{}}', /field "answers" is an object/],
  ])('refuses %s', async (row, message) => {
    const error = await refusal(() => readQueries(folder.write('bad.jsonl', `${row}\n`)));
    expect(error).toMatchObject({ code: 'LINE_FORMAT', line: 1 });
    expect(error.message).toMatch(message);
  });

  it('refuses the same id twice', async () => {
    const path = folder.write('d.tsv', '1\ta\n1\tb\n');
    expect((await refusal(() => readQueries(path))).message).toContain('query id "1" is already on line 1');
  });
});
