import { describe, expect, it } from 'vitest';
import type { LexiconEntry } from '../data/records.ts';
import { Bm25Index } from './bm25.ts';
import { englishStem } from './english-stem.ts';
import { QueryDictionary, type TranslationStructure, translateQuery } from './query-translation.ts';

const entries = (
  language: string,
  rows: Record<string, [pivot: string, source?: string][]>,
): LexiconEntry[] =>
  Object.entries(rows).flatMap(([target, list]) =>
    list.map(([pivot, source]) => ({ pivot, target, language, ...(source && { source }) })),
  );

const swahili = new QueryDictionary(
  entries('sw', {
    maji: [['liquid', 'wikt'], ['water', 'wikt,swadesh'], ['drinking water']],
    mji: [['town'], ['city']],
    'Mji mkuu': [['capital']],
    mkuu: [['main'], ['head of school']],
    daktari: [['medical doctor']],
  }),
  'sw',
);
const index = await Bm25Index.create([
  { id: 'a', text: 'The city has clean water in Nairobi' },
  { id: 'b', text: 'A town, a city, a capital city' },
  { id: 'c', text: 'The main doctor and the medical school; liquid' },
]);

/** Terms as text: `2 water=1`. */
const translated = (text: string, structure: TranslationStructure, dictionary = swahili, at = index) =>
  translateQuery(dictionary, at, text, structure).terms.map(
    ({ weight, translations }) => `${+weight.toFixed(3)} ${[...translations.keys()].join('|')}`,
  );

describe('QueryDictionary', () => {
  it('finds the longest phrase, in any case and with punctuation between', () => {
    expect(swahili.lookUp('MJI Mkuu, maji?').map(({ source }) => source)).toEqual(['mji mkuu', 'maji']);
    expect(swahili.lookUp('mkuu mji').map(({ source }) => source)).toEqual(['mkuu', 'mji']);
  });

  it('puts what more sources attest first, and adds up the sources of several rows', () => {
    expect(swahili.lookUp('maji')[0].translations.slice(0, 2)).toEqual([
      { text: 'water', sources: 2 },
      { text: 'liquid', sources: 1 },
    ]);
    const twice = new QueryDictionary(
      entries('sw', {
        maji: [
          ['liquid', 'a'],
          ['water', 'a'],
          ['water', 'b'],
          ['liquid', 'a'],
        ],
      }),
      'sw',
    );
    expect(twice.lookUp('maji')[0].translations).toEqual([
      { text: 'water', sources: 2 },
      { text: 'liquid', sources: 1 },
    ]);
  });

  it('finds words without their tone marks and vowel points, the exact word first', () => {
    const yoruba = new QueryDictionary(
      entries('yo', { ọkọ: [['husband']], ọkọ̀: [['vehicle']], oko: [['farm']] }),
      'yo',
    );
    expect(yoruba.lookUp('oko')[0].translations[0].text).toBe('farm');
    expect(yoruba.lookUp('ọkọ̀'.normalize('NFD'))[0].translations[0].text).toBe('vehicle');
    expect(yoruba.lookUp('òkó')[0].translations[0].text).toBe('farm');
    const arabic = new QueryDictionary(entries('ar', { سُوق: [['market']] }), 'ar');
    expect(arabic.lookUp('سوق FIFA')[0].translations[0].text).toBe('market');
  });

  it('cuts Thai and Chinese into words, and phrases of theirs', () => {
    const thai = new QueryDictionary(entries('th', { น้ำ: [['water']], แมว: [['cat']] }), 'th');
    expect(thai.lookUp('แมวน้ำ').length).toBeGreaterThan(0);
    expect(thai.lookUp('น้ำ').map(({ translations }) => translations[0].text)).toEqual(['water']);
    const hindi = new QueryDictionary(entries('hi', { पानी: [['water']] }), 'hi');
    expect(hindi.lookUp('पानी कहाँ?')[0].translations[0].text).toBe('water');
  });
});

describe('translateQuery', () => {
  it('takes the best attested translation; of equals, the most frequent in the collection', () => {
    expect(translated('maji', 'best')).toEqual(['1 water']);
    expect(translated('mji', 'best')).toEqual(['1 city']); // in two passages, "town" in one
  });

  it('shares the weight of a word out among all its translations', () => {
    expect(translated('mji', 'all')).toEqual(['0.5 town', '0.5 city']);
    expect(translated('mkuu', 'all')).toEqual(['0.5 main', '0.5 head', '0.5 of', '0.5 school']);
  });

  it('makes synonyms of single words; a phrase only where there is nothing else', () => {
    expect(translated('maji', 'synonyms')).toEqual(['1 water|liquid']);
    expect(translated('mkuu', 'synonyms')).toEqual(['1 main']);
    expect(translated('daktari', 'synonyms')).toEqual(['1 medical', '1 doctor']);
  });

  it.each(['best', 'all', 'synonyms'] as const)(
    'keeps unknown words with %s: names and numbers',
    (structure) => {
      expect(translated('Nairobi 2022', structure)).toEqual(['1 nairobi', '1 2022']);
      const { words, known } = translateQuery(swahili, index, 'mji mkuu Nairobi', structure);
      expect([words, known]).toEqual([3, 2]);
      expect(translateQuery(swahili, index, '', structure)).toEqual({ terms: [], words: 0, known: 0 });
    },
  );

  it('gives stems where the index has stems', async () => {
    const stemmed = await Bm25Index.create([{ id: 'a', text: 'cities' }], { stem: englishStem });
    expect(translated('mji', 'best', swahili, stemmed)).toEqual(['1 citi']);
  });
});
