/** The shape of a training by hand, and beside what a training does. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clusteredVectors } from '../../../test/clustered-vectors.ts';
import { KMeans } from './k-means.ts';
import { centroidCount, sampleSize, trainCodec } from './train.ts';
import { trainingAssignments, trainingShape } from './training-shape.ts';

afterEach(() => vi.restoreAllMocks());

describe('the shape of a training', () => {
  it('follows from the numbers of vectors and centroids', () => {
    const centroids = centroidCount(6_400_000);
    const rows = sampleSize(centroids);
    const shape = trainingShape(rows, centroids);
    expect(shape).toEqual({
      rows: 393_216,
      centroids: 32_768,
      cells: 256,
      cellRows: 65_536,
      levelRows: 65_536,
    });
    expect(trainingAssignments(shape)).toEqual({
      amongCells: 10 * 65_536 + 393_216,
      amongChildren: 8 * 393_216,
    });
  });

  it('has no more centroids, cells and rows than vectors', () => {
    expect(trainingShape(1, 16)).toEqual({ rows: 1, centroids: 1, cells: 1, cellRows: 1, levelRows: 1 });
    expect(trainingShape(100, 64)).toMatchObject({ centroids: 64, cells: 16, cellRows: 100 });
  });

  it.each([
    [2000, 128],
    [3000, 1024],
  ])('is that of a training on %i vectors of %i centroids', async (rows, centroids) => {
    const assign = vi.spyOn(KMeans.prototype, 'assign');
    const sample = clusteredVectors({ count: rows, dim: 32, clusters: 40, noise: 0.5, seed: 1 });
    const codec = await trainCodec(sample, { dim: 32, bits: 4, centroids, seed: 1 });
    const assigned = assign.mock.calls.map(([, count]) => count);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    const shape = trainingShape(rows, centroids);
    // Turns among cells and the last assignment to them come first.
    expect(sum(assigned.slice(0, 11))).toBe(trainingAssignments(shape).amongCells);
    expect(sum(assigned.slice(11))).toBe(trainingAssignments(shape).amongChildren);
    expect(codec.size).toBe(shape.centroids);
    expect(codec.cellStarts.length - 1).toBeLessThanOrEqual(shape.cells);
  });
});
