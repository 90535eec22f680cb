import { describe, expect, it } from 'vitest';
import { makeReadings, readInPack, rowsOf, withSecondRows } from './readings.ts';

/** Tokens: 0 to 3 are seen in the teacher's language alone, 4 to 7 in the pack's alone, 8 in both, 9 in none. */
const counts = (common: number, other: number) =>
  Float64Array.from({ length: 10 }, (_, token) =>
    token < 4 ? common : token < 8 ? other : token === 8 ? 20 : 0,
  );
const use = { target: counts(0, 100), foreign: counts(0, 100), pivot: counts(100, 0) };
const readings = makeReadings(use);
const read = (...tokens: number[]) => readInPack(Int32Array.from(tokens), readings);

describe('makeReadings', () => {
  it('gives the tokens of the pack, and those of both, rows after the vocabulary', () => {
    expect([...readings.rows]).toEqual([0, 1, 2, 3, 10, 11, 12, 13, 14, 9]);
  });

  it('gives no second row to a token that translations copy', () => {
    expect(makeReadings({ ...use, foreign: counts(0, 0).fill(0, 8) }).rows).toEqual(
      Int32Array.from({ length: 10 }, (_, token) => token),
    );
  });

  it('weighs tokens by the logarithm of their odds', () => {
    // (100 + .5) / (0 + .5), where both languages have 420 tokens.
    expect(readings.logOdds[4]).toBeCloseTo(Math.log(201), 5);
    expect(readings.logOdds[0]).toBeCloseTo(-Math.log(201), 5);
    expect(readings.logOdds[8]).toBeCloseTo(0, 6);
    expect(readings.logOdds[9]).toBeCloseTo(0, 6);
  });
});

describe('readInPack', () => {
  it("reads a text in one language, a token of both as the text's other tokens say", () => {
    expect(read(0, 8, 2)).toEqual([false, false, false]);
    expect(read(4, 8, 6)).toEqual([true, true, true]);
    expect(read(8, 5)).toEqual([true, true]);
    expect(read(8, 1)).toEqual([false, false]);
  });

  it('follows a change of language inside a text', () => {
    expect(read(0, 1, 2, 5, 6, 7)).toEqual([false, false, false, true, true, true]);
  });

  it('is the posterior of the two-state chain, summed over all paths', () => {
    const tokens = [0, 8, 5, 9, 1, 8];
    const paths = Array.from({ length: 2 ** tokens.length }, (_, path) =>
      tokens.map((_, i) => ((path >> i) & 1) === 1),
    );
    const weight = (path: boolean[]) =>
      path.reduce(
        (product, pack, i) =>
          product *
          (pack ? Math.exp(readings.logOdds[tokens[i]]) : 1) *
          (i === 0 ? 0.5 : pack === path[i - 1] ? 0.95 : 0.05),
        1,
      );
    const all = paths.reduce((sum, path) => sum + weight(path), 0);
    const expected = tokens.map(
      (_, i) => paths.filter((path) => path[i]).reduce((sum, path) => sum + weight(path), 0) / all > 0.5,
    );
    expect(read(...tokens)).toEqual(expected);
  });

  it("takes the teacher's reading where nothing speaks for the pack, and reads long texts and none", () => {
    expect(read(9)).toEqual([false]);
    expect(read()).toEqual([]);
    expect(new Set(read(...Array(5000).fill(4)))).toEqual(new Set([true]));
  });
});

it('finds the rows of tokens', () => {
  expect([...rowsOf(Int32Array.of(4, 9, 8), readings)]).toEqual([10, 9, 14]);
  expect([...rowsOf(Int32Array.of(0, 9, 8), readings)]).toEqual([0, 9, 8]);
});

it('puts second rows after a word table, each as its first', () => {
  const table = { dtype: 'F32' as const, shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const second = withSecondRows(table, { rows: Int32Array.of(0, 3, 4), logOdds: new Float32Array(3) });
  expect(second.shape).toEqual([5, 2]);
  expect([...second.data]).toEqual([1, 2, 3, 4, 5, 6, 3, 4, 5, 6]);
});
