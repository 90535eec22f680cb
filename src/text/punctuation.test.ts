import { expect, it } from 'vitest';
import { isPunctuationToken, punctuationRule } from './punctuation.ts';
import { spellBytes } from './tokenize/byte-letters.ts';
import { loadTokenizer } from './tokenizer.ts';

it.each([
  ',',
  '▁,',
  '##.',
  'Ġ!',
  '▁...',
  '।',
  '▁؟',
  '፡',
  '。',
  '▁“',
  '€',
  '+',
  '#',
  '##',
  '[',
  '▁[',
  '<',
  '🙂',
])('%s is punctuation', (token) => expect(isPunctuationToken(token)).toBe(true));

it.each([
  'a',
  '▁the',
  '##ing',
  '▁',
  'Ġ',
  '',
  '12',
  "'s",
  '[CLS]',
  '[unused0]',
  '<s>',
  '<0x2C>',
  '▁क',
  'ि',
  'ُ',
  '่',
  '́',
])('%s is not punctuation', (token) => expect(isPunctuationToken(token)).toBe(false));

it('goes by what byte-level tokens write, not by the signs that stand for their bytes', () => {
  const rule = punctuationRule(loadTokenizer('test/fixtures/tokenizer/byte-level.json').json);
  for (const text of ['.', ' ,', '।', ' ؟', '。', '—', '“']) expect(rule(spellBytes(text))).toBe(true);
  for (const text of ['a', ' a', ' ', '\n', 'क', 'ọ']) expect(rule(spellBytes(text))).toBe(false);
  // Bytes of letters and digits whose signs are § and ¤.
  for (const token of ['§', '¤', '¥§', '[SEP]', '<s>']) expect(rule(token)).toBe(false);
  const whole = punctuationRule(loadTokenizer('test/fixtures/tokenizer/word-piece.json').json);
  expect([whole('§'), whole('।'), whole('à¥¤')]).toEqual([true, true, false]);
});
