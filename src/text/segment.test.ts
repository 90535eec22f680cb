import { describe, expect, it } from 'vitest';
import { foldCase, foldDiacritics, foldDigits } from './normalize.ts';
import { scripts, wordSpans, words } from './segment.ts';

describe('words', () => {
  it.each([
    ['sw', "Ng'ombe, habari!", ["Ng'ombe", 'habari']],
    ['yo', 'Ọba Ìbàdàn dé.', ['Ọba', 'Ìbàdàn', 'dé']],
    ['mr', 'नमस्ते जग।', ['नमस्ते', 'जग']],
    ['ar', 'السلام عليكم؟', ['السلام', 'عليكم']],
    ['th', 'ฉันรักแมว', ['ฉัน', 'รัก', 'แมว']],
    ['en', 'It cost 3.50 — cheap.', ['It', 'cost', '3.50', 'cheap']],
  ])('%s: %s', (language, text, expected) => expect(words(text, language)).toEqual(expected));

  it('stand where they say, in mixed directions too', () => {
    const text = 'He said «سلام» and 👍 “नमस्ते” שלום.';
    const spans = wordSpans(text, 'en');
    expect(spans.map((span) => span.word)).toEqual(['He', 'said', 'سلام', 'and', 'नमस्ते', 'שלום']);
    for (const { word, start } of spans) expect(text.slice(start, start + word.length)).toBe(word);
  });
});

describe('scripts', () => {
  it('counts letters by script, most frequent first', () => {
    expect([...scripts('Москва is 12 नमस्ते!')]).toEqual([
      ['Cyrillic', 6],
      ['Devanagari', 4],
      ['Latin', 2],
    ]);
    expect(scripts('123 ... 👍').size).toBe(0);
    expect([...scripts('日本のコト ꓐ')]).toEqual([
      ['Han', 2],
      ['Katakana', 2],
      ['Hiragana', 1],
      ['Other', 1],
    ]);
  });
});

describe('normalisations', () => {
  it('fold case in Greek and Turkish words too', () => {
    expect(foldCase('ΟΔΌΣ')).toBe(foldCase('οδός'));
    expect(foldCase('İSTANBUL')).toBe('istanbul');
    expect(foldCase('E\u0301')).toBe('\u00E9');
  });

  it('fold diacritics that words can be told without', () => {
    expect(foldDiacritics('ọjọ́ Ìbàdàn café Ρόδος')).toBe('ojo Ibadan cafe Ροδος');
    expect(foldDiacritics('مُحَمَّدٌ كـــتاب שָׁלוֹם')).toBe('محمد كتاب שלום');
    for (const kept of ['हिन्दी', 'น้ำ', 'йод їжак', '한글', 'ガ']) expect(foldDiacritics(kept)).toBe(kept);
  });

  it('fold the decimal digits of every script', () => {
    expect(foldDigits('२०२४ ٢٠٢٤ ๑๒ 𝟘𝟙 x7')).toBe('2024 2024 12 01 x7');
    const all = Array.from({ length: 0x1_1000 }, (_, i) => i)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((character) => /\p{Nd}/u.test(character))
      .join('');
    expect(foldDigits(all)).toMatch(/^(?:0123456789)+$/);
  });
});
