/** An index whose vectors are compressed, from its build through additions, deletions and merges. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { clusteredVectors } from '../../test/clustered-vectors.ts';
import { FINGERPRINT } from '../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { buildIndex, type EncodedPassage } from './build.ts';
import type { ThreadTeam } from './kernels/thread-team.ts';
import { openIndex } from './open-index.ts';
import { indexStats } from './stats.ts';
import { precisionFor, vectorBytes } from './storages.ts';
import { verifyIndex } from './verify.ts';
import { IndexWriter } from './writer/index-writer.ts';

const folder = temporaryFolder();
const DIM = 16;
const TOKENS = 6;

function passagesOf(count: number, seed: number, prefix = 'p'): EncodedPassage[] {
  const rows = clusteredVectors({ count: count * TOKENS, dim: DIM, clusters: 40, noise: 0.5, seed });
  return Array.from({ length: count }, (_, p) => ({
    passage: { id: `${prefix}${p}`, text: `passage ${p}` },
    vectors: rows.slice(p * TOKENS * DIM, (p + 1) * TOKENS * DIM),
    tokens: TOKENS,
  }));
}

const queries = clusteredVectors({ count: 20 * 4, dim: DIM, clusters: 40, noise: 0.5, seed: 1 });
const settings = { dim: DIM, fingerprint: FINGERPRINT };

/** Ids and scores of five queries, every window scored. */
async function ranking(path: string) {
  const index = openIndex(path, { threads: 1 });
  try {
    const found: { id: string; score: number }[][] = [];
    for (let q = 0; q < 5; q++) {
      const query = queries.subarray(q * 4 * DIM, (q + 1) * 4 * DIM);
      const hits = await index.search(query, 4, 400, { effort: 1 });
      found.push(hits.map(({ id, score }) => ({ id, score })));
    }
    return found;
  } finally {
    await index.close();
  }
}

/** Equal scores by ids: passages that were added again stand last. */
const byId = (hits: { id: string; score: number }[][]) =>
  hits.map((each) => [...each].sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)));

describe('a compressed index', () => {
  it.each(['4bit', '2bit', '1bit'] as const)(
    'of %s finds nearly what exact scores find',
    async (precision) => {
      const passages = passagesOf(300, 1);
      const [exact, small] = [join(folder.path, `exact-${precision}`), join(folder.path, precision)];
      await buildIndex(exact, { ...settings, precision: 'float32' }, passages);
      await buildIndex(small, { ...settings, precision }, passages, { threads: 1 });
      const [wanted, found] = [await ranking(exact), await ranking(small)];
      const shared = wanted.map((hits, q) => {
        const top = new Set(hits.slice(0, 10).map(({ id }) => id));
        return found[q].slice(0, 10).filter(({ id }) => top.has(id)).length / 10;
      });
      const least = { '4bit': 0.9, '2bit': 0.75, '1bit': 0.6 }[precision];
      expect(shared.reduce((sum, each) => sum + each, 0) / shared.length).toBeGreaterThanOrEqual(least);
      const { precision: stored, bytesByPart, trained } = indexStats(small);
      expect(stored).toBe(precision);
      expect(bytesByPart.vectors).toBeLessThan(indexStats(exact).bytesByPart.vectors);
      expect(trained?.residual).toBeGreaterThan(0);
      expect(existsSync(join(small, 'building'))).toBe(false);
      expect((await verifyIndex(small)).damaged).toEqual([]);
    },
  );

  it('gives the same scores after additions, deletions and merges as one of the same codec at once', async () => {
    const passages = passagesOf(300, 1);
    const out = join(folder.path, 'changed');
    await buildIndex(out, { ...settings, precision: '4bit' }, passages, { threads: 1 });
    const before = await ranking(out);
    const writer = await IndexWriter.open(out, { threads: 1 });
    const again = passages.slice(40, 90);
    await writer.delete(again.slice(0, 20).map(({ passage }) => passage.id));
    await writer.commit({ merge: false });
    await writer.add(again.slice(0, 20));
    await writer.add(again.slice(20), { replace: true });
    await writer.commit({ merge: false });
    expect(byId(await ranking(out))).toEqual(byId(before));
    const measured = writer.manifest.segments.map(({ fit }) => fit?.tokens);
    expect(measured).toEqual([1800, 120, 180]);
    await writer.merge({ all: true });
    await writer.close();
    expect(byId(await ranking(out))).toEqual(byId(before));
    expect(indexStats(out).segments).toMatchObject([{ passages: 300, deleted: 0, fit: { tokens: 2100 } }]);
    expect(indexStats(out).advice).toEqual([]);
  });

  it('keeps vectors as they came beside it when asked, and then gives the scores of these', async () => {
    const passages = passagesOf(300, 1);
    const [exact, out] = [join(folder.path, 'halves'), join(folder.path, 'beside')];
    await buildIndex(exact, { ...settings, precision: 'float16' }, passages);
    await buildIndex(out, { ...settings, precision: '2bit+float16' }, passages, { threads: 1 });
    const wanted = await ranking(exact);
    expect(await ranking(out)).toEqual(wanted);
    const writer = await IndexWriter.open(out, { threads: 1 });
    await writer.delete(passages.slice(0, 20).map(({ passage }) => passage.id));
    await writer.add(passages.slice(0, 20));
    await writer.add(passages.slice(20, 30), { replace: true });
    await writer.commit({ merge: false });
    expect(byId(await ranking(out))).toEqual(byId(wanted));
    await writer.merge({ all: true });
    await writer.close();
    expect(byId(await ranking(out))).toEqual(byId(wanted));
    const { precision, bytesByPart, segments } = indexStats(out);
    expect({ precision, segments: segments.length }).toEqual({ precision: '2bit+float16', segments: 1 });
    expect(bytesByPart.vectors).toBeGreaterThan(indexStats(exact).bytesByPart.vectors);
    const [kept, came] = [openIndex(out, { threads: 1 }), openIndex(exact)];
    for (const id of ['p0', 'p25', 'p299'])
      expect(kept.vectors(kept.ordinal(id) ?? -1)).toEqual(came.vectors(came.ordinal(id) ?? -1));
    await Promise.all([kept.close(), came.close()]);
    expect((await verifyIndex(out)).damaged).toEqual([]);
  });

  it('says when what is added lies far from the centroids', async () => {
    const out = join(folder.path, 'far');
    await buildIndex(out, { ...settings, precision: '4bit' }, passagesOf(300, 1), { threads: 1 });
    const writer = await IndexWriter.open(out, { threads: 1 });
    await writer.add(passagesOf(300, 99, 'q'));
    await writer.commit({ merge: false });
    await writer.close();
    expect(indexStats(out).advice.join()).toContain('--overwrite');
  });

  it('is built anew in its place with a codec of its own', async () => {
    const out = join(folder.path, 'anew');
    await buildIndex(out, { ...settings, precision: '4bit' }, passagesOf(100, 1), { threads: 1 });
    const reader = openIndex(out, { threads: 1 });
    const first = readFileSync(join(out, 'codec', 'codec.json'));
    const query = queries.subarray(0, 4 * DIM);
    const before = await reader.search(query, 4, 10);
    await buildIndex(out, { ...settings, precision: '2bit', overwrite: true }, passagesOf(100, 2), {
      threads: 1,
    });
    expect(await reader.search(query, 4, 10)).toEqual(before);
    await reader.close();
    expect(existsSync(join(out, 'codec'))).toBe(false);
    expect(readFileSync(join(out, 'codec.2', 'codec.json')).equals(first)).toBe(false);
    expect((await verifyIndex(out)).leftovers).toEqual([]);
  });

  it('of few and very long passages is trained and measured on the beginnings of some', async () => {
    const out = join(folder.path, 'long');
    // More tokens a passage than are measured all together.
    const tokens = 17_000;
    const rows = clusteredVectors({ count: 16 * tokens, dim: DIM, clusters: 40, noise: 0.5, seed: 4 });
    const long = Array.from({ length: 16 }, (_, p) => ({
      passage: { id: `p${p}`, text: `passage ${p}` },
      vectors: rows.slice(p * tokens * DIM, (p + 1) * tokens * DIM),
      tokens,
    }));
    await buildIndex(out, { ...settings, precision: '1bit' }, long, { threads: 1 });
    expect(indexStats(out).trained?.residual).toBeGreaterThan(0);
    const index = openIndex(out, { threads: 1 });
    expect(index.size).toBe(16);
    await index.close();
  });

  it('serves a single passage, and refuses an effort out of range', async () => {
    const out = join(folder.path, 'one');
    await buildIndex(out, { ...settings, precision: '4bit' }, passagesOf(1, 1), { threads: 1 });
    const index = openIndex(out, { threads: 1 });
    const query = queries.subarray(0, 4 * DIM);
    expect((await index.search(query, 4, 5)).map(({ id }) => id)).toEqual(['p0']);
    const error = await refusal(() => index.search(query, 4, 5, { effort: 1.5 }));
    expect(error.code).toBe('SETTING_INVALID');
    await index.close();
  });
});

describe('precisionFor', () => {
  it('compresses what is asked for, and by itself what would take much memory', () => {
    expect(precisionFor('auto', 8192 * 64, 128)).toBe('float16');
    expect(precisionFor('auto', 8193 * 64, 128)).toBe('4bit');
    expect(precisionFor('float32', 1e9, 128)).toBe('float32');
    expect(precisionFor('1bit', 1, 128)).toBe('1bit');
    expect(precisionFor('1bit+float16', 1, 128)).toBe('1bit+float16');
  });
});

describe('vectorBytes', () => {
  it('adds up the forms that are stored', () => {
    const [both, coded, plain] = (['4bit+float16', '4bit', 'float16'] as const).map((precision) =>
      vectorBytes(precision, 1000, 128),
    );
    expect(plain).toBe(256_000);
    expect(both).toBe(coded + plain);
  });
});

describe('a view', () => {
  it.each(['4bit', '4bit+float16'] as const)(
    'of %s opens another scorer after one whose thread has ended',
    async (precision) => {
      const path = join(folder.path, `threads-${precision}`);
      await buildIndex(path, { ...settings, precision }, passagesOf(60, 1), { threads: 1 });
      const expected = await ranking(path);
      const index = openIndex(path, { threads: 2 });
      const search = () => index.search(queries.subarray(0, 4 * DIM), 4, 400, { effort: 1 });
      await search();
      const { scorer } = index as unknown as { scorer: Promise<CompressedScorer | RefinedScorer> };
      const opened = await scorer;
      const { team } = ('coded' in opened ? opened.coded : opened).phases;
      await team.started();
      const { workers } = team as unknown as { workers: readonly Worker[] };
      await workers[0].terminate();
      expect((await refusal(search)).code).toBe('OUT_OF_MEMORY');
      const hits = await search();
      expect(hits.map(({ id, score }) => ({ id, score }))).toEqual(expected[0].slice(0, hits.length));
      expect(hits).toHaveLength(60);
      await index.close();
    },
  );
});

/** What lies behind a view's scorer. */
interface CompressedScorer {
  readonly phases: { readonly team: ThreadTeam };
}

/** What lies behind that of vectors in both forms. */
interface RefinedScorer {
  readonly coded: CompressedScorer;
}
