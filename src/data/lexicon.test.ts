import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readLexicon, readLexiconReport } from './lexicon.ts';

const folder = temporaryFolder();

describe('readLexicon', () => {
  it('reads entries with and without sources, normalised', async () => {
    const path = folder.write(
      'd.tsv',
      'water\tomi\twikt,cldr\ngood  morning\te\u0323 ka\u0301a\u0300ro\u0323\nwater\todò\t\n',
    );
    expect(await readLexicon(path, 'yor')).toEqual([
      { pivot: 'water', target: 'omi', language: 'yor', source: 'wikt,cldr' },
      { pivot: 'good morning', target: 'ẹ káàrọ', language: 'yor' },
      { pivot: 'water', target: 'odò', language: 'yor' },
    ]);
  });

  it('skips a header, and names lines without a side or a column', async () => {
    const path = folder.write('e.tsv', 'English\tArabic\tsources\nwater\tماء\na\t\twikt\n\tب\nbare\n');
    const { entries, skipped } = await readLexiconReport(path, 'ar');
    expect(entries).toEqual([{ pivot: 'water', target: 'ماء', language: 'ar' }]);
    expect(skipped).toEqual({ empty: [3, 4], columns: [5] });
  });

  it('refuses files without entries and unknown languages', async () => {
    expect((await refusal(() => readLexicon(folder.write('w', 'a\nb\n'), 'sw'))).code).toBe('COLUMN_MISSING');
    expect((await refusal(() => readLexicon(folder.write('v', 'a\t\n'), 'sw'))).code).toBe('FILE_EMPTY');
    expect((await refusal(() => readLexicon(folder.write('u', 'a\tb\n'), 'xx'))).code).toBe(
      'LANGUAGE_UNKNOWN',
    );
  });
});
