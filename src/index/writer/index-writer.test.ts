/** Adding, replacing, deleting and merging: what readers see, what is refused, and what is left on the disk. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FINGERPRINT, randomPassages, ranking, unitVectors } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { RandomStream } from '../../random.ts';
import { buildIndex, type EncodedPassage } from '../build.ts';
import { readManifest } from '../manifest.ts';
import { isStale, openIndex, refreshed } from '../open-index.ts';
import { indexStats } from '../stats.ts';
import { verifyIndex } from '../verify.ts';
import { IndexWriter } from './index-writer.ts';
import { claimOn } from './lock-takeover.ts';

const DIM = 8;
const folder = temporaryFolder();
let count = 0;

/** An index of passages p0 to p(n-1) at a place of its own. */
async function indexOf(passages: readonly EncodedPassage[]): Promise<string> {
  const out = join(folder.path, `index-${count++}`);
  await buildIndex(out, { dim: DIM, fingerprint: FINGERPRINT }, passages);
  return out;
}

const passages = randomPassages(1, 60, DIM);
const named = (passage: EncodedPassage, id: string, text = `text of ${id}`): EncodedPassage => ({
  ...passage,
  passage: { id, text },
});

/** What is found for a few queries, by id. */
const found = (path: string) => ranking(path, DIM);

describe('a writer', () => {
  it('adds, replaces and deletes; readers see it at the commit, and old views stay as they are', async () => {
    const path = await indexOf(passages.slice(0, 20));
    const view = openIndex(path);
    const before = await found(path);
    const writer = await IndexWriter.open(path);
    expect(await writer.add(passages.slice(20, 30))).toEqual({ added: 10, replaced: 0 });
    expect(await writer.delete(['p3', 'p4'])).toEqual({ deleted: 2, missing: 0 });
    expect(await writer.add([named(passages[40], 'p5', 'नया पाठ')], { replace: true })).toEqual({
      added: 1,
      replaced: 1,
    });
    expect(await found(path)).toEqual(before);
    expect(isStale(view)).toBe(false);
    const manifest = await writer.commit();
    await writer.close();
    expect([manifest.generation, manifest.passages]).toEqual([2, 28]);
    // The same passages in the same order, built at once.
    const kept = passages.slice(0, 30).filter(({ passage: { id } }) => !['p3', 'p4', 'p5'].includes(id));
    const once = await indexOf([...kept, named(passages[40], 'p5', 'नया पाठ')]);
    expect(await found(path)).toEqual(await found(once));
    expect(view.size).toBe(20);
    expect(view.passage(3)).toEqual(passages[3].passage);
    expect(view.vectors(5)).toHaveLength(passages[5].vectors.length);
    expect(isStale(view)).toBe(true);
    const newer = await refreshed(view);
    expect(newer.size).toBe(28);
    expect(newer.ordinal('p3')).toBeUndefined();
    expect(newer.ordinal('p6')).toBe(3);
    expect(newer.passage(newer.ordinal('p5') as number).text).toBe('नया पाठ');
    expect(Array.from({ length: 28 }, (_, n) => newer.ordinal(newer.id(n)))).toEqual(
      Array.from({ length: 28 }, (_, n) => n),
    );
    expect(await newer.search(passages[3].vectors, passages[3].tokens, 100)).toHaveLength(28);
    await newer.close();
    expect((await verifyIndex(path)).damaged).toEqual([]);
  });

  it('refuses ids that are given twice or are there, and then nothing has changed', async () => {
    const path = await indexOf(passages.slice(0, 10));
    const before = readFileSync(join(path, 'manifest.json'));
    const writer = await IndexWriter.open(path);
    const fresh = passages.slice(10, 15);
    const twice = await refusal(() => writer.add([...fresh, fresh[2]]));
    expect([twice.code, twice.message]).toEqual(['DUPLICATE_ID', expect.stringContaining('"p12"')]);
    const there = await refusal(() => writer.add([...fresh, passages[4]]));
    expect([there.code, there.message]).toEqual(['DUPLICATE_ID', expect.stringContaining('"p4"')]);
    expect(there.hint).toContain('--replace');
    const again = await refusal(() => writer.add([passages[1], ...fresh, passages[1]], { replace: true }));
    expect(again.code).toBe('DUPLICATE_ID');
    const unknown = await refusal(() => writer.delete(['p1', 'nowhere', 'ไม่มี']));
    expect([unknown.code, unknown.message]).toEqual(['UNKNOWN_ID', expect.stringContaining('ไม่มี')]);
    expect(await writer.delete(['p1', 'nowhere', 'p1'], { missing: 'ignore' })).toEqual({
      deleted: 1,
      missing: 1,
    });
    await writer.close();
    expect(readFileSync(join(path, 'manifest.json'))).toEqual(before);
    expect(readdirSync(join(path, 'segments'))).toEqual(['000001']);
    expect(readdirSync(path).sort()).toEqual(['manifest.json', 'segments']);
  });

  it('adds again what it has deleted, in one commit', async () => {
    const path = await indexOf(passages.slice(0, 3));
    const writer = await IndexWriter.open(path);
    await writer.delete(['p1']);
    await writer.add([named(passages[7], 'p1')]);
    await writer.add([named(passages[8], 'p1', 'later')], { replace: true });
    await writer.commit();
    await writer.close();
    const view = openIndex(path);
    expect(view.size).toBe(3);
    expect(view.passage(view.ordinal('p1') as number).text).toBe('later');
    await view.close();
  });

  it('may empty an index, and fill it again', async () => {
    const path = await indexOf(passages.slice(0, 3));
    const writer = await IndexWriter.open(path);
    await writer.delete(['p0', 'p1', 'p2']);
    await writer.commit();
    const empty = openIndex(path);
    expect([empty.size, await empty.search(passages[0].vectors, passages[0].tokens, 5)]).toEqual([0, []]);
    await empty.close();
    await writer.add([passages[5]]);
    await writer.commit();
    await writer.close();
    expect((await found(path))[0].map(({ id }) => id)).toEqual(['p5']);
    expect(readdirSync(join(path, 'segments'))).toEqual(['000002']);
  });

  it.each<[string, Partial<EncodedPassage>, string]>([
    ['NaN', { vectors: new Float32Array(DIM).fill(Number.NaN), tokens: 1 }, 'SETTING_INVALID'],
    ['another size', { vectors: new Float32Array(3), tokens: 1 }, 'GRAPH_SHAPE'],
    ['no vectors', { vectors: new Float32Array(0), tokens: 0 }, 'PASSAGE_EMPTY'],
    ['windows that do not add up', { windows: [1, 1] }, 'GRAPH_SHAPE'],
  ])('refuses a passage with %s by its id', async (_, change, code) => {
    const path = await indexOf(passages.slice(0, 2));
    const writer = await IndexWriter.open(path);
    const [one] = randomPassages(3, 1, DIM);
    const bad = {
      passage: { id: 'bad one', text: 'x' },
      vectors: one.vectors,
      tokens: one.tokens,
      ...change,
    };
    const error = await refusal(() => writer.add([passages[9], bad]));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining('bad one')]);
    await writer.close();
  });
});

describe('merging', () => {
  it('changes no score and no order, equal scores included, and drops what is deleted', async () => {
    const path = await indexOf(passages.slice(0, 10));
    const writer = await IndexWriter.open(path);
    for (let n = 10; n < 60; n += 5) {
      const batch = passages.slice(n, n + 5);
      // Twins: of equal scores the earlier passage must stay before.
      await writer.add([...batch, named(batch[0], `twin-${n}`)]);
      await writer.delete([`p${n - 3}`, `p${n + 1}`]);
      await writer.commit({ merge: false });
    }
    const before = await found(path);
    expect(indexStats(path)).toMatchObject({ segments: { length: 11 }, deleted: 20 });
    await writer.merge();
    expect(await found(path)).toEqual(before);
    expect(indexStats(path).segments.length).toBeLessThan(8);
    await writer.merge({ all: true });
    expect(await found(path)).toEqual(before);
    expect(indexStats(path)).toMatchObject({ segments: { length: 1 }, deleted: 0 });
    await writer.close();
    expect(readdirSync(join(path, 'segments'))).toHaveLength(1);
    expect(await verifyIndex(path)).toMatchObject({ damaged: [], unexpected: [], leftovers: [] });
  });

  it('goes on beside additions and deletions, and in the background of commits', async () => {
    const path = await indexOf(passages.slice(0, 10));
    const writer = await IndexWriter.open(path);
    for (let n = 10; n < 50; n += 4) {
      await writer.add(passages.slice(n, n + 4));
      await writer.commit({ merge: false });
    }
    const merging = writer.merge({ all: true });
    const deleting = writer.delete(['p2', 'p13', 'p49']);
    const adding = writer.add([named(passages[55], 'p20'), passages[56]], { replace: true });
    await Promise.all([merging, deleting, adding]);
    await writer.commit();
    await writer.close();
    const gone = new Set(['p2', 'p13', 'p20', 'p49']);
    const kept = passages.slice(0, 50).filter(({ passage: { id } }) => !gone.has(id));
    const once = await indexOf([...kept, named(passages[55], 'p20'), passages[56]]);
    expect(await found(path)).toEqual(await found(once));
    expect(readManifest(path).segments.length).toBeLessThan(3);
  });

  it('is one at a time, whoever asks', async () => {
    const path = await indexOf(passages.slice(0, 10));
    const writer = await IndexWriter.open(path);
    for (let n = 10; n < 60; n += 5) {
      await writer.add(passages.slice(n, n + 5));
      await writer.commit({ merge: false });
    }
    const before = await found(path);
    await writer.delete(['p12']);
    const merges = [
      writer.merge({ all: true }),
      writer.commit(),
      writer.merge(),
      writer.merge({ all: true }),
    ];
    await Promise.all(merges);
    await writer.commit();
    await writer.close();
    expect(writer.manifest.segments).toHaveLength(1);
    expect((await found(path))[0]).toEqual(before[0].filter(({ id }) => id !== 'p12'));
    expect(await verifyIndex(path)).toMatchObject({ damaged: [], leftovers: [] });
  });

  it('in the background commits nothing that the user has not', async () => {
    const path = await indexOf(passages.slice(0, 10));
    const writer = await IndexWriter.open(path);
    for (let n = 10; n < 50; n += 4) {
      await writer.add(passages.slice(n, n + 4));
      await writer.commit({ merge: false });
    }
    const before = await found(path);
    await writer.delete(['p30']);
    await writer.merge();
    expect(await found(path)).toEqual(before);
    await writer.close();
    expect(await found(path)).toEqual(before);
    const again = await IndexWriter.open(path);
    await again.delete(['p30']);
    await again.merge();
    await again.commit();
    await again.close();
    expect((await found(path))[0]).toEqual(before[0].filter(({ id }) => id !== 'p30'));
    expect(await verifyIndex(path)).toMatchObject({ damaged: [], leftovers: [] });
  });

  it('is equal to one build of what is left, whatever was done', async () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), ids: fc.uniqueArray(fc.nat(40), { maxLength: 6 }) }),
      fc.record({ kind: fc.constant('delete' as const), ids: fc.uniqueArray(fc.nat(40), { maxLength: 6 }) }),
      fc.record({ kind: fc.constantFrom('commit' as const, 'merge' as const), ids: fc.constant([]) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 8 }), async (operations) => {
        const path = await indexOf(passages.slice(0, 5));
        let model = passages.slice(0, 5);
        const writer = await IndexWriter.open(path);
        for (const { kind, ids } of operations) {
          const chosen = new Set(ids.map((n) => `p${n}`));
          if (kind === 'commit') await writer.commit();
          else if (kind === 'merge') await writer.merge({ all: true });
          else {
            model = model.filter(({ passage }) => !chosen.has(passage.id));
            if (kind === 'delete') await writer.delete(chosen, { missing: 'ignore' });
            else {
              const batch = passages.filter(({ passage }) => chosen.has(passage.id));
              await writer.add(batch, { replace: true });
              model = [...model, ...batch];
            }
          }
        }
        await writer.commit();
        await writer.close();
        const view = openIndex(path);
        const ids = Array.from({ length: view.size }, (_, n) => view.id(n));
        await view.close();
        expect(ids).toEqual(model.map(({ passage }) => passage.id));
        if (model.length > 0) expect(await found(path)).toEqual(await found(await indexOf(model)));
        expect((await verifyIndex(path)).damaged).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('windows of long passages', () => {
  const random = new RandomStream(5, 'windows');
  const long = (id: string, windows: number[]): EncodedPassage => {
    const tokens = windows.reduce((sum, n) => sum + n, 0);
    return { passage: { id, text: id }, vectors: unitVectors(random, tokens, DIM), tokens, windows };
  };

  it('give a passage the score of the best, through merges and copies', async () => {
    const many = [
      long('a', [3, 4, 2]),
      passages[0],
      long('b', [1]),
      long('c', Array(20).fill(2)),
      passages[1],
    ];
    const path = await indexOf(many);
    const writer = await IndexWriter.open(path);
    await writer.add([long('d', [5, 5])]);
    await writer.delete(['b']);
    await writer.commit({ merge: false });
    const before = await found(path);
    await writer.merge({ all: true });
    await writer.close();
    expect(await found(path)).toEqual(before);
    const view = openIndex(path);
    expect([...view.windows(view.ordinal('a') as number)]).toEqual([3, 4, 2]);
    const query = unitVectors(random, 6, DIM);
    const hits = await view.search(query, 6, 10);
    expect(hits.map(({ id }) => id).sort()).toEqual(['a', 'c', 'd', 'p0', 'p1']);
    expect([
      ...(await view.score(
        query,
        6,
        hits.map(({ ordinal }) => ordinal),
      )),
    ]).toEqual(hits.map(({ score }) => score));
    // c alone has twenty windows: two passages are found all the same.
    for (const tokens of [1, 2])
      expect(await view.search(query.slice(0, tokens * DIM), tokens, 2)).toHaveLength(2);
    await view.close();
  });
});

describe('the lock', () => {
  it('is for one writer; a second is refused, of another process too', async () => {
    const path = await indexOf(passages.slice(0, 2));
    const writer = await IndexWriter.open(path);
    const second = await refusal(() => IndexWriter.open(path));
    expect([second.code, second.message]).toEqual([
      'INDEX_LOCKED',
      expect.stringContaining(`process ${process.pid} is changing`),
    ]);
    const rebuild = await refusal(() =>
      buildIndex(path, { dim: DIM, fingerprint: FINGERPRINT, overwrite: true }, passages),
    );
    expect(rebuild.code).toBe('INDEX_LOCKED');
    await writer.close();
    await (await IndexWriter.open(path)).close();
    expect(existsSync(join(path, 'writer.lock'))).toBe(false);
  });

  it('of a dead process is taken over and told; of another machine, or unreadable, it is not', async () => {
    const path = await indexOf(passages.slice(0, 2));
    const lock = join(path, 'writer.lock');
    const writer = await IndexWriter.open(path);
    const mine = JSON.parse(readFileSync(lock, 'utf8'));
    await writer.close();
    const opened = async (holder: object) => {
      writeFileSync(lock, JSON.stringify(holder));
      const notices: string[] = [];
      await (await IndexWriter.open(path, { notice: (sentence) => notices.push(sentence) })).close();
      return notices;
    };
    // The number of this process, as another one had it that was started before.
    expect(await opened({ ...mine, started: `${mine.started}0` })).toEqual([
      expect.stringContaining(`process ${mine.pid}`),
    ]);
    expect(await opened({ ...mine, pid: 2 ** 22 + 5, started: '' })).toHaveLength(1);
    writeFileSync(lock, JSON.stringify({ ...mine, host: 'elsewhere' }));
    const elsewhere = await refusal(() => IndexWriter.open(path));
    expect([elsewhere.code, elsewhere.hint]).toEqual([
      'INDEX_LOCKED',
      expect.stringContaining(`remove ${lock}`),
    ]);
    // The same name, but a container with processes of its own: the number says nothing here.
    writeFileSync(lock, JSON.stringify({ ...mine, pid: 2 ** 22 + 5, machine: 'another' }));
    expect((await refusal(() => IndexWriter.open(path))).code).toBe('INDEX_LOCKED');
    // A process that died while it took a lock over.
    const dead = JSON.stringify({ ...mine, pid: 2 ** 22 + 5 });
    writeFileSync(claimOn(lock, dead), JSON.stringify({ ...mine, pid: 2 ** 22 + 6 }));
    writeFileSync(`${lock}.takeover`, dead); // as earlier versions left it
    expect(await opened({ ...mine, pid: 2 ** 22 + 5 })).toHaveLength(1);
    expect(readdirSync(path).sort()).toEqual(['manifest.json', 'segments']);
    const robbed = await IndexWriter.open(path);
    writeFileSync(lock, JSON.stringify({ ...mine, since: 'later' }));
    await robbed.close();
    expect(existsSync(lock)).toBe(true);
    writeFileSync(lock, '');
    expect((await refusal(() => IndexWriter.open(path))).code).toBe('INDEX_LOCKED');
  });
});
