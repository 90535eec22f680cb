import { describe, expect, it } from 'vitest';
import { examineDictionary } from './dictionary-use.ts';

const entry = (pivot: string, target: string, source = 'a') => ({ pivot, target, language: 'sw', source });
const entries = [
  entry('water', 'maji', 'a,b'),
  entry('liquid', 'maji'),
  entry('clean', 'safi'),
  entry('pure', 'safi'),
  entry('good morning', 'habari ya asubuhi'),
];
const input = {
  language: 'sw',
  pivotLanguage: 'en',
  files: ['en-sw.tsv'],
  entries,
  leftOut: 0,
  texts: ['Maji safi ni muhimu', 'habari ya asubuhi'],
  pivotTexts: [],
};

describe('examineDictionary', () => {
  it('counts known words, phrases, translations and ties by hand', async () => {
    const { figures, verdict } = await examineDictionary(input);
    // maji, safi and the three words of the phrase are known: 5 of 7 words in 3 entries with 2, 2 and 1 translations.
    // maji has a best one by its two sources, safi has not.
    expect(figures).toMatchObject({ words: 7, coverage: 5 / 7, translations: 5 / 3, ties: 1 / 3 });
    expect(verdict).toBe('ready');
  });

  it('counts content words of English texts', async () => {
    const { figures } = await examineDictionary({
      ...input,
      pivotTexts: ['the water is clean, the road is not'],
    });
    expect(figures.pivotContentWords).toBeCloseTo(2 / 3);
  });

  it('names frequent words that are missing', async () => {
    const texts = Array(5).fill('nyumba kubwa nyumba ndogo maji');
    const { verdict, findings } = await examineDictionary({ ...input, texts });
    expect(verdict).toBe('care'); // 1 of 5 words
    expect(findings[0].examples?.slice(0, 2)).toEqual(['nyumba', 'kubwa']);
    expect(findings[0].remedy).toContain('refract lexicon induce --bitext sw=FILE');
  });

  it.each([
    ['by text of the new language', { texts: Array(30).fill('maji safi'), pivotTexts: [] }],
    ['by text of the pivot language', { pivotTexts: Array(30).fill('clean water') }],
  ])('refuses a dictionary the wrong way round, told %s', async (_, texts) => {
    const reversed = entries.map((each) => ({ ...each, pivot: each.target, target: each.pivot }));
    const { verdict, findings } = await examineDictionary({ ...input, entries: reversed, ...texts });
    expect(verdict).toBe('unfit');
    expect(findings[0].what).toContain('looks as if it went from Swahili to English');
    expect(findings[0].remedy).toContain('awk');
    const right = await examineDictionary({ ...input, ...texts });
    expect(right.verdict).not.toBe('unfit');
  });
});
