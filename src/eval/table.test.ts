import { describe, expect, test } from 'vitest';
import { evaluate } from './evaluate.ts';
import { displayWidth, evaluationTable, formatTable } from './table.ts';

const table = {
  columns: ['system', 'nDCG@10', 'queries'],
  rows: [
    ['zero-shot', 0.1754, 137],
    ['OPTICAL, "best"|so far', 0.4, 137],
    ['ภาษาไทย 日本', undefined, 9],
  ],
  counts: ['queries'],
};

describe('formatTable', () => {
  test('text aligns by what a terminal shows', () => {
    expect(formatTable(table, 'text')).toBe(
      [
        'system                  nDCG@10  queries',
        'zero-shot                 0.175      137',
        'OPTICAL, "best"|so far    0.400      137',
        'ภาษาไทย 日本                  -        9',
        '',
      ].join('\n'),
    );
  });

  test('Markdown escapes bars', () => {
    const lines = formatTable(table, 'markdown', 2).split('\n');
    expect(lines[1]).toBe('| ----------------------- | ------: | ------: |');
    expect(lines[2]).toBe('| zero-shot               |    0.18 |     137 |');
    expect(lines[3]).toBe('| OPTICAL, "best"\\|so far |    0.40 |     137 |');
  });

  test('CSV quotes by RFC 4180 and keeps every digit', () => {
    expect(formatTable(table, 'csv').split('\r\n')).toEqual([
      'system,nDCG@10,queries',
      'zero-shot,0.1754,137',
      '"OPTICAL, ""best""|so far",0.4,137',
      'ภาษาไทย 日本,,9',
      '',
    ]);
  });

  test('JSON is an array of objects', () => {
    expect(JSON.parse(formatTable(table, 'json'))[2]).toEqual({
      system: 'ภาษาไทย 日本',
      'nDCG@10': null,
      queries: 9,
    });
  });

  test('whole values of a measure keep their decimals, odd numbers are shown as they are', () => {
    expect(formatTable({ columns: ['a'], rows: [[1], [0], [Number.NaN]] }, 'text')).toBe(
      '    a\n1.000\n0.000\n  NaN\n',
    );
  });
});

test('evaluationTable has a row a system and shows gaps only where there are any', () => {
  const judgments = [{ query: 'q', passage: 'a', grade: 1 }];
  const full = evaluate(judgments, [{ query: 'q', passage: 'a', score: 1 }], ['AP']);
  const empty = evaluate(judgments, [], ['AP', 'R@1']);
  expect(evaluationTable([['full', full]]).columns).toEqual(['system', 'AP', 'queries']);
  const both = evaluationTable([
    ['full', full],
    ['empty', empty],
  ]);
  expect(both.columns).toEqual(['system', 'AP', 'R@1', 'queries', 'missing']);
  expect(both.rows).toEqual([
    ['full', 1, undefined, 1, 0],
    ['empty', 0, 0, 1, 1],
  ]);
});

test('displayWidth counts marks as nothing and wide characters as two', () => {
  expect(displayWidth('कि')).toBe(2);
  expect(displayWidth('ọ́'.normalize('NFD'))).toBe(1);
  expect(displayWidth('漢字🌾')).toBe(6);
});
