/** What bench/index.ts stands on: the synthetic collection, exact search, recall, profiles, tables and charts. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Collection,
  QUERY_TOKENS,
  readQueries,
  SYNTHETIC,
  writeCollection,
  writeQueries,
  writeSyntheticQueries,
} from '../bench/index/collection.ts';
import { exactBest } from '../bench/index/exact.ts';
import { flameSvg } from '../bench/index/flame-chart.ts';
import { growthSvg } from '../bench/index/growth-chart.ts';
import { type CpuProfile, timeTree } from '../bench/index/profile-tree.ts';
import { percentile, recall } from '../bench/index/recall.ts';
import { SyntheticCollection } from '../bench/index/synthetic.ts';
import { syntheticPassages } from '../bench/index/synthetic-passages.ts';
import { goalRows, goalTable, stageTable } from '../bench/index/table.ts';
import type { Measured } from '../bench/index/workplace.ts';
import { buildIndex } from '../src/index/build.ts';
import { maxSim } from '../src/index/maxsim.ts';
import { openIndex } from '../src/index/open-index.ts';
import { temporaryFolder } from './temporary.ts';

const PASSAGES = 150;
const QUERIES = 4;

describe('the synthetic collection', () => {
  it('has the same unit vectors for a passage whatever was asked before', () => {
    const [one, other] = [new SyntheticCollection(SYNTHETIC), new SyntheticCollection(SYNTHETIC)];
    other.passage(3);
    other.query('dev', 0, QUERY_TOKENS, 10);
    const vectors = one.passage(7);
    expect(other.passage(7)).toEqual(vectors);
    expect(one.passage(8)).not.toEqual(vectors);
    for (let t = 0; t < SYNTHETIC.tokens; t++) {
      const row = vectors.subarray(t * SYNTHETIC.dim, (t + 1) * SYNTHETIC.dim);
      expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    }
  });

  it('has texts and token ids that depend on the passage alone', () => {
    const source = new SyntheticCollection(SYNTHETIC);
    const of = (first: number, count: number) => [
      ...syntheticPassages(first, count, (p) => source.passage(p)),
    ];
    const [, later] = of(4, 2);
    const [same] = of(5, 1);
    expect(same).toEqual(later);
    expect(same.passage.id).toBe('5');
    expect(same.passage.text.split(' ')).toHaveLength(48);
    expect(same.tokenIds).toHaveLength(SYNTHETIC.tokens);
  });
});

describe('the exact best', () => {
  const folder = join(temporaryFolder().path, 'collection');
  beforeAll(() => {
    writeCollection(folder, PASSAGES);
    writeSyntheticQueries(folder, 'dev', QUERIES, PASSAGES);
  });

  it('is what scoring every passage in float64 gives, with one thread and with two', async () => {
    const collection = new Collection(folder);
    const queries = readQueries(folder, 'dev', SYNTHETIC.dim);
    expect(queries).toHaveLength(QUERIES);
    const best = queries.map(({ vectors }) => {
      const scores = Array.from({ length: PASSAGES }, (_, p) =>
        maxSim(vectors, collection.vectors(p), SYNTHETIC.dim),
      );
      const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
      return order.slice(0, 100).map(String);
    });
    collection.close();
    expect(await exactBest(folder, 'dev', 2)).toEqual(best);
    writeQueries(folder, 'again', queries);
    expect(await exactBest(folder, 'again', 1)).toEqual(best);
  });

  it('is what an index of the vectors as they are finds', async () => {
    const collection = new Collection(folder);
    const path = join(folder, 'index');
    const fingerprint = { teacher: 'synthetic', tokenizer: 'synthetic' };
    const passages = syntheticPassages(0, PASSAGES, (p) => collection.vectors(p));
    await buildIndex(path, { dim: SYNTHETIC.dim, fingerprint, precision: 'float16' }, passages);
    collection.close();
    const index = openIndex(path);
    const hits = await index.searchBatch(readQueries(folder, 'dev', SYNTHETIC.dim), 100);
    await index.close();
    const best = await exactBest(folder, 'dev', 2);
    const found = hits.map((each) => each.map(({ id }) => id));
    expect(recall(found, best, 10)).toBe(1);
    expect(recall(found, best, 100)).toBeGreaterThan(0.99);
  });

  it('reads a run of passages as one by one, and says when the file is too short', () => {
    const collection = new Collection(folder);
    const numbers = SYNTHETIC.tokens * SYNTHETIC.dim;
    expect(collection.vectors(3, 2).subarray(numbers)).toEqual(collection.vectors(4));
    expect(() => collection.vectors(PASSAGES)).toThrow('too short');
    collection.close();
  });

  it('keeps queries of different lengths apart', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    const queries = [3, 1].map((tokens) => ({
      vectors: Float32Array.from({ length: 2 * tokens }, (_, i) => i + tokens),
      tokens,
    }));
    writeQueries(other, 'dev', queries);
    expect(readQueries(other, 'dev', 2)).toEqual(queries);
  });
});

describe('recall and percentiles', () => {
  it('counts the best that are among the first found', () => {
    const best = [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ];
    const found = [
      ['c', 'a', 'b'],
      ['d', 'x', 'e'],
    ];
    expect(recall(found, best, 1)).toBe(0.5);
    expect(recall(found, best, 2)).toBe(0.5);
    expect(recall(found, best, 3)).toBeCloseTo((1 + 2 / 3) / 2);
  });

  it('takes the least value that a share does not exceed', () => {
    const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
    expect([0.5, 0.95, 0, 1].map((p) => percentile(values, p))).toEqual([5, 10, 1, 10]);
    expect(values[0]).toBe(5);
  });
});

const frame = (functionName: string, file: string) => ({ functionName, url: `file:///src/index/${file}` });
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: { functionName: '(root)', url: '' }, children: [2, 6, 7] },
    { id: 2, callFrame: frame('search', 'compressed/scorer.ts'), children: [3] },
    { id: 3, callFrame: frame('score', 'compressed/search-work.ts'), children: [4, 5] },
    { id: 4, callFrame: frame('read', 'compressed/search-work.ts') },
    { id: 5, callFrame: { functionName: 'wasm-function[3]', url: 'wasm://wasm/1' } },
    { id: 6, callFrame: { functionName: '(idle)', url: '' } },
    { id: 7, callFrame: { functionName: '(garbage collector)', url: '' } },
  ],
  samples: [4, 5, 3, 6, 7, 2],
  timeDeltas: [10, 20, 5, 1000, 3, 2],
};

describe('a profile', () => {
  const tree = timeTree(PROFILE, { 3: 'dotRows' });

  it('goes to the innermost stage, without idle time', () => {
    expect(tree.time).toBe(40);
    const times = Object.fromEntries([...tree.children.values()].map(({ name, time }) => [name, time]));
    expect(times).toEqual({
      ...{ 'query x centroids': 0, candidates: 0, 'choice of candidates': 0 },
      ...{ reading: 10, 'exact scoring': 25, rest: 5 },
    });
    const score = tree.children.get('exact scoring')!.children.get('score')!;
    expect([...score.children.values()].map(({ name, time }) => [name, time])).toEqual([['dotRows', 20]]);
  });

  it('is drawn with widths by time', () => {
    const svg = flameSvg(tree, 8, 'A < query');
    expect(svg).toContain('A &lt; query');
    expect(svg).toContain('<title>reading 2.00 ms, 25.0 %</title>');
    expect(svg).toContain('width="249.4"');
    expect(svg).not.toContain('NaN');
  });
});

describe('tables', () => {
  const search = (recall10: number): Measured => ({
    ...{ stage: 'search', passages: 100_000, precision: '4bit', queries: 'dev', threads: 2 },
    ...{ effort: 'default', recall10, recall100: 0.92, p50: 39, p95: 81 },
  });
  const rival = (system: string, recall10: number, p50: number, run = 'last'): Measured => ({
    ...{ stage: 'rivals', run, passages: 100_000, queries: 'dev', system, recall10, p50 },
  });
  const met = (records: readonly Measured[]) =>
    Object.fromEntries(goalRows(records, 'dev').map((row) => [row.figure, row.met]));

  it('judge the last measurement of each figure, and leave open what was not measured', () => {
    const rows = met([search(0.97), search(0.94)]);
    expect(rows['recall@10, 100,000, 4 bit']).toBe(false);
    expect(rows['recall@100, 100,000, 4 bit']).toBe(true);
    expect(rows['query p50, ms']).toBe(true);
    expect(rows['query p95, ms']).toBe(false);
    expect(rows['build, s']).toBeUndefined();
    expect(met([{ ...search(0.97), queries: 'test' }])['query p50, ms']).toBeUndefined();
  });

  it('count kills: a few are not enough', () => {
    const name = 'kills that left another state than before or after';
    const kill = (kills: number, failures: number) => [{ stage: 'kill', kills, failures }];
    expect([kill(200, 0), kill(10, 0), kill(200, 1), []].map((records) => met(records)[name])).toEqual([
      ...[true, false, false],
      undefined,
    ]);
  });

  it('ask for a faster and equally good setting beside each of the rival', () => {
    const name = 'recall@10 and p50 beside LanceDB';
    const own = [rival('refract 4bit', 0.95, 30), rival('refract 4bit effort=0.7', 0.99, 90)];
    expect(met(own)[name]).toBeUndefined();
    expect(met([...own, rival('lancedb default', 0.8, 40)])[name]).toBe(true);
    expect(met([...own, rival('lancedb default', 0.8, 20)])[name]).toBe(false);
    expect(met([...own, rival('lancedb refine=20', 0.98, 200)])[name]).toBe(true);
    expect(met([...own, rival('lancedb refine=20', 1, 200)])[name]).toBe(false);
    // Another run's figures count for nothing.
    const before = rival('refract 4bit+float16', 1, 50, 'before');
    expect(met([before, ...own, rival('lancedb refine=20', 1, 200)])[name]).toBe(false);
  });

  it('are Markdown with the last row of each key', () => {
    const rows = goalTable(goalRows([search(0.96)], 'dev')).split('\n');
    expect(rows[2]).toBe('| recall@10, 100,000, 4 bit | at least .95 | 0.960 | yes |');
    const records = [search(0.9), search(0.96), { ...search(0.5), threads: 1 }];
    expect(stageTable(records, 'search', ['threads'], ['recall10', 'absent'])).toBe(
      'search:\n| threads | recall10 | absent |\n| --- | --- | --- |\n| 2 | 0.96 | - |\n| 1 | 0.5 | - |',
    );
  });
});

describe('the chart of growth', () => {
  it('draws a tenfold cost of a tenfold collection as a slope of one tick', () => {
    const point = (passages: number) => ({
      ...{ passages, buildSeconds: passages / 1000, buildPeakMiB: 500, bytes: 4700 * passages },
      ...{ openSeconds: 0.5, openMiB: 200, openPeakMiB: 250, p50: passages / 1000, p95: passages / 500 },
    });
    const svg = growthSvg([point(10_000), point(100_000)]);
    expect(svg).not.toContain('NaN');
    expect(svg).toContain('p50, 100000 passages: 100');
    // p50 from 10 to 100 on an axis from 10 to 1,000: from the bottom to its middle.
    expect(svg).toContain('<path class="curve high d1" d="M52 184L242 109"/>');
  });
});
