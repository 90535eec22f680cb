import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { Bm25Index } from './bm25.ts';
import { lexicalRun } from './cross-lingual.ts';
import { englishStem } from './english-stem.ts';
import { learnTranslations, TranslationProbabilities } from './psq.ts';
import { QueryDictionary } from './query-translation.ts';

const passages = [
  { id: 'a', text: 'Boil the water before you drink it' },
  { id: 'b', text: 'The market opens at nine' },
  { id: 'c', text: 'A river of clean water' },
];
const index = await Bm25Index.create(passages);
// Word by word: das Haus, das Buch, ein Buch with Swahili in their place.
const pairs = [
  { pivot: 'the water', target: 'yale maji' },
  { pivot: 'the market', target: 'yale soko' },
  { pivot: 'a market', target: 'moja soko' },
  { pivot: 'a water', target: 'moja maji' },
];
const table = (rows: Record<string, Record<string, number>>) =>
  new TranslationProbabilities(
    new Map(Object.entries(rows).map(([word, list]) => [word, new Map(Object.entries(list))])),
    'sw',
  );

describe('learnTranslations', () => {
  it.each(['both', 'forward'] as const)('finds translations (%s)', async (directions) => {
    const learned = await learnTranslations(pairs, 'sw', index, { directions, iterations: 30 });
    expect([...(learned.of('maji') ?? [])][0][0]).toBe('water');
    expect([...(learned.of('soko') ?? [])][0][0]).toBe('market');
    expect(learned.size).toBe(4);
    for (const word of ['maji', 'soko', 'yale', 'moja']) {
      const sum = [...(learned.of(word)?.values() ?? [])].reduce((total, p) => total + p, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('cuts where the cumulative probability reaches the threshold', async () => {
    // After one round t(e | f) is even: 1/3 each for the three words of the pair.
    const one = [{ pivot: 'clean river water', target: 'maji' }];
    const kept = async (threshold: number) =>
      (await learnTranslations(one, 'sw', index, { directions: 'forward', iterations: 1, threshold })).of(
        'maji',
      );
    expect([...(await kept(0.3))!]).toEqual([['clean', 1]]);
    expect([...(await kept(0.6))!]).toEqual([
      ['clean', 0.5],
      ['river', 0.5],
    ]);
    expect((await kept(1))!.size).toBe(3);
    for (const threshold of [0, 1.5, Number.NaN])
      expect((await refusal(() => kept(threshold))).code).toBe('SETTING_INVALID');
  });

  it('leaves out what is less probable than the least', async () => {
    const learned = await learnTranslations(pairs, 'sw', index, { iterations: 1, least: 0.4 });
    expect([...learned.of('maji')!.keys()]).toEqual(['water']);
  });

  it('learns from a dictionary alone, and stems as the index does', async () => {
    const stemmed = await Bm25Index.create(passages, { stem: englishStem });
    const learned = await learnTranslations([{ pivot: 'Rivers', target: 'mto' }], 'sw', stemmed);
    expect([...learned.of('mto')!]).toEqual([['river', 1]]);
  });

  it('works for scripts of any kind', async () => {
    const learned = await learnTranslations(
      [
        { pivot: 'water', target: 'पानी' },
        { pivot: 'market', target: 'سوق' },
        { pivot: 'cat', target: 'แมว' },
        { pivot: 'market', target: 'ọjà' },
      ],
      'und',
      index,
    );
    for (const [word, translation] of [
      ['पानी', 'water'],
      ['سوق', 'market'],
      ['แมว', 'cat'],
      ['ọja', 'market'],
    ])
      expect(learned.of(word)?.get(translation)).toBe(1);
  });
});

describe('TranslationProbabilities', () => {
  it('makes structured terms; unknown words stand for themselves', () => {
    const { terms, words, known } = table({ maji: { water: 0.9, river: 0.1 } }).query(
      'Maji, maji Nairobi',
      index,
    );
    expect(terms).toEqual([
      {
        weight: 2,
        translations: new Map([
          ['water', 0.9],
          ['river', 0.1],
        ]),
      },
      { weight: 1, translations: new Map([['nairobi', 1]]) },
    ]);
    expect([words, known]).toEqual([3, 2]);
  });
});

describe('lexicalRun', () => {
  const queries = [
    { id: 'q1', text: 'maji' },
    { id: 'q2', text: 'giraffe' },
  ];

  it('ranks by expected tf and df', async () => {
    const probabilities = table({ maji: { water: 0.8, market: 0.2 } });
    const { entries, words, known } = await lexicalRun(index, queries, 10, { method: 'psq', probabilities });
    expect([words, known]).toEqual([2, 1]);
    expect(entries.map(({ passage }) => passage)).toEqual(['c', 'a', 'b']);
    // df = .8 · 2 + .2 · 1 of 3 passages; lengths 7, 5, 5.
    const idf = Math.log(1 + (3 - 1.8 + 0.5) / (1.8 + 0.5));
    const part = (tf: number, length: number) => tf / (tf + 1.2 * (0.25 + (0.75 * length) / (17 / 3)));
    expect(entries[0].score).toBeCloseTo(idf * part(0.8, 5), 12);
    expect(entries[1].score).toBeCloseTo(idf * part(0.8, 7), 12);
    expect(entries[2].score).toBeCloseTo(idf * part(0.2, 5), 12);
  });

  it('searches with a dictionary, or with the words as they are', async () => {
    const dictionary = new QueryDictionary([{ pivot: 'water', target: 'maji', language: 'sw' }], 'sw');
    const run = await lexicalRun(index, queries, 1, {
      method: 'dictionary',
      dictionary,
      structure: 'synonyms',
    });
    expect(run.entries.map(({ query, passage }) => [query, passage])).toEqual([['q1', 'c']]);
    const plain = await lexicalRun(index, [{ id: 'q', text: 'water' }], 1);
    expect(plain).toEqual({
      entries: run.entries.map((entry) => ({ ...entry, query: 'q' })),
      words: 1,
      known: 0,
    });
  });

  it('stops when asked', async () => {
    const error = await refusal(() =>
      lexicalRun(index, queries, 1, undefined, { signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe('INTERRUPTED');
  });
});
