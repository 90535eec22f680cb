import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { parseRunTable, readRunTable } from './run-table.ts';

const folder = temporaryFolder();
const table = (text: string) => parseRunTable(Buffer.from(text), 'a.run');
/** Query, passage and score of every entry, by query. */
function entries(text: string) {
  const { queries, first, entries: order, idStart, idEnd, scores, bytes } = table(text);
  return queries.map((query, q) => [
    query,
    ...Array.from(order.subarray(first[q], first[q + 1]), (entry) => [
      Buffer.from(bytes.subarray(idStart[entry], idEnd[entry])).toString(),
      scores[entry],
    ]),
  ]);
}

describe('readRunTable', () => {
  test('columns between spaces and tabs, queries in any order, blank lines, CRLF, words after the tag', () => {
    const text = 'q1\tQ0  डॉक्टर 1   2.5 t\r\n\nq2 Q0 b 1 -1e-3 t\r\n  q1 Q0 ọmọ 2 .5 last one two';
    expect(entries(text)).toEqual([
      ['q1', ['डॉक्टर', 2.5], ['ọmọ', 0.5]],
      ['q2', ['b', -0.001]],
    ]);
    expect(table(text).tag).toBe('last');
  });

  test('scores are read as JavaScript reads them', () => {
    const scores = [
      '0',
      '-0.5',
      '+3',
      '12.',
      '0.1',
      '123456789012345',
      '1234567890123456789',
      '0.1234567890123456789',
      '1e5',
      '-2.5E-7',
      '0000.30',
      '.00000000000000000000000001',
    ];
    const text = scores.map((score, i) => `q Q0 p${i} 0 ${score} t\n`).join('');
    expect(entries(text)[0].slice(1)).toEqual(scores.map((score, i) => [`p${i}`, Number(score)]));
  });

  test.each(['nan', 'NaN', 'inf', '1e999', '0x10', '1,5', '-', '.', '1e', '--1', '1.2.3'])(
    'refuses the score %s',
    (score) => {
      expect(() => table(`q Q0 p 1 2 t\nq Q0 r 1 ${score} t\n`)).toThrow(/a.run:2: the score .*RUN_FORMAT/);
    },
  );

  test.each([
    ['q 0 p 1', /4 columns .*\n.*--qrels/],
    ['q,Q0,p,1,2.5,t', /1 columns .*\n.*not by commas/],
    ['q Q0 p\u00a01 2.5 t', /5 columns .*\n.*other kinds of space/],
    ['q Q0 p 1 2.5', /5 columns .*\n.*"query Q0/],
  ])('refuses %s', (line, message) => {
    expect(() => table(`q Q0 x 1 2 t\n${line}\n`)).toThrow(message);
    expect(() => table(`q Q0 x 1 2 t\n${line}\n`)).toThrow(/a.run:2: /);
  });

  test('counts queries that are not in the order of their scores', () => {
    expect(table('a Q0 1 1 2 t\na Q0 2 2 2 t\nb Q0 1 1 1 t\nb Q0 2 2 2 t\na Q0 3 3 1 t\n').unsorted).toBe(1);
  });

  test('counts lines by what separates their columns', () => {
    const text = ' a Q0 1 1 2 t \t x\r\na\tQ0\t2\t2\t2\tt y\n\na Q0\t3 3 1 t\n\tb Q0  1 1 1 t\n';
    expect(table(text).separators).toEqual({ spaces: 2, tabs: 1, both: 1 });
  });

  test('files may be gzip and have a byte order mark; an empty one is an error', async () => {
    const path = folder.write('a.run.gz', gzipSync('\uFEFFq Q0 p 1 2 t\n'));
    expect((await readRunTable(path)).queries).toEqual(['q']);
    await expect(readRunTable(folder.write('empty.run', '\n \n'))).rejects.toThrow(/FILE_EMPTY/);
    await expect(readRunTable(folder.write('latin.run', Buffer.from([0x71, 0x20, 0xe9])))).rejects.toThrow(
      /FILE_ENCODING/,
    );
    await expect(readRunTable(`${path}.none`)).rejects.toThrow(/FILE_MISSING/);
  });

  test('a long run keeps every line', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `q${i % 7} Q0 p${i} 1 ${i / 8} t\n`);
    const { queries, first, scores, entries: order } = table(lines.join(''));
    expect([queries.length, first[7]]).toEqual([7, 5000]);
    expect(scores[order[first[3]]]).toBe(3 / 8);
  });
});
