/** Places of tokens: those of tokenizers learnt here and of BERT's WordPiece, in many scripts. */
import { describe, expect, it } from 'vitest';
import { spellerOf, tokenRanges } from './token-offsets.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { TokenizerJson } from './tokenizer-json.ts';
import { trainTokenizer } from './train-bpe.ts';

const TEXTS = [
  'Boil the Water, for one minute (1990)!',
  'पानी को एक मिनट तक उबालें और फिर पिएँ।',
  'اغلِ الماء  دقيقة واحدة\nقبل.',
  'ต้มน้ำหนึ่งนาทีก่อนดื่ม',
  'Ẹ sè omi fún ìṣẹ́jú kan.',
  'The word ماء means water 喝水。',
];

/** White space aside, every character of the text is in the range of a token, and ranges go forward. */
function check(text: string, starts: Int32Array, ends: Int32Array) {
  const covered = new Set<number>();
  starts.forEach((start, t) => {
    expect(ends[t]).toBeGreaterThanOrEqual(start);
    if (t > 0) expect(start).toBeGreaterThanOrEqual(starts[t - 1]);
    for (let i = start; i < ends[t]; i++) covered.add(i);
  });
  for (let i = 0; i < text.length; i++)
    if (/\S/.test(text[i])) expect(covered.has(i), `${text} ${i}`).toBe(true);
}

describe('encodeWithOffsets', () => {
  it('places the tokens of a learnt tokenizer, whatever the script, and cuts no letter from its marks', async () => {
    const json = await trainTokenizer([{ texts: TEXTS, weight: 1 }], { vocabSize: 420, lowercase: true });
    const tokenizer = loadTokenizer({ ...json });
    for (const text of [...TEXTS, 'naïve \u{10348} 🙂', TEXTS.join(' '), TEXTS[4].normalize('NFD')]) {
      const { ids, starts, ends } = tokenizer.encodeWithOffsets(text);
      expect([...ids]).toEqual([...tokenizer.encode(text)]);
      check(text, starts, ends);
      const cuts = new Set(
        [...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length),
      );
      for (const place of [...starts, ...ends]) expect(cuts.has(place)).toBe(true);
    }
  });

  it.each(['test/fixtures/bert', 'test/fixtures/base'])(
    'places the tokens of %s, unknown words too',
    (folder) => {
      const tokenizer = loadTokenizer(folder);
      for (const text of TEXTS) {
        const { starts, ends } = tokenizer.encodeWithOffsets(text);
        check(text, starts, ends);
      }
      const { ids, starts, ends } = tokenizer.encodeWithOffsets('water zzqqzz𐍈 market');
      const at = [...tokenizer.tokens(ids)].indexOf('market');
      if (folder.endsWith('bert')) expect([starts[at], ends[at]]).toEqual([15, 21]);
    },
  );
});

it('finds the place again after unknown tokens, one for each word between', () => {
  const json = {
    model: { type: 'WordPiece', unk_token: '[UNK]' },
    added_tokens: [],
  } as unknown as TokenizerJson;
  const speller = spellerOf(json);
  const tokens = ['the', '[UNK]', '[UNK]', 'cat', '##s', '!'];
  const { starts, ends } = tokenRanges('The qcat qq Cats!', tokens, speller, (c) => c.toLowerCase());
  expect([...starts]).toEqual([0, 4, 9, 12, 15, 16]);
  expect([...ends]).toEqual([3, 8, 11, 15, 16, 17]);
});

it('reads byte-level letters and byte fallback', () => {
  const json = (rest: object) =>
    ({ model: { type: 'BPE' }, added_tokens: [], ...rest }) as unknown as TokenizerJson;
  const levels = spellerOf(json({ decoder: { type: 'ByteLevel' } }));
  expect([...tokenRanges('a é', ['a', 'Ġ', 'Ã', '©'], levels, (c) => c).ends]).toEqual([1, 3, 3, 3]);
  const fallback = spellerOf(json({}));
  expect([...tokenRanges('né', ['▁n', '<0xC3>', '<0xA9>'], fallback, (c) => c).starts]).toEqual([0, 1, 1]);
});
