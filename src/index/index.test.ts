import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FINGERPRINT, randomPassages, unitVectors } from '../../test/index-passages.ts';
import type { Passage } from '../data/records.ts';
import type { ErrorCode } from '../errors.ts';
import { RandomStream } from '../random.ts';
import { buildIndex, type EncodedPassage, type IndexSettings } from './build.ts';
import type { IndexView } from './index-view.ts';
import { readManifest } from './manifest.ts';
import { maxSim } from './maxsim.ts';
import { openGeneration, openIndex } from './open-index.ts';
import { PlainStorage } from './plain/plain-storage.ts';
import { IndexWriter } from './writer/index-writer.ts';

let root: string;
let out: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'refract-index-'));
  out = join(root, 'index');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

const settings = (dim: number, more: Partial<IndexSettings> = {}): IndexSettings => ({
  dim,
  fingerprint: FINGERPRINT,
  settings: { passageLength: 96, keepPunctuation: false },
  ...more,
});

const code = (value: ErrorCode) => expect.objectContaining({ name: 'RefractError', code: value });

/** Ranks every passage with the reference; ties in passage order. */
function bruteForce(index: IndexView, query: Float32Array) {
  return Array.from({ length: index.size }, (_, ordinal) => ({
    ordinal,
    score: maxSim(query, index.vectors(ordinal), index.dim),
  })).sort((x, y) => y.score - x.score || x.ordinal - y.ordinal);
}

describe('round trip', () => {
  it.each([
    ['float32', 7],
    ['float16', 8],
  ] as const)('%s, %i dimensions', async (precision, dim) => {
    const passages = randomPassages(1, 40, dim);
    const manifest = await buildIndex(out, settings(dim, { precision }), stream(passages));
    const index = openIndex(out);
    expect(index.manifest).toEqual(manifest);
    expect(index.size).toBe(40);
    expect(index.dim).toBe(dim);
    expect(index.fingerprint).toEqual(FINGERPRINT);
    expect(index.settings).toEqual({ passageLength: 96, keepPunctuation: false });
    expect(manifest.tokens).toBe(passages.reduce((sum, { tokens }) => sum + tokens, 0));
    expect(readdirSync(root)).toEqual(['index']);
    passages.forEach(({ passage, vectors, tokenIds }, ordinal) => {
      expect(index.passage(ordinal)).toEqual(passage);
      expect(index.ordinal(passage.id)).toBe(ordinal);
      expect(index.tokenIds(ordinal)).toEqual(tokenIds);
      const stored = index.vectors(ordinal);
      if (precision === 'float32') expect(stored).toEqual(vectors);
      else expect(stored.every((value, i) => Math.abs(value - vectors[i]) <= 2 ** -12)).toBe(true);
    });
    expect(index.ordinal('nowhere')).toBeUndefined();
    await index.close();
  });

  it('keeps passages of every script, titles, and ids that need escaping', async () => {
    const passages: Passage[] = [
      { id: 'हिन्दी-१', title: 'पानी', text: 'नदी का पानी पीने से पहले उबालें।' },
      { id: 'عربي "1"', text: 'اغلِ ماء النهر قبل الشرب، ثم برّده (API v2).' },
      { id: 'ไทย\n1', text: 'ต้มน้ำก่อนดื่ม' },
      { id: 'yorùbá', title: '', text: 'Ẹ sè omi kí ẹ tó mu ú.\u2028Omi tó mọ́ dára.' },
      { id: '😀', text: 'emoji 👩‍🌾 and a lone \ud800 surrogate' },
    ];
    const encoded = passages.map((passage) => ({ passage, vectors: Float32Array.of(1, 0), tokens: 1 }));
    await buildIndex(out, settings(2), encoded);
    const index = openIndex(out);
    passages.forEach((passage, ordinal) => {
      expect(index.passage(ordinal)).toEqual(passage);
      expect(index.ordinal(passage.id)).toBe(ordinal);
      expect([...index.tokenIds(ordinal)]).toEqual([-1]);
    });
    await index.close();
  });

  it('writes the same bytes twice', async () => {
    const first = await buildIndex(out, settings(8), randomPassages(2, 10, 8));
    const second = await buildIndex(join(root, 'again'), settings(8), randomPassages(2, 10, 8));
    expect(second).toEqual(first);
    expect(readFileSync(join(root, 'again', 'manifest.json'))).toEqual(
      readFileSync(join(out, 'manifest.json')),
    );
  });
});

describe('search', () => {
  it.each([
    [1, 1],
    [5, 3],
    [8, 8],
    [13, 32],
    [64, 33],
  ])('equals brute force, %i dimensions and %i query tokens', async (dim, tokens) => {
    await buildIndex(out, settings(dim, { precision: 'float32' }), randomPassages(dim, 60, dim));
    const index = openIndex(out);
    const random = new RandomStream(tokens, 'query');
    const queries = Array.from({ length: 35 }, () => ({ vectors: unitVectors(random, tokens, dim), tokens }));
    const batch = await index.searchBatch(queries, 10);
    for (const [q, hits] of batch.entries()) {
      const expected = bruteForce(index, queries[q].vectors);
      const scores = new Map(expected.map(({ ordinal, score }) => [ordinal, score]));
      expect(hits).toHaveLength(10);
      hits.forEach((hit, rank) => {
        expect(hit.id).toBe(`p${hit.ordinal}`);
        expect(hit.score).toBeCloseTo(scores.get(hit.ordinal) ?? Number.NaN, 4);
        expect(hit.score).toBeCloseTo(expected[rank].score, 4);
      });
    }
    expect(await index.search(queries[0].vectors, tokens, 10)).toEqual(batch[0]);
    const chosen = [59, 3, 3, 17];
    const scored = await index.score(queries[0].vectors, tokens, chosen);
    chosen.forEach((ordinal, i) => {
      expect(scored[i]).toBeCloseTo(maxSim(queries[0].vectors, index.vectors(ordinal), dim), 4);
    });
    await index.close();
  });

  it('gives the same hits from many shards as from one', async () => {
    await buildIndex(out, settings(8), randomPassages(4, 50, 8));
    const manifest = readManifest(out);
    const one = openGeneration(out, manifest, new PlainStorage(8, 'float16'));
    const many = openGeneration(out, manifest, new PlainStorage(8, 'float16', 10 * 8 * 4));
    const query = unitVectors(new RandomStream(9, 'query'), 12, 8);
    expect(await many.search(query, 12, 50)).toEqual(await one.search(query, 12, 50));
    const all = Array.from({ length: 50 }, (_, ordinal) => ordinal);
    expect(await many.score(query, 12, all)).toEqual(await one.score(query, 12, all));
    await one.close();
    await many.close();
  });

  it('computes a hand-checked score, negative similarities included', async () => {
    await buildIndex(out, settings(2), [
      { passage: { id: 'a', text: 'a' }, vectors: Float32Array.of(1, 0, 0, 1), tokens: 2 },
      { passage: { id: 'b', text: 'b' }, vectors: Float32Array.of(-1, 0), tokens: 1 },
    ]);
    const index = openIndex(out);
    const hits = await index.search(Float32Array.of(0.5, 0.75, 1, 0), 2, 5);
    // a: max(.5, .75) + max(1, 0); b: -.5 - 1.
    expect(hits.map(({ id, score }) => [id, score])).toEqual([
      ['a', 1.75],
      ['b', -1.5],
    ]);
    await index.close();
  });

  it('breaks ties by passage order', async () => {
    const same = (id: string, x: number) => ({
      passage: { id, text: id },
      vectors: Float32Array.of(x, 0),
      tokens: 1,
    });
    await buildIndex(out, settings(2), [same('z', 0.5), same('m', 1), same('a', 0.5), same('b', 1)]);
    const index = openIndex(out);
    const hits = await index.search(Float32Array.of(1, 0), 1, 3);
    expect(hits.map(({ id }) => id)).toEqual(['m', 'b', 'z']);
    await index.close();
  });

  it('finds only what is allowed, across segments and deletions', async () => {
    const passages = randomPassages(6, 30, 4);
    await buildIndex(out, settings(4), passages.slice(0, 20));
    const writer = await IndexWriter.open(out);
    await writer.add(passages.slice(20));
    await writer.delete(['p2', 'p21']);
    await writer.commit();
    await writer.close();
    const index = openIndex(out);
    const query = unitVectors(new RandomStream(3, 'query'), 5, 4);
    const all = await index.search(query, 5, 100);
    const allowed = new Uint8Array(4);
    for (let ordinal = 0; ordinal < 28; ordinal += 3) allowed[ordinal >> 3] |= 1 << (ordinal & 7);
    const some = await index.search(query, 5, 100, { allowed });
    expect(some).toEqual(all.filter(({ ordinal }) => ordinal % 3 === 0));
    expect(some).toHaveLength(10);
    expect(await index.search(query, 5, 2, { allowed })).toEqual(some.slice(0, 2));
    expect(await index.search(query, 5, 2, { allowed: new Uint8Array(4) })).toEqual([]);
    await index.close();
  });

  it('refuses queries that do not fit', async () => {
    await buildIndex(out, settings(2), randomPassages(1, 3, 2));
    const index = openIndex(out);
    await expect(index.search(Float32Array.of(1, 0, 0), 1, 1)).rejects.toThrow(code('GRAPH_SHAPE'));
    await expect(index.search(new Float32Array(0), 0, 1)).rejects.toThrow(code('GRAPH_SHAPE'));
    await expect(index.search(Float32Array.of(1, Number.NaN), 1, 1)).rejects.toThrow(code('SETTING_INVALID'));
    await expect(index.search(Float32Array.of(1, 0), 1, 0)).rejects.toThrow(code('SETTING_INVALID'));
    await expect(index.score(Float32Array.of(1, 0), 1, [3])).rejects.toThrow(code('UNKNOWN_ID'));
    expect(() => index.passage(-1)).toThrow(code('UNKNOWN_ID'));
    expect(() => index.vectors(1.5)).toThrow(code('UNKNOWN_ID'));
    await index.close();
  });
});

describe('building', () => {
  it('leaves nothing behind when the encoder fails half-way', async () => {
    async function* failing() {
      yield* randomPassages(1, 5, 4);
      throw new Error('encoder stopped');
    }
    await expect(buildIndex(out, settings(4), failing())).rejects.toThrow('encoder stopped');
    expect(readdirSync(root)).toEqual([]);
  });

  it('keeps the older index when a rebuild fails, and replaces it when it succeeds', async () => {
    await buildIndex(out, settings(4), randomPassages(1, 5, 4));
    await expect(buildIndex(out, settings(4), randomPassages(1, 6, 4))).rejects.toThrow(
      code('OUTPUT_EXISTS'),
    );
    const overwrite = settings(4, { overwrite: true });
    await expect(buildIndex(out, overwrite, randomPassages(1, 6, 3))).rejects.toThrow(code('GRAPH_SHAPE'));
    expect(readManifest(out).passages).toBe(5);
    await buildIndex(out, overwrite, randomPassages(1, 6, 4));
    expect(readManifest(out).passages).toBe(6);
    expect(readdirSync(root)).toEqual(['index']);
  });

  const one = { passage: { id: 'x', text: 'x' }, vectors: Float32Array.of(1, 0), tokens: 1 };
  it.each<[string, EncodedPassage[], ErrorCode]>([
    ['no passages', [], 'FILE_EMPTY'],
    ['duplicate ids', [one, one], 'DUPLICATE_ID'],
    ['too few numbers', [{ ...one, tokens: 2 }], 'GRAPH_SHAPE'],
    ['a passage without tokens', [{ ...one, vectors: new Float32Array(0), tokens: 0 }], 'PASSAGE_EMPTY'],
    ['token ids of another number', [{ ...one, tokenIds: Int32Array.of(1, 2) }], 'GRAPH_SHAPE'],
    ['NaN', [{ ...one, vectors: Float32Array.of(Number.NaN, 0) }], 'SETTING_INVALID'],
    ['too large for float16', [{ ...one, vectors: Float32Array.of(1e5, 0) }], 'SETTING_INVALID'],
  ])('refuses %s and leaves nothing', async (_, passages, expected) => {
    await expect(buildIndex(out, settings(2), stream(passages))).rejects.toThrow(code(expected));
    expect(readdirSync(root)).toEqual([]);
  });

  it('says DISK_FULL where it cannot write', async () => {
    writeFileSync(join(root, 'file'), '');
    const place = join(root, 'file', 'index');
    await expect(buildIndex(place, settings(2), [one])).rejects.toThrow(code('DISK_FULL'));
  });
});

describe('opening a damaged index', () => {
  beforeEach(async () => {
    await buildIndex(out, settings(4), randomPassages(1, 20, 4));
  });

  const segment = () => join(out, 'segments', '000001');

  it('every file of a segment, cut off or missing', () => {
    const names = readdirSync(segment());
    expect(names.sort()).toEqual([
      ...[
        'fields.bin',
        'fields.json',
        'ids.hashes',
        'ids.json',
        'ids.offsets',
        'lexical.json',
        'lexical.postings',
        'lexical.terms',
        'passages.blocks',
        'passages.deflate',
      ],
      ...['tokens.u16', 'vectors.f16', 'vectors.lengths'],
    ]);
    for (const name of names) {
      const whole = readFileSync(join(segment(), name));
      truncateSync(join(segment(), name), whole.length - 1);
      expect(() => openIndex(out), name).toThrow(code('CHECKPOINT_FORMAT'));
      expect(() => openIndex(out), name).toThrow(name);
      rmSync(join(segment(), name));
      expect(() => openIndex(out), name).toThrow(code('CHECKPOINT_INCOMPLETE'));
      expect(() => openIndex(out), name).toThrow(name);
      writeFileSync(join(segment(), name), whole);
    }
    openIndex(out).close();
  });

  it('manifest', () => {
    const path = join(out, 'manifest.json');
    const text = readFileSync(path, 'utf8');
    const manifest = JSON.parse(text);
    writeFileSync(path, JSON.stringify({ ...manifest, version: 1 }));
    expect(() => openIndex(out)).toThrow(code('VERSION_MISMATCH'));
    writeFileSync(path, JSON.stringify({ ...manifest, dim: 'four' }));
    expect(() => openIndex(out)).toThrow(code('CHECKPOINT_FORMAT'));
    writeFileSync(path, text.replace('"dim": 4', '"dim": 5'));
    expect(() => openIndex(out)).toThrow(/checksum.*CHECKPOINT_FORMAT/);
    writeFileSync(path, text.replace('": ', '":\t'));
    expect(() => openIndex(out)).toThrow(/checksum.*CHECKPOINT_FORMAT/);
    writeFileSync(path, '{');
    expect(() => openIndex(out)).toThrow(code('CHECKPOINT_FORMAT'));
    rmSync(path);
    expect(() => openIndex(out)).toThrow(code('CHECKPOINT_INCOMPLETE'));
    expect(() => openIndex(join(root, 'none'))).toThrow(code('FILE_MISSING'));
    expect(existsSync(out)).toBe(true);
  });

  it.each([
    ['vectors.lengths', 0],
    ['passages.blocks', 0],
    ['passages.blocks', 23],
  ])('%s with a changed byte %i', (name, place) => {
    const path = join(segment(), name);
    const bytes = readFileSync(path);
    bytes[place] ^= 0x40;
    writeFileSync(path, bytes);
    expect(() => openIndex(out)).toThrow(code('CHECKPOINT_FORMAT'));
  });
});

it('closing waits for a search under way, may be done twice, and refuses what comes after', async () => {
  await buildIndex(out, settings(4), randomPassages(1, 30, 4));
  const view = openIndex(out);
  const query = randomPassages(2, 1, 4)[0];
  const search = view.search(query.vectors, query.tokens, 5);
  await Promise.all([view.close(), view.close()]);
  expect(await search).toHaveLength(5);
  await view.close();
  await expect(view.search(query.vectors, query.tokens, 5)).rejects.toThrow(/closed/);
  expect(() => view.passage(0)).toThrow(code('SETTING_INVALID'));
});
