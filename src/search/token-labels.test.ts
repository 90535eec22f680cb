import { expect, it } from 'vitest';
import { tokenLabels } from './token-labels.ts';

const bytes = (text: string) =>
  [...Buffer.from(text)].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

it('takes off the marks of word starts and continuations', () => {
  expect(tokenLabels(['[CLS]', '[Q]', '▁maji', 'safi', '##ing', 'Ġwater', '▁', '[SEP]'])).toEqual([
    '[CLS]',
    '[Q]',
    'maji',
    'safi',
    'ing',
    'water',
    '␣',
    '[SEP]',
  ]);
  expect(tokenLabels(['##', '#'])).toEqual(['##', '#']);
});

it('names the bytes of a character by the character', () => {
  expect(tokenLabels(bytes('a'))).toEqual(['a']);
  expect(tokenLabels(bytes('é'))).toEqual(['é 1/2', 'é 2/2']);
  expect(tokenLabels(bytes('ẹน'))).toEqual(['ẹ 1/3', 'ẹ 2/3', 'ẹ 3/3', 'น 1/3', 'น 2/3', 'น 3/3']);
  expect(tokenLabels(['▁x', ...bytes('𞤀'), 'y'])).toEqual(['x', '𞤀 1/4', '𞤀 2/4', '𞤀 3/4', '𞤀 4/4', 'y']);
});

it('leaves bytes that belong to no whole character, one label a token', () => {
  const [first, second, third] = bytes('न');
  expect(tokenLabels([first, second])).toEqual([first, second]);
  expect(tokenLabels([second, ...bytes('é')])).toEqual([second, 'é 1/2', 'é 2/2']);
  expect(tokenLabels([first, '▁x', third])).toEqual([first, 'x', third]);
  expect(tokenLabels([])).toEqual([]);
});
