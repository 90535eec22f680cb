/** Passages of several windows: as few searches as it takes, and the k best passages all the same. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { FINGERPRINT } from '../../test/index-passages.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { emptyBitmap, setBit } from '../data/bitmap.ts';
import { RandomStream } from '../random.ts';
import { buildIndex, type EncodedPassage } from './build.ts';
import { maxSim } from './maxsim.ts';
import { openIndex } from './open-index.ts';
import type { SegmentScorer } from './vector-storage.ts';

const folder = temporaryFolder();
const DIM = 8;
const random = new RandomStream(3, 'window-depth');
const draw = (tokens: number) => Float32Array.from({ length: tokens * DIM }, () => random.normal());
const passagesOf = (count: number, windows: readonly number[]): EncodedPassage[] =>
  Array.from({ length: count }, (_, p) => {
    const tokens = windows.reduce((sum, each) => sum + each, 0);
    return { passage: { id: `p${p}`, text: `text ${p}` }, vectors: draw(tokens), tokens, windows };
  });

async function searched(name: string, passages: readonly EncodedPassage[], k: number, allowed?: Uint8Array) {
  const path = join(folder.path, name);
  await buildIndex(path, { dim: DIM, fingerprint: FINGERPRINT, precision: 'float32' }, passages);
  const index = openIndex(path);
  try {
    const scorer = await (index as unknown as { opened(): Promise<SegmentScorer> }).opened();
    const searches = vi.spyOn(scorer, 'searchBatch');
    const query = draw(3);
    const hits = await index.search(query, 3, k, { allowed });
    const best = passages
      .map(({ passage: { id }, vectors, windows = [] }) => {
        let end = 0;
        const scores = windows.map((count) => {
          end += count;
          return maxSim(query, vectors.subarray((end - count) * DIM, end * DIM), DIM);
        });
        return { id, score: Math.max(...scores) };
      })
      .filter((_, p) => allowed === undefined || (allowed[p >> 3] & (1 << (p & 7))) !== 0)
      .sort((a, b) => b.score - a.score);
    expect(hits.map(({ id }) => id)).toEqual(best.slice(0, k).map(({ id }) => id));
    return searches.mock.calls.map(([, depth]) => depth);
  } finally {
    await index.close();
  }
}

describe('windows that are searched for k passages', () => {
  it('are k where each passage has one', async () => {
    expect(await searched('one', passagesOf(40, [3]), 10)).toEqual([10]);
  });

  it('are more at once where passages have several', async () => {
    expect(await searched('three', passagesOf(40, [2, 1, 2]), 10)).toEqual([40]);
  });

  it('are a few more where few passages have several', async () => {
    const [single, several] = [passagesOf(95, [3]), passagesOf(5, [2, 2])];
    const renamed = several.map((each, p) => ({ ...each, passage: { id: `q${p}`, text: `long ${p}` } }));
    expect(await searched('few', [...single, ...renamed], 20)).toEqual([27]);
  });

  it('are all where all passages are asked for', async () => {
    expect(await searched('all', passagesOf(12, [2, 1, 2]), 12)).toEqual([36]);
    const allowed = emptyBitmap(40);
    for (const p of [3, 20, 39]) setBit(allowed, p);
    expect(await searched('allowed', passagesOf(40, [2, 1, 2]), 5, allowed)).toEqual([120]);
  });

  it('grow while windows of few passages crowd out others', async () => {
    const [long, ...short] = [
      ...passagesOf(
        1,
        Array.from({ length: 60 }, () => 1),
      ),
      ...passagesOf(20, [1]).map((each, p) => ({ ...each, passage: { id: `s${p}`, text: 'short' } })),
    ];
    const depths = await searched(
      'crowd',
      [long, ...short.map((s) => ({ ...s, vectors: s.vectors.map((v) => v / 100) }))],
      6,
    );
    expect(depths[0]).toBe(24);
    expect(depths.length).toBeGreaterThan(1);
  });
});
