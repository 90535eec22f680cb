/** Both sides as one ranking: the usual weights, reciprocal ranks, equal scores, and what each side adds. */
import { describe, expect, it } from 'vitest';
import { type Candidate, fuseSides, type SideWeights } from './fuse-sides.ts';

const side = (scores: Readonly<Record<string, number>>): Candidate[] =>
  Object.entries(scores).map(([id, score]) => ({ ordinal: id.codePointAt(0)!, id, score }));
// MaxSim scaled: a 1, b .5, c .25, d 0. BM25 scaled over these: c 1, b .5, न 0.
const dense = side({ a: 9, b: 7, c: 6, d: 5 });
const lexical = side({ c: 4, b: 3, न: 2 });
const ranking = (weights?: SideWeights, all?: boolean) =>
  fuseSides(dense, lexical, 9, { weights, all }).hits.map(({ id, score }) => [id, Number(score.toFixed(9))]);

describe('both sides', () => {
  it('are by default weighted .4 for MaxSim and .6 for BM25, scores scaled to 0..1', () => {
    const expected = [
      ['c', 0.4 * 0.25 + 0.6],
      ['b', 0.4 * 0.5 + 0.6 * 0.5],
      ['a', 0.4],
      ['न', 0],
      ['d', 0],
    ];
    expect(ranking()).toEqual(expected);
    expect(fuseSides(dense, lexical, 9)).toMatchObject({ hits: expected.map(([id]) => ({ id })) });
    expect(ranking([0.4, 0.6])).toEqual(expected);
  });

  it('scale BM25 from 0 where it has all passages with a word', () => {
    expect(ranking(undefined, true)).toEqual([
      ['c', 0.7],
      ['b', 0.65],
      ['a', 0.4],
      ['न', 0.3],
      ['d', 0],
    ]);
  });

  it('are fused by reciprocal ranks where that is asked for, whatever the scores', () => {
    const rounded = (...ranks: number[]) =>
      Number(ranks.reduce((sum, rank) => sum + 1 / (60 + rank), 0).toFixed(9));
    const expected = [
      ['c', rounded(3, 1)],
      ['b', rounded(2, 2)],
      ['a', rounded(1)],
      ['न', rounded(3)],
      ['d', rounded(4)],
    ];
    expect(ranking('rrf')).toEqual(expected);
    expect(ranking('rrf', true)).toEqual(expected);
  });

  it('leave the ranking to the vectors where no passage has a word of the query', () => {
    const { hits, shares } = fuseSides(dense, [], 9, { all: true });
    expect(hits.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(hits.map(shares)).toEqual([0.4, 0.2, 0.1, 0].map((share) => ({ dense: share, lexical: 0 })));
  });
});

it('puts the later id first where scores are equal', () => {
  const same = side({ a: 3, ọ: 3, z: 3 });
  const weighted = fuseSides(same, [], 2).hits;
  expect(weighted.map(({ id, score, dense }) => [id, score, dense?.rank])).toEqual([
    ['ọ', 0.4, 1],
    ['z', 0.4, 2],
  ]);
  // Each is the first of one side, and missing from the other.
  const ranked = fuseSides(side({ a: 9 }), side({ ọ: 1 }), 2, { weights: 'rrf' }).hits;
  expect(ranked.map(({ id, score }) => [id, score])).toEqual([
    ['ọ', 1 / 61],
    ['a', 1 / 61],
  ]);
});

it.each([undefined, 'rrf', [0.4, 0.6], [3, 1], [0, 1], [1, 0]] as const)(
  'says what each side adds, weights %j',
  (weights) => {
    const { hits, shares } = fuseSides(dense, lexical, 9, { weights });
    expect(hits.length).toBeGreaterThan(2);
    for (const hit of hits) {
      const parts = shares(hit);
      expect(parts.dense + parts.lexical).toBeCloseTo(hit.score, 12);
      if (hit.dense === undefined) expect(parts.dense).toBe(0);
      if (hit.lexical === undefined) expect(parts.lexical).toBeCloseTo(0, 12);
      if (weights === 'rrf' && hit.dense) expect(parts.dense).toBeCloseTo(1 / (60 + hit.dense.rank!), 12);
      // c is a quarter of the way from the worst of MaxSim to its best, and the best of BM25.
      if (weights === undefined && hit.id === 'c') {
        expect(parts.dense).toBeCloseTo(0.1, 12);
        expect(parts.lexical).toBeCloseTo(0.6, 12);
      }
    }
  },
);
