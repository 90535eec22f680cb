import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import type { BitextPair } from './bitext-pair.ts';
import { emptyReport, mergeReports } from './bitext-report.ts';
import { cleanBitext, countGraphemes, countWords, formatBitextReport, normaliseSentence } from './clean.ts';

const pairsOf = (...sides: [string, string][]): BitextPair[] =>
  sides.map(([pivot, target], i) => ({
    pivot,
    target,
    language: 'th',
    source: 's',
    at: 'a.tsv',
    line: i + 1,
  }));

const good: [string, string] = ['Where is the water?', 'น้ำอยู่ที่ไหน'];

describe('normaliseSentence', () => {
  it('composes and collapses white space, and keeps joiners', () => {
    expect(normaliseSentence('  o\u0323\u0300ro\u0323\u0300 \u00a0\t\r\n\u0000 Yorùbá ')).toBe('ọ̀rọ̀ Yorùbá');
    expect(normaliseSentence('می\u200cخواهم')).toBe('می\u200cخواهم');
  });
});

describe('counting', () => {
  it('counts what a reader sees', () => {
    expect(countGraphemes('water')).toBe(5);
    expect(countGraphemes('ọ̀rọ̀')).toBe(3);
    expect(countGraphemes('नमस्ते')).toBe([...new Intl.Segmenter('hi').segment('नमस्ते')].length);
    expect(countGraphemes('👩‍👩‍👧🇹🇿')).toBe(2);
  });

  it('counts words with and without spaces', () => {
    expect(countWords('Where is the water?')).toBe(4);
    expect(countWords('สวัสดีครับ', 'th')).toBe(2);
    expect(countWords('... !')).toBe(0);
  });
});

describe('cleanBitext', () => {
  it('counts each reason once, keeps three examples, lines and order', () => {
    const { pairs, report } = cleanBitext(
      pairsOf(
        good,
        ['', 'น้ำ'],
        ['Water', ' \t '],
        ['\u00a0', ''],
        ['', 'x'],
        ['Dar es Salaam', 'DAR ES SALAAM'],
        ['a'.repeat(1001), 'b'.repeat(900)],
        ['Yes.', 'คำ'.repeat(50)],
        [`  ${good[0]} `, good[1]],
        ['Milk', 'นม'],
      ),
    );
    expect(pairs.map(({ pivot, line }) => [pivot, line])).toEqual([
      [good[0], 1],
      ['Milk', 10],
    ]);
    expect(report).toMatchObject({ read: 10, kept: 2 });
    expect(formatBitextReport(report)).toBe(
      [
        'a.tsv: 10 read, 2 kept, 8 left out',
        '  4  a side is empty (lines 2, 3, 4, ...)',
        '  1  both sides are the same text (line 6)',
        '  1  a side is too long (line 7)',
        '  1  one side is many times longer than the other (line 8)',
        '  1  the same pair came before (line 9)',
      ].join('\n'),
    );
  });

  it('measures characters and ratio in graphemes, words by the language', () => {
    const marked = 'ọ̀'.repeat(30);
    const keep = (pivot: string, target: string, options: Parameters<typeof cleanBitext>[1]) =>
      cleanBitext(pairsOf(good, [pivot, target]), options).pairs.length === 2;
    expect(keep('o'.repeat(30), marked, { maxCharacters: 30 })).toBe(true);
    expect(keep('o'.repeat(30), marked, { maxCharacters: 29 })).toBe(false);
    expect(keep('water '.repeat(20), 'น้ำ '.repeat(20), { maxWords: 20 })).toBe(true);
    expect(keep('water '.repeat(21), 'น้ำ '.repeat(21), { maxWords: 20 })).toBe(false);
    // (50 + 10) / (10 + 10) = 3
    expect(keep('a'.repeat(50), 'ọ̀'.repeat(10), { maxRatio: 3 })).toBe(true);
    expect(keep('a'.repeat(51), 'ọ̀'.repeat(10), { maxRatio: 3 })).toBe(false);
  });

  it('keeps the same pair in two languages, and two translations of one sentence', () => {
    const pairs = pairsOf(['Water', 'Maji'], ['Water', 'Maji'], ['Water', 'Biyo']);
    const mixed = [pairs[0], { ...pairs[1], language: 'so' }, pairs[2]];
    expect(cleanBitext(mixed).pairs).toHaveLength(3);
  });

  it('continues an account without changing it, and cleaning twice changes nothing', () => {
    const before = { ...emptyReport(['a.tsv']), read: 5, skipped: { columns: { count: 3, examples: [] } } };
    const first = cleanBitext(pairsOf(good, ['', 'x']), {}, before);
    expect(first.report).toMatchObject({
      read: 5,
      kept: 1,
      skipped: { columns: { count: 3 }, empty: { count: 1 } },
    });
    expect(before).toEqual({
      ...emptyReport(['a.tsv']),
      read: 5,
      skipped: { columns: { count: 3, examples: [] } },
    });
    expect(cleanBitext(first.pairs).pairs).toEqual(first.pairs);
  });

  it('accounts for every pair', () => {
    const side = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('', 'Water', 'maji'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(side, side), { maxLength: 30 }), (sides) => {
        const { pairs, report } = cleanBitext(pairsOf(good, ...sides));
        const skipped = Object.values(report.skipped).reduce((sum, { count }) => sum + count, 0);
        expect(pairs.length + skipped).toBe(sides.length + 1);
        expect(report.kept).toBe(pairs.length);
      }),
    );
  });

  it('refuses when nothing is left, with the account', async () => {
    const error = await refusal(() => cleanBitext(pairsOf(['Water', 'water'])));
    expect(error).toMatchObject({ code: 'BITEXT_EMPTY', at: 'a.tsv' });
    expect(error.message).toContain('1  both sides are the same text (line 1)');
    expect((await refusal(() => cleanBitext([]))).code).toBe('BITEXT_EMPTY');
  });
});

describe('mergeReports', () => {
  it('adds counts up and names files in places', () => {
    const one = cleanBitext(pairsOf(good, ['', 'x'])).report;
    const other = cleanBitext(
      pairsOf(good, ['', 'x'], ['y', '']).map((pair) => ({ ...pair, at: 'deep/b.tsv' })),
    ).report;
    const merged = mergeReports([one, other]);
    expect(merged).toMatchObject({ files: ['a.tsv', 'deep/b.tsv'], read: 5, kept: 2 });
    expect(formatBitextReport(merged)).toContain('3  a side is empty (a.tsv:2, b.tsv:2, b.tsv:3)');
    expect(one.skipped.empty?.count).toBe(1);
  });
});
