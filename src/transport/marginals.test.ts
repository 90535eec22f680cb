import { describe, expect, it } from 'vitest';
import { COLLAPSE_ENTROPY, collapseWarning, planEntropy } from './entropy.ts';
import { documentFrequencies, idfMarginal, inverseDocumentFrequency, uniformMarginal } from './marginals.ts';
import { sinkhorn } from './sinkhorn.ts';

describe('uniformMarginal', () => {
  it('shares 1 among the included tokens', () => {
    expect([...uniformMarginal(4)]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect([...uniformMarginal([true, false, true])]).toEqual([0.5, 0, 0.5]);
  });
  it('refuses a text without tokens', () => {
    expect(() => uniformMarginal([0, 0])).toThrowError(expect.objectContaining({ code: 'SETTING_INVALID' }));
    expect(() => uniformMarginal(0)).toThrowError(expect.objectContaining({ code: 'SETTING_INVALID' }));
  });
});

describe('inverse document frequency', () => {
  it('counts a token once a text', () => {
    expect([...documentFrequencies([[1, 1, 2], Int32Array.of(2, 9)], 4)]).toEqual([0, 1, 2, 0]);
  });
  it('falls with the frequency and stays positive', () => {
    const idf = inverseDocumentFrequency([0, 1, 5, 10], 10);
    expect([...idf]).toEqual([...idf].sort((x, y) => y - x));
    expect(idf[1]).toBeCloseTo(Math.log(1 + 9.5 / 1.5), 12);
    expect(idf[3]).toBeCloseTo(Math.log(1 + 0.5 / 10.5), 12);
  });
  it('refuses a count above the number of texts', () => {
    expect(() => inverseDocumentFrequency([3], 2)).toThrowError(
      expect.objectContaining({ code: 'SETTING_INVALID' }),
    );
  });
  it('weights tokens, leaves out the excluded, and treats unknown ids as rare', () => {
    const idf = Float64Array.of(1, 3);
    expect([...idfMarginal([0, 1], idf)]).toEqual([0.25, 0.75]);
    expect([...idfMarginal([0, 1, 0], idf, [1, 0, 1])]).toEqual([0.5, 0, 0.5]);
    expect([...idfMarginal([0, 77], idf)]).toEqual([0.25, 0.75]);
  });
});

describe('planEntropy', () => {
  it('is 0 for one pair, 1 for an even plan, and ignores the total mass', () => {
    expect(planEntropy(Float64Array.of(0, 1, 0, 0))).toBe(0);
    expect(planEntropy(new Float64Array(6).fill(0.3))).toBeCloseTo(1, 12);
    expect(planEntropy(Float64Array.of(0.5, 0, 0, 0.5))).toBeCloseTo(0.5, 12);
    expect(planEntropy(Float64Array.of(1))).toBe(0);
    expect(planEntropy(Float64Array.of(0.5, 0.5, 0, 0), 2)).toBeCloseTo(1, 12);
  });
  it('warns of the collapse that a large epsilon brings', () => {
    const cost = Float64Array.of(0, 1, 1, 0);
    const solve = (epsilon: number) =>
      planEntropy(
        sinkhorn(cost, 2, 2, uniformMarginal(2), uniformMarginal(2), { epsilon, iterations: 100 }).plan,
      );
    expect(collapseWarning(solve(0.05))).toBeUndefined();
    expect(solve(50)).toBeGreaterThan(COLLAPSE_ENTROPY);
    expect(collapseWarning(solve(50))).toMatch(/lower epsilon/);
  });
});
