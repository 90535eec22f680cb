import { describe, expect, it } from 'vitest';
import { casingOf, withCasing } from './casing.ts';
import { isContentWord } from './function-words.ts';
import { phraseKey, pivotWords } from './words.ts';

const keys = (text: string) => pivotWords(text).map(({ key }) => key);

describe('pivotWords', () => {
  it('divides at hyphens and before the ending s, not within numbers and contractions', () => {
    expect(keys("China's well-known rivers don’t cost 1,200.50, U.S.A. says.")).toEqual([
      'china',
      'well',
      'known',
      'rivers',
      "don't",
      'cost',
      '1,200.50',
      'u.s.a',
      'says',
    ]);
  });

  it('gives places, and joins only over spaces, hyphens and the ending s', () => {
    const text = "Devil's advocate, clean-water";
    const words = pivotWords(text);
    expect(words.map(({ start, end }) => text.slice(start, end))).toEqual([
      'Devil',
      'advocate',
      'clean',
      'water',
    ]);
    expect(words.map(({ joined }) => joined)).toEqual([false, true, false, true]);
  });

  it('knows words of other scripts in a text', () => {
    expect(keys('ẹ́kọ̀ọ́ and हिन्दी و العربية')).toEqual(['ẹ́kọ̀ọ́', 'and', 'हिन्दी', 'و', 'العربية']);
    expect(keys('Cafe\u0301')).toEqual(['caf\u00e9']);
    expect(keys('')).toEqual([]);
  });

  it('makes keys of headwords as dictionaries write them', () => {
    expect(phraseKey('"Well-known"')).toBe('well known');
    expect(phraseKey('1 pl. inc')).toBe('1 pl inc');
    expect(phraseKey(' ⟩')).toBe('');
  });
});

describe('content words', () => {
  it('are words of letters that are no words of grammar', () => {
    expect(['river', 'naïve', 'पानी'].every(isContentWord)).toBe(true);
    expect(['the', 'which', '1990', '3rd', "don't", ''].some(isContentWord)).toBe(false);
  });
});

describe('casing', () => {
  it('is read from the words', () => {
    expect(casingOf(['water'], true)).toBe('plain');
    expect(casingOf(['Clean', 'water'], false)).toBe('first');
    expect(casingOf(['Clean', 'Water'], false)).toBe('each');
    expect(casingOf(['WATER'], false)).toBe('all');
    expect(casingOf(['A'], true)).toBe('first');
    expect(casingOf(['I'], false)).toBe('plain');
    expect(casingOf(['I'], true)).toBe('first');
    expect(casingOf(['iPhone'], false)).toBe('plain');
    expect(casingOf(['3D'], false)).toBe('plain');
  });

  it.each([
    ['maji safi', 'first', 'sw', 'Maji safi'],
    ['maji safi', 'each', 'sw', 'Maji Safi'],
    ['maji safi', 'all', 'sw', 'MAJI SAFI'],
    ['Wasser', 'plain', 'de', 'Wasser'],
    ['istasyon', 'first', 'tr', 'İstasyon'],
    ['ısı', 'first', 'az', 'Isı'],
    ['istasyon', 'all', 'tr', 'İSTASYON'],
    ['istasyon', 'first', 'fi', 'Istasyon'],
    ['ẹ́kọ̀ọ́', 'first', 'yo', 'Ẹ́kọ̀ọ́'],
    ['ɗaki', 'first', 'ha', 'Ɗaki'],
    ['вода', 'first', 'ru', 'Вода'],
    ['άλογο', 'first', 'el', 'Άλογο'],
    ['ßa', 'first', 'de', 'Ssa'],
    ["'yan sanda", 'first', 'ha', "'Yan sanda"],
    ['2 wakorintho', 'first', 'sw', '2 wakorintho'],
    ['पानी', 'first', 'hi', 'पानी'],
    ['ماء', 'all', 'ar', 'ماء'],
    ['น้ำ', 'each', 'th', 'น้ำ'],
    ['水', 'first', 'zh', '水'],
    ['წყალი', 'first', 'ka', 'წყალი'],
    ['წყალი', 'all', 'ka', 'წყალი'],
    ['-', 'first', 'sw', '-'],
  ] as const)('of %s, %s in %s, is %s', (translation, casing, language, cased) => {
    expect(withCasing(translation, casing, language)).toBe(cased);
  });
});
