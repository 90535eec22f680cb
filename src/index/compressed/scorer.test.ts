/** The scorer's choices and refusals: ways to candidates, norms, threads, closing. */
import { describe, expect, it } from 'vitest';
import { clusteredVectors } from '../../../test/clustered-vectors.ts';
import type { AllowedWindows } from '../vector-storage.ts';
import { codec, DIM, queryOf, single, windows, withScorer, write } from './compressed.fixture.ts';
import { residualStorage } from './residual-storage.ts';

const reader = await write(single, windows);
const all: readonly AllowedWindows[] = [undefined];

describe('a scorer of compressed windows', () => {
  it('gives the same with deleted windows as after a merge, whichever way candidates are found', async () => {
    const rows = clusteredVectors({ count: 60_000, dim: DIM, clusters: 80, noise: 0.4, seed: 2 });
    const live = Array.from({ length: 3000 }, (_, w) => rows.subarray(w * 20 * DIM, (w + 1) * 20 * DIM));
    const ask = async (source: 'scan' | 'lists' | undefined, deleted: boolean) => {
      const storage = residualStorage(codec, { threads: 1, probes: 1, source });
      const readers = [await write(storage, live), ...(deleted ? [await write(storage, live)] : [])];
      const allowed = [undefined, new Uint8Array(375)].slice(0, readers.length);
      const hits = await withScorer(storage, readers, (scorer) =>
        scorer.search(queryOf(4, 1), 1, 1000, allowed, { effort: 0.8 }),
      );
      for (const each of readers) each.close();
      return hits.map(({ window }) => window);
    };
    const [lists, merged] = [await ask('lists', false), await ask(undefined, false)];
    expect(lists).not.toEqual(await ask('scan', false));
    // By estimate lists are cheaper here, though not if the deleted windows counted.
    expect(merged).toEqual(lists);
    expect(await ask(undefined, true)).toEqual(merged);
  });

  it('is closed after the searches that were asked for before, and refuses others', async () => {
    const scorer = await single.scorer([reader]);
    const before = scorer.search(queryOf(1, 3), 3, 5, all);
    const closed = scorer.close();
    const after = scorer.search(queryOf(1, 3), 3, 5, all);
    await expect(after).rejects.toThrow('closed');
    expect(await before).toHaveLength(5);
    await closed;
  });

  it.each([1e-35, 1e32])('refuses a query whose norm is %d, and takes one of zeros', async (norm) => {
    await withScorer(single, [reader], async (scorer) => {
      const query = queryOf(1, 2);
      query.fill(norm, 0, DIM).fill(0, DIM);
      await expect(scorer.search(query, 2, 3, all)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
      const hits = await scorer.search(query.fill(0), 2, 3, all);
      expect(hits.map(({ score }) => score)).toEqual([0, 0, 0]);
    });
  });

  it.each([0, 1.5, -1, Number.NaN])('refuses %d threads', async (threads) => {
    expect(() => residualStorage(codec, { threads })).toThrow(`${threads} threads`);
    await expect(single.scorer([reader], { threads })).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  });
});
