import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import type { RunEntry } from '../data/records.ts';
import { reciprocalRankFusion, weightedFusion } from './fusion.ts';

const run = (scores: Record<string, number>, query = 'q1'): RunEntry[] =>
  Object.entries(scores).map(([passage, score]) => ({ query, passage, score }));
const scoresOf = (entries: readonly RunEntry[]) =>
  Object.fromEntries(entries.map(({ passage, score }) => [passage, score]));

const bm25 = run({ a: 10, b: 6, c: 2 });
const pack = run({ b: 0.9, d: 0.8, a: 0.5 });

describe('reciprocalRankFusion', () => {
  it('adds the inverse ranks', () => {
    const fused = reciprocalRankFusion([bm25, pack]);
    expect(fused.map(({ passage }) => passage)).toEqual(['b', 'a', 'd', 'c']);
    const scores = scoresOf(fused);
    expect(scores.a).toBeCloseTo(1 / 61 + 1 / 63, 15);
    expect(scores.b).toBeCloseTo(1 / 62 + 1 / 61, 15);
    expect(scores.c).toBeCloseTo(1 / 63, 15);
    expect(scores.d).toBeCloseTo(1 / 62, 15);
  });

  it('takes weights, another k and a depth', () => {
    const fused = reciprocalRankFusion([bm25, pack], { k: 0, weights: [1, 0], depth: 2 });
    expect(fused).toEqual([
      { query: 'q1', passage: 'a', score: 1 },
      { query: 'q1', passage: 'b', score: 0.5 },
    ]);
  });

  it('ranks by score, whatever the order of the entries; equal scores as trec_eval does', () => {
    const fused = reciprocalRankFusion([[...bm25].reverse()]);
    expect(fused.map(({ passage }) => passage)).toEqual(['a', 'b', 'c']);
    expect(reciprocalRankFusion([run({ x: 1, y: 1 })])[0].passage).toBe('y');
  });

  it('keeps queries that one run has alone', () => {
    const fused = reciprocalRankFusion([bm25, run({ z: 1 }, 'q0')]);
    expect(fused.map(({ query }) => query)).toEqual(['q1', 'q1', 'q1', 'q0']);
  });
});

describe('weightedFusion', () => {
  it('adds scores scaled to 0..1', () => {
    // bm25: a 1, b .5, c 0; pack: b 1, d .75, a 0.
    const scores = scoresOf(weightedFusion([bm25, pack], { weights: [0.5, 2] }));
    expect(scores.a).toBeCloseTo(0.5, 12);
    expect(scores.b).toBeCloseTo(0.25 + 2, 12);
    expect(scores.c).toBeCloseTo(0, 12);
    expect(scores.d).toBeCloseTo(1.5, 12);
  });

  it('adds standard scores; a passage that a run lacks counts as its last', () => {
    // bm25: mean 6, deviation sqrt(32/3); z of 10, 6 and 2 are 1.2247, 0 and -1.2247.
    const z = 4 / Math.sqrt(32 / 3);
    const [b, d, a] = [0.9, 0.8, 0.5].map((s) => (s - 2.2 / 3) / Math.sqrt(0.26 / 9));
    const scores = scoresOf(weightedFusion([bm25, pack], { normalisation: 'z-score' }));
    expect(scores.a).toBeCloseTo(z + a, 12);
    expect(scores.b).toBeCloseTo(b, 12);
    expect(scores.c).toBeCloseTo(-z + a, 12);
    expect(scores.d).toBeCloseTo(-z + d, 12);
  });

  it('takes runs whose scores are all equal: what they lack is worth less than what they have', () => {
    const equal = [run({ a: 3 }), run({ b: 7, c: 7 })];
    expect(scoresOf(weightedFusion(equal))).toEqual({ a: 1, b: 1, c: 1 });
    expect(scoresOf(weightedFusion([run({ a: 3 })], { normalisation: 'z-score' }))).toEqual({ a: 0 });
    // One run finds one passage, another finds others as well: the first has its say.
    for (const normalisation of ['min-max', 'z-score'] as const) {
      const fused = weightedFusion([run({ d: 3 }), pack], { normalisation });
      expect(fused.map(({ passage }) => passage)).toEqual(['d', 'b', 'a']);
    }
  });

  it('normalises the score of what a run lacks, where it is known', () => {
    // bm25 from 0: a 1, b .6, c .2, others 0; pack: b 1, d .75, a 0, others 0.
    const scores = scoresOf(weightedFusion([bm25, pack], { others: [0, undefined] }));
    expect(scores.a).toBeCloseTo(1, 12);
    expect(scores.b).toBeCloseTo(1.6, 12);
    expect(scores.c).toBeCloseTo(0.2, 12);
    expect(scores.d).toBeCloseTo(0.75, 12);
  });

  it('does not change when the scores of a run are scaled and shifted', () => {
    const score = fc.integer({ min: -50, max: 50 });
    const scores = fc.dictionary(fc.constantFrom(...'abcdef'), score, { minKeys: 1 });
    fc.assert(
      fc.property(
        scores,
        scores,
        fc.constantFrom('min-max' as const, 'z-score' as const),
        (x, y, normalisation) => {
          const before = scoresOf(weightedFusion([run(x), run(y)], { normalisation }));
          const scaled = run(y).map((entry) => ({ ...entry, score: 4 * entry.score + 16 }));
          const after = scoresOf(weightedFusion([run(x), scaled], { normalisation }));
          for (const passage of Object.keys(before)) expect(after[passage]).toBeCloseTo(before[passage], 9);
        },
      ),
    );
  });
});

describe('both', () => {
  it.each([
    ['no run', () => reciprocalRankFusion([])],
    ['1 weights for 2 runs', () => weightedFusion([bm25, pack], { weights: [1] })],
    ['a weight is -1', () => weightedFusion([bm25], { weights: [-1] })],
    ['all weights are 0', () => reciprocalRankFusion([bm25], { weights: [0] })],
    ['depth is 0', () => reciprocalRankFusion([bm25], { depth: 0 })],
    ['k of reciprocal', () => reciprocalRankFusion([bm25], { k: Number.NaN })],
  ])('refuse: %s', async (words, work) => {
    const error = await refusal(work);
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.message).toContain(words);
  });
});
