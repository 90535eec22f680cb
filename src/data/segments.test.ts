/** Windows break texts where the whole text breaks, and long texts take no more than their length. */
import { describe, expect, it } from 'vitest';
import { countGraphemes, countWords } from './clean.ts';
import { segmentsOf } from './segments.ts';

const WORDS = new Intl.Segmenter('th', { granularity: 'word' });
const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

describe('segmentsOf', () => {
  it.each([
    ['Latin', 'Maji safi ni uhai, 3.50 tu! '],
    ['Yoruba', 'Ọmọ náà lọ sí ilé-ìwé ní ọjọ́ Ajé. '],
    ['Devanagari', 'मलेरिया के लक्षण क्या हैं? '],
    ['Arabic', 'اللُّغَةُ العَرَبِيَّةُ جميلة. '],
    ['Thai', 'อาการของโรคมาลาเรียคืออะไรน้ำต้องสะอาด'],
    ['mixed, with signs of several code units', 'a👨‍👩‍👧 مرحبا 水を飲む 🇰🇪🇸🇴 '],
  ])('%s', (_, unit) => {
    const text = unit.repeat(200);
    for (const segmenter of [WORDS, GRAPHEMES]) {
      const whole = [...segmenter.segment(text)].map(({ segment, index, isWordLike }) => ({
        segment,
        index,
        ...(isWordLike !== undefined && { isWordLike }),
      }));
      expect([...segmentsOf(segmenter, text)]).toEqual(whole);
    }
  });

  it('keeps a segment whole that is longer than a window', () => {
    const text = `${'a'.repeat(50_000)} b`;
    expect([...segmentsOf(WORDS, text)].map(({ segment }) => segment.length)).toEqual([50_000, 1, 1]);
    expect([...segmentsOf(WORDS, '')]).toEqual([]);
  });

  it('takes time by length: 400,000 letters in seconds', () => {
    // In one piece each of these takes minutes.
    expect(countWords('maji safi '.repeat(40_000), 'sw')).toBe(80_000);
    expect(countGraphemes('ọ́jọ'.repeat(100_000))).toBe(300_000);
  }, 30_000);
});
