import { describe, expect, it } from 'vitest';
import { refusal } from '../../../test/temporary.ts';
import { SwitchLexicon } from './switch-lexicon.ts';
import { lexiconOf } from './switching.fixture.ts';
import { pivotWords } from './words.ts';

const one = (language: string, ...pairs: readonly (readonly [string, string, string?])[]) =>
  new SwitchLexicon(
    new Map([[language, pairs.map(([pivot, target, source]) => ({ pivot, target, language, source }))]]),
  );

describe('SwitchLexicon', () => {
  it('numbers languages by their codes and knows who has a word', () => {
    const lexicon = lexiconOf('yo', 'ar', 'sw');
    expect(lexicon.languages).toEqual(['ar', 'sw', 'yo']);
    expect(lexicon.lookup('water')?.mask).toBe(0b111);
    expect(lexicon.lookup('river')?.translations).toEqual([['نهر'], undefined, ['odò']]);
    expect(lexicon.lookup('sand')).toBeUndefined();
  });

  it('ranks translations by sources, then rows, then as they stand', () => {
    const lexicon = one('sw', ['goat', 'c'], ['goat', 'a', 'x'], ['Goat', 'b', 'x,y'], ['goat', 'a', 'x']);
    expect(lexicon.lookup('goat')?.translations[0]).toEqual(['b', 'a', 'c']);
    expect(lexicon.counts[0]).toEqual({ headwords: 1, pairs: 3, unusable: 0, otherScript: 0 });
  });

  it('counts entries without a word, and those in another script, unless most are', () => {
    const notes = one('hi', ['the', 'not used'], ['water', 'पानी'], ['river', 'नदी'], ['⟩', 'नदी']);
    expect(notes.lookup('the')).toBeUndefined();
    expect(notes.counts[0]).toEqual({ headwords: 2, pairs: 2, unusable: 1, otherScript: 1 });
    const romanised = one('hi', ['water', 'pani'], ['river', 'nadi'], ['goat', 'बकरी']);
    expect(romanised.counts[0]).toMatchObject({ headwords: 3, otherScript: 0 });
  });

  it('finds the longest phrase at a word, and all phrases around it', () => {
    const lexicon = one(
      'sw',
      ['new', 'a'],
      ['new york', 'b'],
      ['new york city', 'c'],
      ['york city hall', 'd'],
    );
    const words = pivotWords('in New York City Hall, New');
    expect(lexicon.longestAt(words, 1, 0)).toMatchObject({ from: 1, length: 3, translations: ['c'] });
    expect(lexicon.longestAt(words, 5, 0)).toMatchObject({ from: 5, length: 1 });
    expect(lexicon.longestAt(words, 4, 0)).toBeUndefined();
    const around = lexicon.phrasesAround(words, 2, 0);
    expect(around.map(({ from, length }) => [from, length])).toEqual([
      [1, 3],
      [2, 3],
      [1, 2],
    ]);
    expect(lexicon.phrasesAround(words, 5, 0)).toEqual([]);
  });

  it('refuses no language, and more than 20', async () => {
    const many = new Map(Array.from({ length: 21 }, (_, i) => [`und-x-${i}`, []]));
    for (const dictionaries of [new Map(), many])
      expect((await refusal(() => new SwitchLexicon(dictionaries))).code).toBe('SETTING_INVALID');
  });
});
