import { describe, expect, it } from 'vitest';
import type { EncoderInput } from '../model/input.ts';
import type { Batch } from './objective.ts';
import { cutToWindow, TeachBatches, type TeachBatchSettings, type TeachExample } from './teach-batches.ts';

/** An input whose third id says which text it is: queries 100 and up, passages 200 and up. */
const text = (id: number, length = 5): EncoderInput => ({
  ids: Int32Array.from({ length }, (_, t) => (t === 2 ? id : 1)),
  scored: new Uint8Array(length).fill(1),
});
const passage = (ordinal: number) => text(200 + ordinal, 12);
const example = (n: number, positives: number[], negatives: number[] = []): TeachExample => ({
  query: text(100 + n),
  positives,
  negatives,
});
const settings: TeachBatchSettings = {
  batchSize: 3,
  negativesPerQuery: 1,
  seed: 5,
  padId: 0,
  passageTokens: 0,
  longest: 64,
  tokenWeights: new Float64Array(300).fill(1),
};

/** Ids of the texts of one side, and the batch's targets and bias by row. */
function read({ feeds }: Batch) {
  const side = (name: string) => {
    const { data, shape } = feeds[`${name}.ids`];
    return Array.from({ length: shape[0] }, (_, n) => Number(data[n * shape[1] + 2]));
  };
  const [rows, columns] = feeds.bias.shape;
  const bias = Array.from({ length: rows }, (_, q) =>
    Array.from(feeds.bias.data as Float32Array).slice(q * columns, (q + 1) * columns),
  );
  return {
    queries: side('query').map((id) => id - 100),
    passages: side('passage').map((id) => id - 200),
    targets: Array.from(feeds.target.data as Int32Array),
    bias,
  };
}

describe('TeachBatches', () => {
  it("gives each query its positive, and its hard negative among the batch's passages", () => {
    const examples = [example(0, [10], [20]), example(1, [11], [21]), example(2, [12], [22])];
    const { queries, passages, targets, bias } = read(new TeachBatches(examples, passage, settings).next());
    expect([...queries].sort()).toEqual([0, 1, 2]);
    queries.forEach((query, q) => {
      expect(passages[targets[q]]).toBe(10 + query);
      expect(passages).toContain(20 + query);
    });
    expect(passages).toHaveLength(6);
    expect(bias.flat().every((x) => x === 0)).toBe(true);
  });

  it('holds a passage once, and never lets a relevant passage be a negative', () => {
    // Queries 0 and 1 share passage 10; query 2 is also answered by 11; 20 is the negative of all.
    const examples = [example(0, [10], [20]), example(1, [10, 11], [20]), example(2, [12, 11], [20])];
    const batches = new TeachBatches(examples, passage, settings);
    for (let n = 0; n < 20; n++) {
      const { queries, passages, targets, bias } = read(batches.next());
      expect(new Set(passages).size).toBe(passages.length);
      queries.forEach((query, q) => {
        const { positives } = examples[query];
        expect(positives).toContain(passages[targets[q]]);
        passages.forEach((ordinal, p) => {
          const hidden = positives.includes(ordinal) && p !== targets[q];
          expect(bias[q][p]).toBe(hidden ? -1e4 : 0);
        });
      });
    }
  });

  it('goes through all examples each epoch, in another order', () => {
    const examples = Array.from({ length: 9 }, (_, n) => example(n, [n]));
    const batches = new TeachBatches(examples, passage, settings);
    const epochs = Array.from({ length: 2 }, () =>
      Array.from({ length: 3 }, () => read(batches.next()).queries).flat(),
    );
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it('cuts passages where the settings say so', () => {
    const examples = [example(0, [10])];
    const { feeds } = new TeachBatches(examples, passage, { ...settings, passageTokens: 8 }).next();
    expect(feeds['passage.ids'].shape).toEqual([1, 8]);
    expect(Array.from(feeds['passage.mask'].data as Int32Array)).toEqual(Array(8).fill(1));
  });

  it('continues from a saved state with the same batches', () => {
    const examples = Array.from({ length: 7 }, (_, n) => example(n, [n, n + 1], [n + 20, n + 30]));
    const batches = new TeachBatches(examples, passage, settings);
    for (let n = 0; n < 4; n++) batches.next();
    const state = JSON.parse(JSON.stringify(batches.save()));
    const expected = Array.from({ length: 5 }, () => batches.next());
    const resumed = new TeachBatches(examples, passage, settings);
    resumed.load(state);
    expect(Array.from({ length: 5 }, () => resumed.next())).toEqual(expected);
    const other = new TeachBatches(examples, passage, { ...settings, seed: 6 });
    expect(Array.from({ length: 5 }, () => other.next())).not.toEqual(expected);
  });
});

describe('cutToWindow', () => {
  const input = (ids: number[]): EncoderInput => ({
    ids: Int32Array.from(ids),
    scored: Uint8Array.from(ids, (id) => (id === 9 ? 0 : 1)),
  });
  // [CLS] 2, [SEP] 3, [D] 6; the text is 10 to 17 with a comma, 9.
  const passage = input([2, 6, 10, 11, 12, 9, 13, 14, 15, 16, 17, 3]);
  const even = new Float64Array(20).fill(1);
  const cut = (query: number[], weights = even) =>
    cutToWindow(passage, input([2, 5, ...query, 3]), 6, weights);

  it("holds most of the query's tokens, between the markers, with their flags", () => {
    expect([...cut([12, 13]).ids]).toEqual([2, 6, 12, 9, 13, 3]);
    expect([...cut([12, 13]).scored]).toEqual([1, 1, 1, 0, 1, 1]);
    expect([...cut([15, 17]).ids]).toEqual([2, 6, 15, 16, 17, 3]);
  });

  it('weighs tokens, and takes the earliest of equal windows', () => {
    const rare = even.slice();
    rare[17] = 5;
    expect([...cut([10, 11, 17], rare).ids]).toEqual([2, 6, 15, 16, 17, 3]);
    expect([...cut([10, 17]).ids]).toEqual([2, 6, 10, 11, 12, 3]);
    expect([...cut([18]).ids]).toEqual([2, 6, 10, 11, 12, 3]);
  });

  it('leaves the passage as it was', () => {
    const before = [...passage.ids];
    cut([17]);
    expect([...passage.ids]).toEqual(before);
  });
});
