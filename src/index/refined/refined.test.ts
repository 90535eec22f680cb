import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../test/temporary.ts';
import { codec, DIM, folder, queryOf, windows, withScorer, write } from '../compressed/compressed.fixture.ts';
import { residualStorage } from '../compressed/residual-storage.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { PlainStorage } from '../plain/plain-storage.ts';
import type { AllowedWindows } from '../vector-storage.ts';
import { RefinedStorage } from './refined-storage.ts';

const coded = residualStorage(codec, { threads: 1 });
const numbers = new PlainStorage(DIM, 'float16');
const both = new RefinedStorage(coded, numbers, 4);
const all: readonly AllowedWindows[] = [undefined];
const [reader, exact] = [await write(both, windows), await write(numbers, windows)];

describe('compressed vectors with the vectors as they came', () => {
  it('give the scores and the order of exact search among what they find, bit for bit', async () => {
    for (const tokens of [1, 8, 9, 33]) {
      const query = queryOf(tokens, tokens);
      const wanted = await withScorer(numbers, [exact], (scorer) => scorer.search(query, tokens, 40, all));
      const found = await withScorer(both, [reader], (scorer) =>
        scorer.search(query, tokens, 40, all, { effort: 1 }),
      );
      expect(found).toEqual(wanted);
    }
  });

  it('rank better than the compressed vectors alone with the same effort', async () => {
    const alone = await write(coded, windows);
    const recall = { coded: 0, both: 0 };
    for (let q = 0; q < 20; q++) {
      const query = queryOf(q, 8);
      const ids = (hits: readonly { readonly window: number }[]) => hits.map(({ window }) => window);
      const best = await withScorer(numbers, [exact], async (scorer) =>
        ids(await scorer.search(query, 8, 10, all)),
      );
      const shared = (found: readonly number[]) => found.filter((window) => best.includes(window)).length;
      recall.coded += await withScorer(coded, [alone], async (scorer) =>
        shared(ids(await scorer.search(query, 8, 10, all, { effort: 0.5 }))),
      );
      recall.both += await withScorer(both, [reader], async (scorer) =>
        shared(ids(await scorer.search(query, 8, 10, all, { effort: 0.5 }))),
      );
    }
    expect(recall.both).toBeGreaterThan(recall.coded);
    expect(recall.both / 200).toBeGreaterThan(0.97);
  });

  it('score single windows, in their order, as a search does, and find no window that is not allowed', async () => {
    const query = queryOf(3, 12);
    await withScorer(both, [reader], async (scorer) => {
      const hits = await scorer.search(query, 12, 5, all);
      const backwards = [...hits].reverse();
      expect([...(await scorer.score(query, 12, backwards))]).toEqual(backwards.map(({ score }) => score));
      const bits = new Uint8Array(Math.ceil(windows.length / 8)).fill(255);
      bits[hits[0].window >> 3] &= ~(1 << (hits[0].window & 7));
      const others = await scorer.search(query, 12, 4, [bits]);
      expect(others).toEqual(hits.slice(1));
    });
  });

  it('are copied without loss and read as float16', async () => {
    const directory = mkdtempSync(join(folder, 'copied-'));
    const writer = await both.writer(directory);
    const chosen = [5, 3, 8];
    for (const window of chosen) await writer.copy(reader, window);
    await writer.finish();
    const tokens = chosen.reduce((sum, window) => sum + reader.tokenCount(window), 0);
    const copy = both.reader(directory, { windows: 3, tokens });
    for (const [i, window] of chosen.entries()) {
      expect(copy.vectors(i)).toEqual(reader.vectors(window));
      expect(copy.vectors(i)).toEqual(exact.vectors(window));
    }
    const query = queryOf(4, 4);
    const wanted = await withScorer(both, [reader], (scorer) =>
      scorer.score(
        query,
        4,
        chosen.map((window) => ({ segment: 0, window })),
      ),
    );
    const hits = await withScorer(both, [copy], (scorer) => scorer.search(query, 4, 3, all));
    expect(hits.map(({ score }) => score).sort()).toEqual([...wanted].sort());
    copy.close();
  });

  it('are refused when a file of either form was cut off', async () => {
    for (const name of ['vectors.f16', 'residuals.bin']) {
      const directory = mkdtempSync(join(folder, 'cut-'));
      const writer = await both.writer(directory);
      await writer.add(windows[0], windows[0].length / DIM);
      await writer.finish();
      truncateSync(join(directory, name), 3);
      const error = await refusal(() =>
        both.reader(directory, { windows: 1, tokens: windows[0].length / DIM }).close(),
      );
      expect(error.code).toBe('CHECKPOINT_FORMAT');
      expect(error.at).toContain(name);
    }
  });

  it('are refused when the forms do not have the same tokens', async () => {
    const directory = mkdtempSync(join(folder, 'moved-'));
    const writer = await both.writer(directory);
    for (const window of [windows[0], windows[1]]) await writer.add(window, window.length / DIM);
    await writer.finish();
    const [first, second] = [windows[0].length / DIM, windows[1].length / DIM];
    writeFileSync(join(directory, 'vectors.lengths'), Uint32Array.of(first + second - 1, 1));
    const error = await refusal(() => both.reader(directory, { windows: 2, tokens: first + second }));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
  });

  it('leave nothing open when the second form cannot be begun', async () => {
    const open = new Set<string>();
    const files: FileSystem = {
      ...nodeFileSystem,
      async create(path) {
        if (path.endsWith('vectors.f16')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        const file = await nodeFileSystem.create(path);
        open.add(path);
        const close = async () => {
          open.delete(path);
          await file.close();
        };
        return { ...file, close };
      },
    };
    const directory = mkdtempSync(join(folder, 'full-'));
    await expect(both.writer(directory, files)).rejects.toThrow('full');
    expect([...open]).toEqual([]);
  });
});
