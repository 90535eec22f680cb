import { describe, expect, it } from 'vitest';
import { lexiconDirection } from './lexicon-direction.ts';

const entries = (language: string, ...pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([pivot, target]) => ({ pivot, target, language }));
const reverse = (list: ReturnType<typeof entries>) =>
  list.map(({ pivot, target, language }) => ({ pivot: target, target: pivot, language }));

const ENGLISH = Array.from({ length: 10 }, () => 'where is the water of the goat and who drinks it');

describe('lexiconDirection', () => {
  it.each([
    [
      'hi',
      [
        ['water', 'पानी'],
        ['goat', 'बकरी'],
        ['DVD', 'DVD'],
      ],
    ],
    [
      'ar',
      [
        ['water', 'ماء'],
        ['goat', 'ماعز'],
      ],
    ],
    ['th', [['water', 'น้ำ']]],
    ['zh', [['water', '水']]],
    [
      'ja',
      [
        ['water', 'みず'],
        ['goat', 'ヤギ'],
      ],
    ],
    ['ko', [['water', '물']]],
    ['am', [['water', 'ውሃ']]],
    ['ru', [['water', 'вода']]],
  ] as const)('%s: by script, without a text', (language, pairs) => {
    const right = entries(language, ...pairs);
    expect(lexiconDirection(right, language)).toMatchObject({ reversed: false, sign: 'script' });
    expect(lexiconDirection(reverse(right), language)).toMatchObject({ reversed: true, sign: 'script' });
  });

  it.each([
    [
      'sw',
      [
        ['water', 'maji'],
        ['goat', 'mbuzi'],
        ['the', 'the'],
      ],
    ],
    [
      'yor',
      [
        ['water', 'omi'],
        ['where', 'níbo'],
      ],
    ],
  ] as const)('%s: by the words of an English text', (language, pairs) => {
    const right = entries(language, ...pairs);
    expect(lexiconDirection(right, language, ENGLISH)).toMatchObject({ reversed: false, sign: 'frequency' });
    expect(lexiconDirection(reverse(right), language, ENGLISH)).toMatchObject({
      reversed: true,
      sign: 'frequency',
    });
  });

  it('says nothing without a sign: no text, too short a one, or none of its words', () => {
    const right = entries('sw', ['water', 'maji']);
    for (const text of [[], ['water'], Array.from({ length: 60 }, () => 'iron')])
      expect(lexiconDirection(reverse(right), 'sw', text)).toMatchObject({
        reversed: false,
        sign: undefined,
      });
    expect(lexiconDirection([], 'hi', ENGLISH)).toMatchObject({ reversed: false, sign: undefined });
  });

  it('tells a dictionary in Latin letters of a language of another script by frequency', () => {
    const romanised = entries('hi', ['water', 'pani'], ['goat', 'bakri']);
    expect(lexiconDirection(reverse(romanised), 'hi', ENGLISH)).toMatchObject({
      reversed: true,
      sign: 'frequency',
    });
  });
});
