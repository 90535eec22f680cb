import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RefractError } from '../errors.ts';
import { Bm25Index } from './bm25.ts';

const passage = (id: string, text: string) => ({ id, text });

describe('Bm25Index', async () => {
  // Lengths 4, 2, 3; average 3. idf(water) = ln(1 + 1.5 / 2.5) = ln 1.6; idf(bus) = ln(1 + 2.5 / 1.5).
  const index = await Bm25Index.create([
    passage('a', 'water water is life'),
    passage('b', 'bus fares'),
    passage('c', 'clean water tanks'),
  ]);

  test('scores are those of the formula', () => {
    const hits = index.search('Water bus?', 10);
    const score = (f: number, length: number) => f / (f + 1.2 * (0.25 + (0.75 * length) / 3));
    const expected = [
      { ordinal: 1, score: Math.log(1 + 2.5 / 1.5) * score(1, 2) },
      { ordinal: 0, score: Math.log(1.6) * score(2, 4) },
      { ordinal: 2, score: Math.log(1.6) * score(1, 3) },
    ];
    expect(hits.map((hit) => hit.ordinal)).toEqual(expected.map((hit) => hit.ordinal));
    hits.forEach((hit, i) => {
      expect(hit.score).toBeCloseTo(expected[i].score, 12);
    });
  });

  test('a repeated query term counts twice, a weight multiplies', () => {
    const once = index.search('bus', 1)[0].score;
    expect(index.search('bus bus', 1)[0].score).toBeCloseTo(2 * once, 12);
    expect(index.searchTerms(new Map([['bus', 0.5]]), 1)[0].score).toBeCloseTo(once / 2, 12);
    expect(
      index.searchTerms(
        new Map([
          ['bus', 0],
          ['fares', -1],
        ]),
        1,
      ),
    ).toEqual([]);
  });

  test('titles are searched', async () => {
    const titled = await Bm25Index.create([{ id: 'a', title: 'Cholera', text: 'Boil it.' }]);
    expect(titled.search('cholera', 1)).toHaveLength(1);
  });

  test('passages without a query term are not returned; searches do not disturb each other', () => {
    expect(index.search('giraffe', 10)).toEqual([]);
    expect(index.search('', 10)).toEqual([]);
    expect(index.search('water', 0)).toEqual([]);
    const before = index.search('water', 10);
    index.search('bus fares life tanks', 1);
    expect(index.search('water', 10)).toEqual(before);
  });

  test('equal scores keep the order of the collection', async () => {
    const same = await Bm25Index.create(['z', 'y', 'x', 'w'].map((id) => passage(id, 'same text')));
    expect(same.search('text', 3).map((hit) => hit.ordinal)).toEqual([0, 1, 2]);
  });

  test('lists, lengths and idf can be read', () => {
    const list = index.termPostings('water');
    expect([...(list?.passages ?? [])]).toEqual([0, 2]);
    expect([...(list?.frequencies ?? [])]).toEqual([2, 1]);
    expect([...index.lengths]).toEqual([4, 2, 3]);
    expect(index.idf('water')).toBeCloseTo(Math.log(1.6), 12);
    expect(index.idf('giraffe')).toBeCloseTo(Math.log(8), 12);
    expect(index.termPostings('giraffe')).toBeUndefined();
  });

  test('empty collections and passages are fine', async () => {
    expect((await Bm25Index.create([])).search('water', 5)).toEqual([]);
    expect(
      (await Bm25Index.create([passage('a', ''), passage('b', 'water')])).search('water', 5),
    ).toHaveLength(1);
    expect((await Bm25Index.create([passage('a', '')])).search('water', 5)).toEqual([]);
  });

  test('other scripts are searched as well', async () => {
    const mixed = await Bm25Index.create([
      passage('ar', 'أين أجد طبيبا'),
      passage('hi', 'डॉक्टर कहाँ मिलेगा'),
      passage('th', 'หาหมอได้ที่ไหน'),
      passage('yo', 'Níbo ni mo ti lè rí dókítà?'),
    ]);
    for (const [word, ordinal] of [
      ['طبيبا', 0],
      ['डॉक्टर', 1],
      ['หมอ', 2],
      ['DÓKÍTÀ', 3],
    ] as const)
      expect(mixed.search(word, 1)[0]?.ordinal).toBe(ordinal);
  });

  test.each([{ k1: -1 }, { b: 1.5 }, { k1: Number.NaN }])('refuses %o', async (options) => {
    await expect(Bm25Index.create([], options)).rejects.toThrow(RefractError);
  });

  test('MaxScore returns what scoring everything returns, ties included', async () => {
    // Few words of very different frequency, so that lists are closed early and scores often tie.
    const word = fc
      .integer({ min: 0, max: 255 })
      .map((n) => `w${Math.clz32((n + 1) << 23)}${n % 3 ? '' : n % 7}`);
    const collection = fc.array(fc.array(word, { maxLength: 8 }), { minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(
        collection,
        fc.array(word, { maxLength: 7 }),
        fc.integer({ min: 1, max: 6 }),
        async (texts, query, k) => {
          const index = await Bm25Index.create(texts.map((text, i) => passage(`${i}`, text.join(' '))));
          const all = index.search(query.join(' '), texts.length);
          expect(index.search(query.join(' '), k)).toEqual(all.slice(0, k));
          expect(all).toEqual([...all].sort((x, y) => y.score - x.score || x.ordinal - y.ordinal));
          const holding = texts.filter((text) => text.some((term) => query.includes(term)));
          expect(all).toHaveLength(holding.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
