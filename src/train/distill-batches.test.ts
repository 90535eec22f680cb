/** What a batch of distillation holds: how much of which source, in which language, with which masses. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { SentencePair } from '../data/records.ts';
import { Encoder } from '../model/encoder.ts';
import type { InputMaker } from '../model/input.ts';
import { NO_MASS } from '../transport/graph-plans.ts';
import { uniformMarginal } from '../transport/marginals.ts';
import {
  DistillBatches,
  type DistillBatchSettings,
  type DistillData,
  type TokenMass,
} from './distill-batches.ts';
import type { Batch } from './objective.ts';
import { TeacherVectors } from './teacher-vectors.ts';

const folder = temporaryFolder();
let encoder: Encoder;
let maker: InputMaker;

beforeAll(async () => {
  encoder = await Encoder.fromCheckpoint((await writeTinyRetriever(folder.path)).checkpoint, { threads: 1 });
  maker = encoder.maker;
});
afterAll(() => encoder.close());

const pair = (pivot: string, target: string, language = 'sw', source?: string): SentencePair => ({
  pivot,
  target,
  language,
  source,
});
const pairs = [
  pair('boil water', 'chemsha maji'),
  pair('market on Tuesday', 'soko Jumanne'),
  pair('clean water', 'ماء نظيف', 'ar'),
];
const dictionaries = new Map([
  ['sw', [pair('water', 'maji'), pair('bus', 'basi'), pair('market', 'soko'), pair('clinic', 'kliniki')]],
  ['ar', [pair('water', 'ماء', 'ar')]],
]);
const anchors = ['Boil the water', 'When is the market?', 'Who pays?'];
const everything: DistillData = { pairs, dictionaries, anchors };
const shares = { pairs: 3, entries: 2, switched: 2, anchors: 2 };
const base: DistillBatchSettings = { seed: 1, ...shares, switchProbability: 1, temperature: 1 };
const uniform: TokenMass = ({ ids }) => uniformMarginal(ids.length);

/** Batches, and the texts that the teacher was asked for: of pairs and of anchors in turn. */
function source(
  data: DistillData,
  change: Partial<DistillBatchSettings> = {},
  [teacherMass, studentMass]: readonly [TokenMass, TokenMass] = [uniform, uniform],
) {
  const teacher = new TeacherVectors(encoder);
  const asked = vi.spyOn(teacher, 'of');
  const settings = { ...base, ...change };
  const batches = new DistillBatches(data, maker, teacher, settings, teacherMass, studentMass);
  return { batches, asked: () => asked.mock.calls.map(([texts]) => texts) };
}

/** Row `n` of a feed [rows, length, ...]. */
function row(batch: Batch, name: string, n: number): number[] {
  const { data, shape } = batch.feeds[name];
  const length = shape.slice(1).reduce((a, b) => a * b, 1);
  return Array.from(data.subarray(n * length, (n + 1) * length), Number);
}

/** The token ids of row `n` without padding. */
function tokens(batch: Batch, n: number, kind = 'pair'): number[] {
  const mask = row(batch, `${kind}.mask`, n);
  return row(batch, `${kind}.ids`, n).filter((_, i) => mask[i] === 1);
}

const read = (text: string) => [...maker.query(text).ids];

describe('the shares of a batch', () => {
  it('are pairs, dictionary entries, switched questions and anchors, in fixed numbers', async () => {
    const { batches, asked } = source(everything);
    const batch = await batches.next();
    const [sources, held] = asked();
    expect(sources).toHaveLength(7);
    expect(held).toHaveLength(2);
    const targets = new Map([...pairs, ...[...dictionaries.values()].flat()].map((p) => [p.pivot, p.target]));
    sources.slice(0, 5).forEach((text, n) => {
      // A word of both dictionaries is in one language or the other.
      const known = text === 'water' ? ['maji', 'ماء'] : [targets.get(text)!];
      expect(known.map(read)).toContainEqual(tokens(batch, n));
    });
    expect(sources.slice(0, 3).every((text) => pairs.some(({ pivot }) => pivot === text))).toBe(true);
    expect(sources.slice(3, 5).every((text) => !text.includes(' '))).toBe(true);
    expect(sources.slice(5).every((text) => anchors.includes(text))).toBe(true);
    held.forEach((text, n) => {
      expect(tokens(batch, n, 'anchor')).toEqual(read(text));
    });
    const { feeds } = batch;
    const [, m, dim] = feeds['pair.teacher'].shape;
    const [, n] = feeds['pair.ids'].shape;
    expect([m % 8, n % 8, dim]).toEqual([0, 0, 16]);
    expect([feeds['pair.logA'].shape, feeds['pair.logB'].shape]).toEqual([
      [7, m],
      [7, n],
    ]);
  });

  it.each<[string, Partial<DistillData>, Partial<DistillBatchSettings>, number, boolean]>([
    ['without a dictionary, no entries and nothing to switch', { dictionaries: new Map() }, {}, 3, true],
    ['without anchors, nothing to switch or to hold', { anchors: [] }, {}, 5, false],
    ['with no share of entries', {}, { entries: 0 }, 5, true],
    ['with no share of anchors, switched questions stay', {}, { anchors: 0 }, 7, false],
    ['of pairs alone', {}, { entries: 0, switched: 0, anchors: 0 }, 3, false],
  ])('%s', async (_, data, change, rows, anchored) => {
    const { feeds } = await source({ ...everything, ...data }, change).batches.next();
    expect(feeds['pair.ids'].shape[0]).toBe(rows);
    expect('anchor.ids' in feeds).toBe(anchored);
  });

  it('hold the teacher vectors of anchors, each text with the same weight', async () => {
    const { batches, asked } = source(everything);
    const { feeds } = await batches.next();
    const held = asked()[1];
    const [count, length] = feeds['anchor.ids'].shape;
    expect(feeds['anchor.teacher'].shape).toEqual([count * length, 16]);
    const expected = await encoder.queries(held);
    held.forEach((_, n) => {
      const weights = Array.from(feeds['anchor.weight'].data.subarray(n * length, (n + 1) * length), Number);
      const { count: real, vectors } = expected[n];
      expect(weights.slice(0, real)).toEqual(new Array(real).fill(Math.fround(1 / (2 * real))));
      expect(weights.slice(real).every((weight) => weight === 0)).toBe(true);
      const kept = feeds['anchor.teacher'].data.subarray(n * length * 16, (n + 1) * length * 16);
      expect(kept.subarray(0, real * 16)).toEqual(vectors);
      expect(kept.subarray(real * 16).every((x) => x === 0)).toBe(true);
    });
  });
});

describe('sources and languages', () => {
  // 36 pairs of one source and 4 of another: 36^t / (36^t + 4^t).
  it.each([
    [1, 0.9],
    [0.5, 0.75],
    [0, 0.5],
  ])('are drawn by size^%d: the larger with probability %d', async (temperature, expected) => {
    const sized = [
      ...Array.from({ length: 36 }, () => pair('from the large', 'kubwa', 'sw', 'large')),
      ...Array.from({ length: 4 }, () => pair('from the small', 'ndogo', 'sw', 'small')),
    ];
    const alone = { pairs: 40, entries: 0, switched: 0, anchors: 0, temperature };
    const { batches, asked } = source({ ...everything, pairs: sized }, alone);
    for (let k = 0; k < 25; k++) await batches.next();
    const drawn = asked().flat();
    const share = drawn.filter((text) => text === 'from the large').length / drawn.length;
    expect(drawn).toHaveLength(1000);
    expect(Math.abs(share - expected)).toBeLessThan(0.04);
  });

  it('give entries and switched questions of every dictionary evenly, however long it is', async () => {
    const only = { pairs: 1, entries: 10, switched: 10, anchors: 0 };
    const { batches } = source({ ...everything, anchors: ['Boil water'] }, only);
    const arabic = { entries: 0, switched: 0 };
    const both = [read('Boil maji'), read('Boil ماء')];
    for (let k = 0; k < 20; k++) {
      const batch = await batches.next();
      for (let n = 1; n <= 10; n++) if (`${tokens(batch, n)}` === `${read('ماء')}`) arabic.entries++;
      for (let n = 11; n <= 20; n++) {
        expect(both).toContainEqual(tokens(batch, n));
        if (`${tokens(batch, n)}` === `${both[1]}`) arabic.switched++;
      }
    }
    expect(Math.abs(arabic.entries / 200 - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(arabic.switched / 200 - 0.5)).toBeLessThan(0.1);
  });

  it('switch no word at probability 0', async () => {
    const { batches, asked } = source(everything, { switchProbability: 0 });
    const batch = await batches.next();
    for (const n of [5, 6]) expect(tokens(batch, n)).toEqual(read(asked()[0][n]));
  });
});

describe('masses', () => {
  it('are of the text that each side reads: the question, and the question with words switched', async () => {
    const weighed =
      (power: number): TokenMass =>
      ({ ids }) => {
        const weights = Float64Array.from(ids, (id) => id ** power);
        const total = weights.reduce((a, b) => a + b, 0);
        return weights.map((weight) => weight / total);
      };
    const marginals = [weighed(1), weighed(2)] as const;
    const { batches, asked } = source({ ...everything, anchors: ['Boil the water'] }, {}, marginals);
    const batch = await batches.next();
    const last = 6;
    expect(asked()[0][last]).toBe('Boil the water');
    const switched = tokens(batch, last);
    expect([read('Boil the maji'), read('Boil the ماء')]).toContainEqual(switched);
    for (const [name, ids, mass] of [
      ['pair.logA', read('Boil the water'), marginals[0]],
      ['pair.logB', switched, marginals[1]],
    ] as const) {
      const logs = row(batch, name, last);
      const masses = mass({ ids: Int32Array.from(ids), scored: new Uint8Array(ids.length) });
      // Id 0 has no mass at all, as padding has none.
      ids.forEach((id, i) => {
        expect(logs[i]).toBe(id === 0 ? NO_MASS : Math.fround(Math.log(masses[i])));
      });
      expect(logs.slice(ids.length).every((log) => log === NO_MASS)).toBe(true);
    }
  });
});

describe('a saved source', () => {
  it('goes on exactly, through JSON', async () => {
    const { batches } = source(everything, { switchProbability: 0.5 });
    for (let k = 0; k < 3; k++) await batches.next();
    const saved = JSON.parse(JSON.stringify(batches.save()));
    const other = source(everything, { switchProbability: 0.5 }).batches;
    other.load(saved);
    for (let k = 0; k < 8; k++) expect(await other.next()).toEqual(await batches.next());
  });

  it('goes on where there is no dictionary and no anchor', async () => {
    const bare = { pairs, dictionaries: new Map(), anchors: [] };
    const { batches } = source(bare);
    await batches.next();
    const other = source(bare).batches;
    other.load(JSON.parse(JSON.stringify(batches.save())));
    expect(await other.next()).toEqual(await batches.next());
  });
});
