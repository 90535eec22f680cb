/** Places of tokens as readers take them, in many scripts: whole letters, without spaces. */
import { describe, expect, it } from 'vitest';
import { FAMILIES, golden } from '../../test/golden-tokenizers.ts';
import { readableOffsets } from './token-offsets.ts';
import { loadTokenizer } from './tokenizer.ts';
import { trainTokenizer } from './train-bpe.ts';

const TEXTS = [
  'Boil the Water, for one minute (1990)!',
  'पानी को एक मिनट तक उबालें और फिर पिएँ।',
  'اغلِ الماء  دقيقة واحدة\nقبل.',
  'ต้มน้ำหนึ่งนาทีก่อนดื่ม',
  'Ẹ sè omi fún ìṣẹ́jú kan.',
  'The word ماء means water 喝水。',
  'naïve \u{10348} 👩🏾‍🌾',
];

const learnt = {
  ...(await trainTokenizer([{ texts: TEXTS, weight: 1 }], { vocabSize: 420, lowercase: true })),
};

describe.each(['learnt here', ...FAMILIES])('%s', (name) => {
  const tokenizer = loadTokenizer(name === 'learnt here' ? learnt : golden<typeof learnt>(name));

  it('covers every character with tokens in order, and cuts no letter from its marks', () => {
    for (const text of [...TEXTS, TEXTS.join(' '), TEXTS[4].normalize('NFD')]) {
      const { ids, starts, ends } = readableOffsets(text, tokenizer.encodeWithOffsets(text));
      expect([...ids]).toEqual([...tokenizer.encode(text)]);
      const letters = [...new Intl.Segmenter().segment(text)];
      const cuts = new Set(letters.map(({ index }) => index).concat(text.length));
      const covered = new Set<number>();
      starts.forEach((start, t) => {
        expect([start, ends[t]].every((place) => cuts.has(place))).toBe(true);
        expect(ends[t]).toBeGreaterThanOrEqual(start);
        if (t > 0) expect(start).toBeGreaterThanOrEqual(starts[t - 1]);
        expect(text.slice(start, ends[t])).toBe(text.slice(start, ends[t]).trim());
        for (let i = start; i < ends[t]; i++) covered.add(i);
      });
      for (const { segment, index } of letters)
        if (/\S/u.test(segment)) expect(covered.has(index), `${text} ${index}`).toBe(true);
    }
  });
});

it('takes spaces off, and gives a word mark alone the place of the token after it', () => {
  const ids = Int32Array.of(1, 2, 3);
  const offsets = { ids, starts: Int32Array.of(0, 0, 5), ends: Int32Array.of(1, 5, 7) };
  const { starts, ends } = readableOffsets(' maji  ', offsets);
  expect([...starts]).toEqual([1, 1, 7]);
  expect([...ends]).toEqual([5, 5, 7]);
});
