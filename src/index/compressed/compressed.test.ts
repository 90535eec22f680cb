import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainCodec } from '../codec/train.ts';
import { maxSim } from '../maxsim.ts';
import type { AllowedWindows, VectorReader, VectorStorage } from '../vector-storage.ts';
import {
  codec,
  DIM,
  folder,
  queryOf,
  single,
  vectors,
  windows,
  withScorer,
  write,
} from './compressed.fixture.ts';
import { residualStorage } from './residual-storage.ts';
import type { CompressedScorer } from './scorer.ts';
import { COMPRESSED_FILES } from './segment-files.ts';
import type { CompressedReader } from './segment-reader.ts';

const reader = await write(single, windows);
const all: readonly AllowedWindows[] = [undefined];

describe('searching compressed vectors', () => {
  it('scores as the decoded vectors do, for any number of query tokens', async () => {
    await withScorer(single, [reader], async (scorer) => {
      for (const tokens of [1, 15, 16, 17, 32, 33, 100, 1100]) {
        const query = queryOf(tokens, tokens);
        const hits = await scorer.search(query, tokens, 5, all, { effort: 1 });
        const scores = windows.map((_, w) => maxSim(query, reader.vectors(w), DIM));
        const best = Math.max(...scores);
        expect(Math.abs(hits[0].score - best)).toBeLessThan(1e-3 * tokens ** 0.5);
        for (const { window, score } of hits) {
          expect(Math.abs(score - scores[window])).toBeLessThan(1e-3 * tokens ** 0.5);
        }
      }
    });
  });

  it('finds most of what exact search finds', async () => {
    await withScorer(single, [reader], async (scorer) => {
      let found = 0;
      for (let q = 0; q < 20; q++) {
        const query = queryOf(q, 8);
        const scores = windows.map((window) => maxSim(query, window, DIM));
        const best = scores.map((_, w) => w).sort((a, b) => scores[b] - scores[a]);
        const hits = await scorer.search(query, 8, 10, all, { effort: 0.3 });
        found += best.slice(0, 10).filter((w) => hits.some(({ window }) => window === w)).length;
      }
      expect(found / 200).toBeGreaterThan(0.9);
    });
  });

  it('gives the same for any threads, kernels, segments and, of all centroids, sources of candidates', async () => {
    const seed = fc.sample(fc.nat(1000), { numRuns: 6, seed: 1 });
    const ask = (
      storage: VectorStorage,
      readers: readonly VectorReader[],
      first: readonly number[],
      started = false,
    ) =>
      withScorer(storage, readers, async (scorer) => {
        if (started) await (scorer as CompressedScorer).started();
        const found = [];
        for (const q of seed) {
          for (const tokens of [3, 32, 40]) {
            const hits = await scorer.search(
              queryOf(q, tokens),
              tokens,
              20,
              readers.map(() => undefined),
              {
                effort: 0.4,
              },
            );
            found.push(hits.map(({ segment, window, score }) => [first[segment] + window, score]));
          }
        }
        return found;
      });
    const expected = await ask(single, [reader], [0]);
    expect(expected[0]).toHaveLength(20);
    // While workers come up, and when all are there.
    for (const started of [false, true]) {
      expect(await ask(residualStorage(codec, { threads: 2 }), [reader], [0], started)).toEqual(expected);
    }
    expect(await ask(residualStorage(codec, { threads: 1, plain: true }), [reader], [0])).toEqual(expected);
    const lists = residualStorage(codec, { threads: 1, source: 'lists', probes: codec.size });
    expect(await ask(lists, [reader], [0])).toEqual(expected);
    const [a, b] = [Math.floor(windows.length / 3), Math.floor(windows.length / 2)];
    const parts = [
      await write(single, windows.slice(0, a)),
      await write(single, []),
      await write(single, windows.slice(a, b)),
      await write(single, windows.slice(b)),
    ];
    expect(await ask(single, parts, [0, a, a, b])).toEqual(expected);
    expect(await ask(lists, parts, [0, a, a, b])).toEqual(expected);
  });

  it('visits few lists with few probes, and finds the best', async () => {
    const few = residualStorage(codec, { threads: 1, source: 'lists', probes: 4 });
    await withScorer(few, [reader], async (scorer) => {
      const tokens = windows[7].length / DIM;
      const [hit] = await scorer.search(windows[7], tokens, 1, all, { effort: 0 });
      expect(hit.window).toBe(7);
    });
  });

  it('returns only what is allowed, and scores what is asked for', async () => {
    const mask = new Uint8Array(Math.ceil(windows.length / 8));
    for (let w = 0; w < windows.length; w += 3) mask[w >> 3] |= 1 << (w & 7);
    await withScorer(single, [reader], async (scorer) => {
      const query = queryOf(5, 9);
      for (const effort of [0, 0.5, 1]) {
        const hits = await scorer.search(query, 9, 50, [mask], { effort });
        expect(hits).toHaveLength(50);
        expect(hits.every(({ window }) => window % 3 === 0)).toBe(true);
        const scores = await scorer.score(query, 9, hits);
        expect([...scores]).toEqual(hits.map(({ score }) => score));
      }
      expect(await scorer.search(query, 9, 5, [new Uint8Array(mask.length)])).toEqual([]);
      expect(await scorer.search(query, 9, 1e6, [undefined])).toHaveLength(windows.length);
      expect(await scorer.search(query, 9, 0, [undefined])).toEqual([]);
      expect(await scorer.score(query, 9, [])).toHaveLength(0);
      const many = Array.from({ length: 2 * windows.length }, (_, i) => ({
        segment: 0,
        window: i % windows.length,
      }));
      const scores = await scorer.score(query, 9, many);
      expect(scores.slice(0, windows.length)).toEqual(scores.slice(windows.length));
    });
  });

  it('orders equal scores by segment and window, also of searches at once', async () => {
    const same = await write(
      single,
      Array.from({ length: 20 }, () => windows[3]),
    );
    await withScorer(single, [same, same], async (scorer) => {
      const both = await Promise.all(
        [0, 1].map(() => scorer.search(queryOf(1, 4), 4, 30, [undefined, undefined])),
      );
      expect(both[0].map(({ segment, window }) => 20 * segment + window)).toEqual([...Array(30).keys()]);
      expect(both[1]).toEqual(both[0]);
    });
  });

  it('refuses queries that mean nothing, and goes on', async () => {
    await withScorer(single, [reader], async (scorer) => {
      const bad = queryOf(1, 2);
      bad[3] = Number.NaN;
      await expect(scorer.search(bad, 2, 1, all)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
      await expect(scorer.search(new Float32Array(), 0, 1, all)).rejects.toMatchObject({
        code: 'GRAPH_SHAPE',
      });
      await expect(scorer.search(bad, 3, 1, all)).rejects.toMatchObject({ code: 'GRAPH_SHAPE' });
      const asked = scorer.search(queryOf(1, 2), 2, 1, all, { effort: 2 });
      await expect(asked).rejects.toMatchObject({ code: 'SETTING_INVALID' });
      expect(await scorer.search(new Float32Array(DIM), 1, 2, all)).toHaveLength(2);
    });
  });

  it('searches nothing', async () => {
    await withScorer(single, [], async (scorer) => {
      expect(await scorer.search(queryOf(1, 2), 2, 3, [])).toEqual([]);
    });
  });

  it.each([1, 2] as const)('works with %i bits and a dimension of padding', async (bits) => {
    const small = await trainCodec(vectors, { dim: DIM, bits, seed: 1, centroids: 64 });
    for (const plain of [false, true]) {
      const storage = residualStorage(small, { threads: 1, plain });
      const segment = await write(storage, windows.slice(0, 50));
      await withScorer(storage, [segment], async (scorer) => {
        const query = queryOf(3, 6);
        const hits = await scorer.search(query, 6, 50, all);
        for (const { window, score } of hits) {
          expect(Math.abs(score - maxSim(query, segment.vectors(window), DIM))).toBeLessThan(2e-3);
        }
      });
    }
  });
});

describe('a compressed segment', () => {
  it('has the same bytes for any threads and any batches', async () => {
    const many = Array.from({ length: 70 }, () => vectors.subarray(0, 500 * DIM));
    const bytes = async (threads: number, parts: readonly Float32Array[]) => {
      const segment = (await write(residualStorage(codec, { threads }), parts)) as CompressedReader;
      return Object.values(segment.files).map(({ path }) => readFileSync(path));
    };
    expect(await bytes(2, many)).toEqual(await bytes(1, many));
  });

  it('copies windows as they lie, in order with those that are added', async () => {
    const directory = mkdtempSync(join(folder, 'written-'));
    const writer = await single.writer(directory);
    await writer.add(windows[0], windows[0].length / DIM);
    await writer.copy(reader, 9);
    await writer.add(windows[4], windows[4].length / DIM);
    const { fit } = await writer.finish();
    const lengths = [0, 9, 4].map((w) => windows[w].length / DIM);
    expect(fit?.tokens).toBe(lengths[0] + lengths[2]);
    const copied = single.reader(directory, { windows: 3, tokens: lengths[0] + lengths[1] + lengths[2] });
    [0, 9, 4].forEach((w, i) => {
      expect(copied.vectors(i)).toEqual(reader.vectors(w));
      expect(copied.tokenCount(i)).toBe(lengths[i]);
    });
    copied.close();
    copied.close();
  });

  it('refuses windows that it cannot hold, and segments of another codec', async () => {
    const writer = await single.writer(mkdtempSync(join(folder, 'written-')));
    const bad = windows[0].slice();
    bad[1] = Number.POSITIVE_INFINITY;
    await expect(writer.add(bad, bad.length / DIM)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    await expect(writer.add(new Float32Array(), 0)).rejects.toMatchObject({ code: 'GRAPH_SHAPE' });
    await expect(writer.add(bad, 99)).rejects.toMatchObject({ code: 'GRAPH_SHAPE' });
    const other = residualStorage(await trainCodec(vectors, { dim: DIM, bits: 1, seed: 1, centroids: 9 }), {
      threads: 1,
    });
    await expect(writer.copy(await write(other, windows.slice(0, 2)), 0)).rejects.toMatchObject({
      code: 'SETTING_INVALID',
    });
    await writer.abandon();
    await writer.abandon();
  });

  it.each([
    ['without a file', 'lists', rmSync, 'CHECKPOINT_INCOMPLETE'],
    ['with codes cut off', 'codes', (at: string) => truncateSync(at, 2), 'CHECKPOINT_FORMAT'],
    ['with residuals cut off', 'residuals', (at: string) => truncateSync(at, 2), 'CHECKPOINT_FORMAT'],
    ['with a window too many', 'counts', (at: string) => appendFileSync(at, 'xx'), 'CHECKPOINT_FORMAT'],
    [
      'with an empty window',
      'counts',
      (at: string) => writeFileSync(at, Uint8Array.of(0, 0, 9, 0)),
      'CHECKPOINT_FORMAT',
    ],
    [
      'with other counts',
      'counts',
      (at: string) => writeFileSync(at, Uint8Array.of(1, 0, 1, 0)),
      'CHECKPOINT_FORMAT',
    ],
    [
      'with an unknown centroid',
      'codes',
      (at: string) => writeFileSync(at, Buffer.alloc(2 * tokensOfTwo, 255)),
      'CHECKPOINT_FORMAT',
    ],
    [
      'with a damaged directory',
      'lists',
      (at: string) => writeFileSync(at, Uint8Array.of(255, 0, 0, 0)),
      'CHECKPOINT_FORMAT',
    ],
    [
      'with lists cut off',
      'lists',
      (at: string) => truncateSync(at, readFileSync(at).length - 1),
      'CHECKPOINT_FORMAT',
    ],
  ] as const)('%s is refused by name', async (_, name, damage, code) => {
    const whole = (await write(single, windows.slice(0, 2))) as CompressedReader;
    const { path } = whole.files[name];
    whole.close();
    damage(path);
    const lists = residualStorage(codec, { threads: 1, source: 'lists' });
    const open = async () => {
      const opened = lists.reader(join(path, '..'), { windows: 2, tokens: tokensOfTwo });
      await withScorer(lists, [opened], (scorer) => scorer.search(queryOf(1, 1), 1, 1, all, { effort: 0 }));
      (opened as CompressedReader).lists();
    };
    await expect(open()).rejects.toMatchObject({ code, at: path });
  });
  const tokensOfTwo = (windows[0].length + windows[1].length) / DIM;

  it('cut off while it is open is an error of the search, in other threads too', async () => {
    const storage = residualStorage(codec, { threads: 2 });
    const segment = (await write(storage, windows)) as CompressedReader;
    await withScorer(storage, [segment], async (scorer) => {
      await (scorer as CompressedScorer).started();
      truncateSync(segment.files.residuals.path, 10);
      const at = join(segment.files.residuals.path, '..', COMPRESSED_FILES.residuals);
      for (let turn = 0; turn < 3; turn++) {
        const search = scorer.search(queryOf(1, 3), 3, 1, all, { effort: 1 });
        await expect(search).rejects.toMatchObject({ code: 'CHECKPOINT_FORMAT', at });
      }
    });
  });
});
