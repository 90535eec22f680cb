import { expect, it } from 'vitest';
import { displayWidth } from '../search/explain-text.ts';
import { formatHits, wrapped } from './hits.ts';

it('breaks lines between words and says where more follows', () => {
  expect(wrapped('Boil the water well', 8, 2)).toEqual(['Boil the', 'water w…']);
  expect(wrapped('Boil the water', 8, 2)).toEqual(['Boil the', 'water']);
  expect(wrapped('short', 8, 2)).toEqual(['short']);
  expect(wrapped('', 8, 2)).toEqual([]);
  expect(wrapped('one\n two\tthree', 40, 1)).toEqual(['one two three']);
});

it.each([
  ['Thai, without spaces', 'ต้มน้ำหนึ่งนาทีก่อนดื่มน้ำทุกครั้ง'],
  ['Chinese, two columns wide', '喝水之前请把水煮沸一分钟再给孩子喝'],
  ['Devanagari', 'पानी को एक मिनट तक उबालें और फिर पिएँ'],
  ['Yoruba with tone marks', 'Ẹ sè omi fún ìṣẹ́jú kan kí ẹ tó mu ún'],
  ['Arabic', 'اغلِ الماء دقيقة واحدة قبل أن يشرب الأطفال'],
  ['one long word', 'x'.repeat(100)],
])('keeps within the width: %s', (_name, text) => {
  const lines = wrapped(text, 12, 3);
  for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(12);
  const shown = lines.join('').replace(/[\s…]/gu, '');
  expect(text.replace(/\s/gu, '').startsWith(shown)).toBe(true);
  expect(lines.length).toBeLessThanOrEqual(3);
});

it('sets ranks and scores under each other', () => {
  const hit = (rank: number, score: number) => ({
    rank,
    score,
    passage: { id: `p${rank}`, title: rank === 1 ? 'سوق' : undefined, text: 'water' },
  });
  const hits = Array.from({ length: 10 }, (_, i) => hit(i + 1, 10 - i));
  const lines = formatHits(hits, 40).split('\n');
  expect(lines[0]).toBe(' 1  10.000  p1  \u2068سوق\u2069');
  expect(lines[1]).toBe('    water');
  expect(lines[18]).toBe('10   1.000  p10');
});
