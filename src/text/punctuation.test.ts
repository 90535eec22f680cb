import { expect, it } from 'vitest';
import { isPunctuationToken } from './punctuation.ts';

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
