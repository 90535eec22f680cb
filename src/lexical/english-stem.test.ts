import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { englishStem } from './english-stem.ts';

describe('englishStem', () => {
  it("stems as Snowball's own program does", () => {
    const golden = readFileSync(
      new URL('../../test/fixtures/english-stem/stems.tsv', import.meta.url),
      'utf8',
    )
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(golden.length).toBeGreaterThan(1000);
    expect(golden.map(([word]) => [word, englishStem(word)])).toEqual(golden);
  });

  it('brings the forms of a word together', () => {
    expect(
      new Set(['connect', 'connected', 'connecting', 'connection', 'connections'].map(englishStem)),
    ).toEqual(new Set(['connect']));
  });

  it.each(['69,197', 'covid19', 'señor', 'ọmọ', 'मालिक', 'سوق', 'น้ำ', 'is', ''])(
    'leaves %s alone',
    (word) => {
      expect(englishStem(word)).toBe(word);
    },
  );
});
