/** Searching one index by vectors, by words and by both: rankings, filters, and parts that add up. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import type { MetadataValue, Passage, RunEntry } from '../data/records.ts';
import { buildIndex } from '../index/build.ts';
import { parseFilter } from '../index/fields/filter-text.ts';
import { maxSim } from '../index/maxsim.ts';
import { openIndex } from '../index/open-index.ts';
import { Bm25Index } from '../lexical/bm25.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import { RandomStream } from '../random.ts';
import { reciprocalRankFusion, weightedFusion } from './fusion.ts';
import { HybridSearch, type SearchMode } from './hybrid.ts';

const folder = temporaryFolder();
const DIM = 8;
const random = new RandomStream(5, 'hybrid-test');
const WORDS = ['water', 'boil', 'market', 'पानी', 'ماء', 'น้ำ', 'omi', 'ọjà', 'bus', 'net'];
const vectors = (tokens: number) => {
  const rows = Float32Array.from({ length: tokens * DIM }, () => random.normal());
  for (let i = 0; i < tokens; i++) {
    const row = rows.subarray(i * DIM, (i + 1) * DIM);
    const norm = Math.hypot(...row);
    for (let d = 0; d < DIM; d++) row[d] /= norm;
  }
  return rows;
};
const passages = Array.from({ length: 60 }, (_, i) => {
  const text = Array.from({ length: 3 + random.below(6) }, () => WORDS[random.below(WORDS.length)]).join(' ');
  const metadata: Record<string, MetadataValue> = {
    year: 2000 + (i % 20),
    source: i % 3 === 0 ? 'ọ̀yọ́' : 'bbc',
  };
  const passage: Passage = { id: `p${i}`, text, metadata };
  const tokens = 2 + random.below(4);
  return { passage, vectors: vectors(tokens), tokens };
});
const path = join(folder.path, 'index');
await buildIndex(
  path,
  { dim: DIM, fingerprint: { teacher: 'sha256:aa', tokenizer: 'sha256:bb' }, precision: 'float32' },
  passages,
);
const index = openIndex(path);
const bm25 = await Bm25Index.create(passages.map(({ passage }) => passage));
const search = new HybridSearch(index);
const query = { text: 'water पानी ọjà', vectors: { vectors: vectors(3), tokens: 3 } };
const dense = passages.map((each) => maxSim(query.vectors.vectors, each.vectors, DIM));
const asRun = (hits: readonly { ordinal: number; score: number }[]): RunEntry[] =>
  hits.map(({ ordinal, score }) => ({ query: 'q', passage: `p${ordinal}`, score }));
const denseRun = async (k: number) => asRun(await index.search(query.vectors.vectors, 3, k));
const wordRun = (k: number) => asRun(bm25.search(query.text, k));
const close = (a: readonly number[], b: readonly number[]) => {
  expect(a).toHaveLength(b.length);
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i], 5);
  });
};

describe('the modes', () => {
  it('dense is MaxSim over all, lexical is BM25', async () => {
    const best = await search.search(query, 60);
    close(
      best.map(({ score }) => score),
      [...dense].sort((a, b) => b - a),
    );
    expect(best[4].dense).toEqual({ score: best[4].score, rank: 5 });
    expect(best[0].lexical).toBeUndefined();
    const words = await search.search({ text: query.text }, 60, { mode: 'lexical' });
    expect(words.map(({ ordinal, score }) => ({ ordinal, score }))).toEqual(bm25.search(query.text, 60));
    expect(words[2].lexical?.rank).toBe(3);
  });

  it('hybrid is the fusion of both sides, by weighted scores or by ranks', async () => {
    const ranks = await search.search(query, 10, { mode: 'hybrid', candidates: 20, weights: 'rrf' });
    const runs = [await denseRun(20), wordRun(20)];
    const expected = reciprocalRankFusion(runs, { depth: 10 });
    expect(ranks.map(({ id }) => id)).toEqual(expected.map(({ passage }) => passage));
    close(
      ranks.map(({ score }) => score),
      expected.map(({ score }) => score),
    );
    const weights = [0.3, 0.7] as const;
    const weighted = await search.search(query, 10, { mode: 'hybrid', candidates: 20, weights });
    const scores = weightedFusion(runs, { depth: 10, weights });
    expect(weighted.map(({ id }) => id)).toEqual(scores.map(({ passage }) => passage));
  });

  it('hybrid weights MaxSim .4 and BM25 .6 when nothing is said', async () => {
    const usual = await search.search(query, 10, { mode: 'hybrid', candidates: 20 });
    const runs = [await denseRun(20), wordRun(20)];
    const expected = weightedFusion(runs, { depth: 10, weights: [0.4, 0.6] });
    expect(usual.map(({ id }) => id)).toEqual(expected.map(({ passage }) => passage));
    close(
      usual.map(({ score }) => score),
      expected.map(({ score }) => score),
    );
    expect(usual.map(({ id }) => id)).not.toEqual(
      reciprocalRankFusion(runs, { depth: 10 }).map(({ passage }) => passage),
    );
  });

  it('hybrid ranks the only passage with a word of the query as its weight says', async () => {
    const [worst] = (await search.search(query, 60)).slice(-1);
    const text = 'Zanzibar';
    const other = join(folder.path, 'one-word');
    const said = passages.map((each) =>
      each.passage.id === worst.id ? { ...each, passage: { ...each.passage, text } } : each,
    );
    const header = { dim: DIM, fingerprint: index.fingerprint, precision: 'float32' as const };
    await buildIndex(other, header, said);
    const one = openIndex(other);
    const hybrid = new HybridSearch(one);
    const asked = { ...query, text };
    const [first, ...rest] = await hybrid.search(asked, 60, { mode: 'hybrid', weights: [0.3, 0.7] });
    expect([first.id, rest.length]).toEqual([worst.id, 59]);
    const words = (text: string) =>
      hybrid.search({ ...query, text }, 60, { mode: 'hybrid', weights: [0, 1] });
    expect((await words(text)).map(({ id }) => id)).toEqual([worst.id]);
    expect(await words('Pemba')).toEqual([]);
    // Scaled from 0, a passage with a word stands above one without any.
    const two = await hybrid.search({ ...query, text: 'water bus' }, 60, {
      mode: 'hybrid',
      weights: [1e-9, 1],
    });
    const has = two.map(({ lexical }) => lexical !== undefined);
    expect(has.indexOf(false)).toBe(has.lastIndexOf(true) + 1);
    await one.close();
  });

  it('rerank orders the candidates of BM25 by MaxSim', async () => {
    const hits = await search.search(query, 5, { mode: 'rerank', candidates: 12 });
    const candidates = bm25.search(query.text, 12).map(({ ordinal }) => ordinal);
    const expected = candidates.sort((a, b) => dense[b] - dense[a]).slice(0, 5);
    expect(hits.map(({ ordinal }) => ordinal)).toEqual(expected);
    expect(hits[0].dense?.rank).toBe(1);
    expect(hits[0].lexical?.score).toBeGreaterThan(0);
  });

  it('search many queries as one by one', async () => {
    const other = { text: 'น้ำ bus', vectors: { vectors: vectors(2), tokens: 2 } };
    for (const mode of ['dense', 'lexical', 'hybrid', 'rerank'] satisfies SearchMode[]) {
      const both = await search.searchBatch([query, other], 7, { mode });
      expect(both).toEqual([
        await search.search(query, 7, { mode }),
        await search.search(other, 7, { mode }),
      ]);
    }
  });

  it('take words of another language by a dictionary', async () => {
    const entries = [
      { pivot: 'water', target: 'maji', language: 'sw' },
      { pivot: 'market', target: 'soko', language: 'sw' },
      { pivot: 'boil', target: 'maji', language: 'sw' },
    ];
    const dictionary = new QueryDictionary(entries, 'sw');
    const translating = new HybridSearch(index, { method: 'dictionary', dictionary, structure: 'synonyms' });
    expect(await search.search({ text: 'maji' }, 5, { mode: 'lexical' })).toEqual([]);
    const [best] = await translating.explain({ text: 'maji soko giraffe' }, 5, { mode: 'lexical' });
    expect(passages[best.ordinal].passage.text).toMatch(/water|boil/);
    expect(best.words?.flatMap(({ translations }) => translations).sort()).toEqual(
      ['boil', 'market', 'water'].filter((word) => passages[best.ordinal].passage.text.includes(word)),
    );
    expect(translating.words({ text: 'maji soko giraffe' })).toMatchObject({ words: 3, known: 2 });
  });
});

describe('a filter', () => {
  const filter = parseFilter('year>=2010 and source=ọ̀yọ́');
  const passes = (ordinal: number) => 2000 + (ordinal % 20) >= 2010 && ordinal % 3 === 0;

  it.each<SearchMode>(['dense', 'lexical'])('leaves the scores of %s as they are', async (mode) => {
    const all = await search.search(query, 60, { mode });
    const some = await search.search(query, 60, { mode, filter });
    expect(some.map(({ id, score }) => ({ id, score }))).toEqual(
      all.filter(({ ordinal }) => passes(ordinal)).map(({ id, score }) => ({ id, score })),
    );
    expect(some.length).toBeGreaterThan(3);
  });

  it.each<SearchMode>(['hybrid', 'rerank'])('is applied before candidates are taken in %s', async (mode) => {
    const hits = await search.search(query, 60, { mode, filter, candidates: 4 });
    expect(hits.length).toBeGreaterThanOrEqual(4);
    expect(hits.every(({ ordinal }) => passes(ordinal))).toBe(true);
  });

  it('may leave nothing', async () => {
    const none = { filter: parseFilter('year>3000') };
    for (const mode of ['dense', 'lexical', 'hybrid', 'rerank'] as const)
      expect(await search.search(query, 5, { mode, ...none })).toEqual([]);
  });
});

describe('an explanation', () => {
  it.each([undefined, 'rrf', [0.4, 0.6], [0, 1], [1, 0]] as const)('adds up, with %j', async (weights) => {
    const hits = await search.explain(query, 25, { mode: 'hybrid', candidates: 12, weights });
    const ranked = new Map(wordRun(60).map(({ passage, score }) => [passage, score]));
    for (const { id, ordinal, score, dense: side, lexical, words = [], shares } of hits) {
      expect((shares?.dense ?? 0) + (shares?.lexical ?? 0)).toBeCloseTo(score, 12);
      expect(side?.score).toBeCloseTo(dense[ordinal], 5);
      expect(lexical?.score).toBeCloseTo(ranked.get(id) ?? 0, 9);
      expect(words.reduce((sum, part) => sum + part.score, 0)).toBeCloseTo(lexical?.score ?? 0, 9);
      for (const { translations, count } of words)
        expect(
          passages[ordinal].passage.text.split(' ').filter((word) => translations.includes(word)),
        ).toHaveLength(count);
    }
    // Some come from one side alone; the other's score is there, without a rank.
    expect(hits.some(({ dense: side }) => side?.rank === undefined)).toBe(weights?.[1] !== 0);
    expect(hits.some(({ lexical }) => lexical?.rank === undefined)).toBe(weights?.[0] !== 0);
    if (weights === 'rrf')
      for (const { dense: side, shares } of hits)
        expect(shares?.dense).toBeCloseTo(side?.rank === undefined ? 0 : 1 / (60 + side.rank), 12);
  });

  it('gives the ranks of the search it explains', async () => {
    for (const mode of ['dense', 'lexical', 'hybrid', 'rerank'] as const) {
      const hits = await search.search(query, 8, { mode });
      const explained = await search.explain(query, 8, { mode });
      expect(explained.map(({ id, score }) => [id, score])).toEqual(hits.map(({ id, score }) => [id, score]));
    }
  });
});

it.each([
  [{ mode: 'hybrid', weights: [-1, 1] }, 'SETTING_INVALID'],
  [{ mode: 'hybrid', weights: [0, 0] }, 'SETTING_INVALID'],
  [{ candidates: 0 }, 'SETTING_INVALID'],
  [{ filter: { field: 'yaer', equals: 1 } }, 'FIELD_UNKNOWN'],
  [{ mode: 'lexical', filter: { field: 'year', equals: 'soon' } }, 'FIELD_TYPE'],
] as const)('refuses %j', async (options, code) => {
  expect((await refusal(() => search.search(query, 5, options))).code).toBe(code);
});

it('refuses vectors that are missing', async () => {
  expect((await refusal(() => search.search({ text: 'water' }, 5))).code).toBe('SETTING_INVALID');
});
