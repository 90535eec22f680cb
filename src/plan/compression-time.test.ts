/** What compression will take, by hand and beside the work itself. */
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { sampleSize } from '../index/codec/train.ts';
import { trainingShape } from '../index/codec/training-shape.ts';
import {
  type CompressionRates,
  compressionRates,
  compressionTime,
  planCompression,
} from './compression-time.ts';

const folder = temporaryFolder();
const given = () => ({ dim: 32, bits: 4, threads: 1, passageTokens: 60, folder: folder.path }) as const;
const each = (seconds: number) => ({ seconds, processor: 2 * seconds });

describe('the time of compression', () => {
  it('multiplies each part by how often it is done', () => {
    const shape = { rows: 1000, centroids: 64, cells: 16, cellRows: 500, levelRows: 900 };
    const rates: CompressionRates = {
      ...{ amongCells: each(1e-3), amongChildren: each(1e-4) },
      token: each(5e-3),
    };
    // 6000 ms among cells, 8000 x 0.1 ms, 900 x 10 ms with one thread, 10,000 x 5 ms.
    const { seconds, processor } = compressionTime(shape, 10_000, rates);
    expect(seconds).toBeCloseTo(6 + 0.8 + 9 + 50, 9);
    expect(processor).toBeCloseTo(12 + 1.6 + 9 + 100, 9);
  });

  it('of a token grows with the centroids', async () => {
    const rates = (centroids: number) =>
      compressionRates(trainingShape(sampleSize(centroids), centroids), given());
    const [few, many] = [await rates(256), await rates(32_768)];
    expect(few.amongChildren.seconds).toBeGreaterThan(0);
    // A token is compared with 16 times as many: 128 + 128 of 32 cells, 256 + 1024 of 256.
    expect(many.token.processor).toBeGreaterThan(1.5 * few.token.processor);
  });

  it('is planned with the memory of the sample, which is bounded', async () => {
    const small = await planCompression({ ...given(), tokens: 1000 });
    expect(small.memory).toBe(8 * 32 * 1000);
    const large = await planCompression({ ...given(), tokens: 2 ** 20, memoryBytes: 2 ** 28 });
    expect(large.memory).toBe(8 * 32 * 12 * 16_384);
    expect(large.seconds).toBeGreaterThan(small.seconds);
  });
});
