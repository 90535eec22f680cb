/** Eigenvectors, and the nearest matrix of low rank, held against what they are defined by. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { RandomStream } from '../random.ts';
import { addLowRank, truncate } from './low-rank.ts';
import type { FloatTensor } from './safetensors.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

function normal(count: number, seed: number): Float64Array {
  const stream = new RandomStream(seed, 'matrix');
  return Float64Array.from({ length: count }, () => stream.normal());
}

const zeros = (rows: number, columns: number): FloatTensor => ({
  dtype: 'F32',
  shape: [rows, columns],
  data: new Float32Array(rows * columns),
});

const squares = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x * x, 0);

describe('symmetricEigen', () => {
  it('knows a case by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect(values).toBeAllclose([3, 1], { relative: 1e-14 });
    expect(Math.abs(vectors[0])).toBeCloseTo(Math.SQRT1_2, 12);
    expect(vectors[0]).toBeCloseTo(vectors[1], 12);
  });

  it('gives orthonormal vectors that make up the matrix again, whatever its rank', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 24 }),
        fc.nat(1000),
        (n, rank, seed) => {
          const x = normal(n * rank, seed);
          const a = new Float64Array(n * n);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++)
              for (let r = 0; r < rank; r++) a[i * n + j] += x[i * rank + r] * x[j * rank + r];
          const { values, vectors } = symmetricEigen(a, n);
          const [again, identity] = [new Float64Array(n * n), new Float64Array(n * n)];
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++)
              for (let k = 0; k < n; k++) {
                again[i * n + j] += values[k] * vectors[k * n + i] * vectors[k * n + j];
                identity[i * n + j] += vectors[i * n + k] * vectors[j * n + k];
              }
          const one = identity.map((_, i) => (i % (n + 1) === 0 ? 1 : 0));
          expect(identity).toBeAllclose(one, { absolute: 1e-12 });
          expect(again).toBeAllclose(a, { relative: 0, absolute: 1e-12, ofScale: 1e-12 });
          expect([...values]).toEqual([...values].sort((p, q) => q - p));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('truncate', () => {
  it.each([
    [7, 12],
    [12, 7],
  ])('finds a matrix of rank 3 again, %i x %i', (rows, columns) => {
    const [b, a] = [normal(rows * 3, 1), normal(3 * columns, 2)];
    const matrix = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let r = 0; r < 3; r++) matrix[i * columns + j] += b[i * 3 + r] * a[r * columns + j];
    const { factors, kept } = truncate(matrix, [rows, columns], { energy: 1 - 1e-9 });
    expect(factors.b.shape).toEqual([rows, 3]);
    expect(factors.a.shape).toEqual([3, columns]);
    expect(kept).toBeCloseTo(1, 9);
    expect(addLowRank(zeros(rows, columns), factors).data).toBeAllclose(matrix, { absolute: 1e-5 });
  });

  it('loses exactly the squares that it says, and no less by any other matrix of that rank', () => {
    const matrix = normal(9 * 6, 3);
    const total = squares(matrix);
    let before = 1;
    for (let rank = 1; rank <= 6; rank++) {
      const { factors, kept } = truncate(matrix, [9, 6], { rank });
      const rest = addLowRank(zeros(9, 6), factors).data.map((value, i) => matrix[i] - value);
      expect(squares(rest) / total).toBeCloseTo(1 - kept, 6);
      expect(1 - kept).toBeLessThan(before);
      before = 1 - kept;
      // Nudged factors are a matrix of the same rank.
      for (const part of ['a', 'b'] as const) {
        const nudge = normal(factors[part].data.length, rank);
        const other = { ...factors[part], data: factors[part].data.map((x, i) => x + 0.01 * nudge[i]) };
        const worse = addLowRank(zeros(9, 6), { ...factors, [part]: other }).data;
        if (rank < 6)
          expect(squares(worse.map((value, i) => matrix[i] - value))).toBeGreaterThan(squares(rest));
      }
    }
    expect(before).toBeCloseTo(0, 9);
  });

  it('takes the smallest rank that holds the share asked for', () => {
    const matrix = Float64Array.of(3, 0, 0, 0, 2, 0, 0, 0, 1); // shares 9/14, 4/14, 1/14
    const rankOf = (energy: number) => truncate(matrix, [3, 3], { energy }).factors.a.shape[0];
    expect([0.5, 9 / 14 - 1e-9, 0.7, 0.95, 1].map(rankOf)).toEqual([1, 1, 2, 3, 3]);
  });

  it('keeps a row of the weight, zeros with their sign, where nothing is added', () => {
    const weight: FloatTensor = { dtype: 'F32', shape: [2, 2], data: Float32Array.of(-0, 1, -0, 1) };
    const b: FloatTensor = { dtype: 'F32', shape: [2, 1], data: Float32Array.of(0, 2) };
    const a: FloatTensor = { dtype: 'F32', shape: [1, 2], data: Float32Array.of(0, 3) };
    const { data } = addLowRank(weight, { b, a });
    expect(Object.is(data[0], -0)).toBe(true);
    expect([...data.subarray(1)]).toEqual([1, 0, 7]);
  });
});
