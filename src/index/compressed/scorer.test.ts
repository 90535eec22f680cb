/** The scorer's choices and refusals: ways to candidates, norms, threads, closing. */
import { describe, expect, it } from 'vitest';
import { clusteredVectors } from '../../../test/clustered-vectors.ts';
import type { AllowedWindows } from '../vector-storage.ts';
import { codec, DIM, queryOf, single, windows, withScorer, write } from './compressed.fixture.ts';
import { listsAreCheaper } from './list-candidates.ts';
import { mostThreads, residualStorage } from './residual-storage.ts';
import { CompressedScorer } from './scorer.ts';
import type { CompressedReader } from './segment-reader.ts';

const reader = await write(single, windows);
/** 3000 windows of 20 tokens. */
const rows = clusteredVectors({ count: 60_000, dim: DIM, clusters: 80, noise: 0.4, seed: 2 });
const many = Array.from({ length: 3000 }, (_, w) => rows.subarray(w * 20 * DIM, (w + 1) * 20 * DIM));
const all: readonly AllowedWindows[] = [undefined];

describe('a scorer of compressed windows', () => {
  it('gives the same with deleted windows as after a merge, whichever way candidates are found', async () => {
    const ask = async (source: 'scan' | 'lists' | undefined, deleted: boolean) => {
      const storage = residualStorage(codec, { threads: 1, probes: 1, source });
      const readers = [await write(storage, many), ...(deleted ? [await write(storage, many)] : [])];
      const live = [undefined, new Uint8Array(375)].slice(0, readers.length);
      const scorer = await storage.scorer(readers, { live });
      const hits = await scorer.search(queryOf(4, 1), 1, 1000, live, { effort: 0.8 });
      await scorer.close();
      for (const each of readers) each.close();
      return hits.map(({ window }) => window);
    };
    const [lists, merged] = [await ask('lists', false), await ask(undefined, false)];
    expect(lists).not.toEqual(await ask('scan', false));
    // By estimate lists are cheaper here, though not if the deleted windows counted.
    expect(merged).toEqual(lists);
    expect(await ask(undefined, true)).toEqual(merged);
  });

  it('takes lists for no shorter when a filter leaves fewer windows', async () => {
    const storage = residualStorage(codec, { threads: 1, probes: 1 });
    const segment = await write(storage, many);
    // 85 of a hundred windows: the scan passes over the others, lists do not.
    const kept = new Uint8Array(375);
    for (let w = 0; w < many.length; w++) if (w % 100 < 85) kept[w >> 3] |= 1 << (w & 7);
    const ask = async (source: 'scan' | 'lists' | undefined) => {
      const scorer = new CompressedScorer(codec, [segment as CompressedReader], {
        ...{ threads: 1, probes: 1, source },
      });
      const hits = await scorer.search(queryOf(4, 1), 1, 1000, [kept], { effort: 0.8 });
      await scorer.close();
      return hits.map(({ window }) => window);
    };
    const scanned = await ask('scan');
    expect(await ask('lists')).not.toEqual(scanned);
    expect(await ask(undefined)).toEqual(scanned);
    segment.close();
    const sizes = { centroids: codec.size, liveTokens: 60_000, allowedTokens: 51_000 };
    expect(listsAreCheaper(sizes, 1, 1)).toBe(false);
    expect(listsAreCheaper({ ...sizes, allowedTokens: 60_000 }, 1, 1)).toBe(true);
  });

  it('scores few windows by the rows they need, as it scores many by the whole table', async () => {
    await withScorer(single, [reader], async (scorer) => {
      for (const tokens of [3, 20, 40]) {
        const query = queryOf(2, tokens);
        const hits = await scorer.search(query, tokens, 60, all, { effort: 1 });
        // The best of 60 in fives, backwards; twice, as rows of other queries are in the table by then.
        for (let first = 55; first >= 0; first -= 5) {
          const some = hits.slice(first, first + 5).reverse();
          const scores = await scorer.score(query, tokens, some);
          expect([...scores]).toEqual(some.map(({ score }) => score));
        }
        const few = new Uint8Array(Math.ceil(windows.length / 8));
        for (const { window } of hits.slice(0, 4)) few[window >> 3] |= 1 << (window & 7);
        expect(await scorer.search(query, tokens, 60, [few])).toEqual(hits.slice(0, 4));
      }
    });
  });

  it('has by default no more threads than there is work for, and those that it is told to have', async () => {
    expect(mostThreads(codec, 0)).toBe(1);
    expect(mostThreads({ ...codec, size: 32_768, paddedDim: 128 }, 6_400_000)).toBeGreaterThan(64);
    const serving = async (threads?: number) => {
      const scorer = (await residualStorage(codec, { threads }).scorer([reader])) as CompressedScorer;
      await scorer.started();
      const count = scorer.serving;
      await scorer.close();
      return count;
    };
    expect(await serving()).toBe(1);
    expect(await serving(3)).toBe(3);
  });

  it('starts threads when there has been work enough, not for a search or two', async () => {
    const storage = residualStorage(codec, { threads: 2 });
    const segment = await write(storage, many);
    const scorer = (await storage.scorer([segment])) as CompressedScorer;
    const { team } = (scorer as unknown as { phases: { team: { workers: readonly unknown[] } } }).phases;
    const search = () => scorer.search(queryOf(4, 32), 32, 10, all, { effort: 1 });
    const expected = await search();
    await search();
    expect(team.workers).toHaveLength(0);
    let searches = 2;
    for (; searches < 60 && team.workers.length === 0; searches++) expect(await search()).toEqual(expected);
    expect(team.workers).toHaveLength(1);
    expect(searches).toBeLessThan(60);
    await scorer.close();
    segment.close();
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
