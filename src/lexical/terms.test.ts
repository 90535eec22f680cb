import { describe, expect, test } from 'vitest';
import { fold, words } from './terms.ts';

describe('words', () => {
  test('lower-cases and drops punctuation, keeping repetitions and order', () => {
    expect(words('The bus, the BUS (no. 7)!')).toEqual(['the', 'bus', 'the', 'bus', 'no', '7']);
  });

  test('keeps numbers with their separators whole', () => {
    expect(words('69,197 people paid 3.14, then 5.')).toEqual([
      '69,197',
      'people',
      'paid',
      '3.14',
      'then',
      '5',
    ]);
    expect(words('3.5km')).toEqual(['3', '5km']);
    expect(words('٣٫١٤')).toEqual(['٣٫١٤']);
  });

  test('normalises compatibility forms', () => {
    expect(words('ＡＢＣ １２ ﬁsh')).toEqual(['abc', '12', 'fish']);
  });

  test('keeps Yoruba tone marks with their letters, composed or not', () => {
    const composed = words('Ọmọ Yorùbá ń kọ́'.normalize('NFC'));
    expect(composed).toHaveLength(4);
    expect(words('Ọmọ Yorùbá ń kọ́'.normalize('NFD'))).toEqual(composed);
  });

  test('keeps Devanagari vowel signs and joiners inside a word', () => {
    expect(words('पैंथर्स ने कितने')).toEqual(['पैंथर्स', 'ने', 'कितने']);
    expect(words('क्\u200dष')).toHaveLength(1);
  });

  test('reads Arabic and mixed directions', () => {
    expect(words('كم نقطة؟ (FIFA 2022)')).toEqual(['كم', 'نقطة', 'fifa', '2022']);
  });

  test('cuts Thai and Chinese by dictionary, and only them', () => {
    const thai = words('ทีมรับของแพนเธอร์ส FIFA');
    expect(thai.length).toBeGreaterThan(3);
    expect(thai.slice(0, -1).join('')).toBe('ทีมรับของแพนเธอร์ส');
    expect(thai.at(-1)).toBe('fifa');
    expect(words('地震。')).toEqual(['地震']);
  });

  test.each([
    ['Japanese', '東京の天気は雨です', ['東京', '天気', '雨']],
    ['Khmer', 'ខ្ញុំស្រឡាញ់ភាសាខ្មែរ', ['ខ្ញុំ', 'ស្រឡាញ់']],
    ['Lao', 'ຂ້ອຍຮັກນ້ຳ', ['ຂ້ອຍ', 'ຮັກ']],
    ['Burmese', 'ရေသန့်ရှိသလား', ['ရေ']],
  ])('cuts %s by dictionary, whatever the language given', (_, text, expected) => {
    const terms = words(text, 'en');
    expect(terms.join('')).toBe(text.normalize('NFKC'));
    expect(terms).toEqual(expect.arrayContaining(expected));
    expect(words(text)).toEqual(terms);
  });

  test.each([
    ['a soft hyphen', 'Staub\u00adsauger', ['staubsauger']],
    ['a word joiner and a byte order mark', '\ufeffma\u2060ji sa\ufefffi', ['maji', 'safi']],
    ['marks of direction around and in words', '\u200fסלו\u200eם\u200f (\u202bعالم\u202c)', ['סלום', 'عالم']],
    ['isolates between letters and digits', 'FIFA\u2066 20\u206922', ['fifa', '2022']],
    ['an Arabic letter mark', 'و\u061cلد', ['ولد']],
    ['a soft hyphen in Devanagari', 'पैं\u00adथर्स', ['पैंथर्स']],
    ['a word joiner before a tone mark', 'o\u2060\u0323\u0301mo', ['ọ́mo']],
    ['a number', '69\u2060,\u2060197 3.\u200e14', ['69,197', '3.14']],
  ])('reads through %s', (_, text, expected) => {
    expect(words(text)).toEqual(expected.map((word) => word.normalize('NFKC')));
  });

  test('breaks at a zero-width space, where scripts without spaces mark words', () => {
    expect(words('zero\u200bwidth')).toEqual(['zero', 'width']);
    expect(words('ខ្មែរ\u200bភាសា')).toEqual(['ខ្មែរ', 'ភាសា']);
  });

  test('keeps the joiners that are spelling, in Persian and Devanagari', () => {
    expect(words('می\u200cخواهم')).toEqual(['می\u200cخواهم']);
    expect(words('क्\u200dष')).not.toEqual(words('क्ष'));
  });

  test('keeps the vowel separator of Mongolian inside a word', () => {
    expect(words('ᠴᠠᠭᠠᠨ\u180eᠠ ᠮᠣᠷᠢ')).toEqual(['ᠴᠠᠭᠠᠨ\u180eᠠ', 'ᠮᠣᠷᠢ']);
  });

  test('cuts Thai as it does without a word joiner', () => {
    const text = 'ทีมรับของแพนเธอร์ส';
    expect(words(`${text.slice(0, 5)}\u2060${text.slice(5)}`)).toEqual(words(text));
  });

  test('is empty for text without letters or digits', () => {
    expect(words('')).toEqual([]);
    expect(words('\u00ad\u200b\ufeff \u202e')).toEqual([]);
    expect(words('?! — …')).toEqual([]);
    // Emoji of several characters have joiners and marks of their own.
    expect(words('👨\u200d👩\u200d👧 ❤\ufe0f')).toEqual([]);
    expect(words('❤\ufe0f 東京 \u200d')).toEqual(['東京']);
  });
});

test('fold cases Turkish by its own rules', () => {
  expect(fold('IĞDIR İL', 'tr')).toBe('ığdır il');
  expect(fold('IL')).toBe('il');
});
