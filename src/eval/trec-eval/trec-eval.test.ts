/** trec_eval's measures: its own code on random rankings, its printed files where they are at hand, and by hand. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readJudgments } from '../../data/judgments.ts';
import { parseRunTable, readRunTable } from '../../data/run-table.ts';
import { judgmentTable, rankedRun } from '../ranking.ts';
import { rankTable } from '../ranking-table.ts';
import { fourDecimals, trecLine } from './print.ts';
import { selectMeasures, singleColumn } from './registry.ts';
import { type TrecEvalSettings, trecEval } from './trec-eval.ts';
import { parseZScores } from './z-scores.ts';

const fixtures = new URL('../../../test/fixtures/', import.meta.url);
const golden: Record<string, Record<string, Record<string, number>>> = JSON.parse(
  readFileSync(new URL('trec-eval/expected.json', fixtures), 'utf8'),
);

describe("agrees with trec_eval's code on random rankings (test/oracles/trec_eval.py)", async () => {
  const judgments = judgmentTable(await readJudgments(new URL('measures/qrels.txt', fixtures).pathname));
  const run = rankTable(await readRunTable(new URL('measures/run.txt', fixtures).pathname));
  test.each(Object.keys(golden))('%s', (setting) => {
    const labels = Object.keys(golden[setting]);
    const relevance = setting === '-l2' ? 2 : 1;
    for (const label of labels) {
      const request = label.replace(/_([\d.]+)$/u, '.$1');
      const [{ columns }] = selectMeasures([request]);
      for (const [query, value] of Object.entries(golden[setting][label])) {
        const { grades, judged } = run.judged(query, judgments.get(query) ?? new Map());
        const kept = setting === '-J' ? grades.filter((grade) => grade >= 0) : grades;
        const [ours] = columns.values({ grades: kept, judged }, { relevance, collection: 2 ** 63 });
        expect(ours, `${label} ${query}`).toBeCloseTo(value, 10);
      }
    }
    expect(labels.length).toBeGreaterThan(30);
  });
});

const conformance = new URL('../../../../shared/conformance/trec_eval/', import.meta.url);
const present = existsSync(new URL('out.test.aq', conformance));
const PARAMETERS =
  'iprec_at_recall..10,.20,.25,.75,.50 P.5,7,3 recall.20,2000 Rprec_mult.5.0,0.2,0.35 utility.2,-1,0,0 11pt_avg..25,.5,.75 ndcg.1=3,2=9,4=4.5 ndcg_cut.10,20,23.4 success.2,5,20';
const all = { measures: ['all_trec'], perQuery: true };

describe.skipIf(!present)('prints what trec_eval 10.0 prints, to the byte', () => {
  test.each<[string, string, string, TrecEvalSettings & { z?: string }]>([
    ['out.test', 'qrels.test', 'results.test', {}],
    ['out.test', 'qrels.test.with-comments', 'results.test', {}],
    ['out.comment.test', 'qrels.comment.test', 'results.comment.test', {}],
    ['out.test.a', 'qrels.test', 'results.test', { measures: ['all_trec'] }],
    ['out.test.aq', 'qrels.test', 'results.test', all],
    ['out.test.aqc', 'qrels.test', 'results.trunc', { ...all, complete: true }],
    ['out.test.aqcM', 'qrels.test', 'results.trunc', { ...all, complete: true, depth: 100 }],
    [
      'out.test.aql',
      'qrels.rel_level',
      'results.test',
      { perQuery: true, measures: ['all_trec', 'relstring.20'], relevance: 2 },
    ],
    [
      'out.test.meas_params',
      'qrels.test',
      'results.test',
      { perQuery: true, measures: PARAMETERS.split(' ') },
    ],
    ['out.test.aqZ', 'qrels.test', 'results.test', { ...all, z: 'zscores_file' }],
  ])('%s of %s and %s', async (output, qrels, results, { z, ...settings }) => {
    const path = (name: string) => new URL(name, conformance).pathname;
    const printed = trecEval(
      judgmentTable(await readJudgments(path(qrels))),
      rankTable(await readRunTable(path(results))),
      {
        ...settings,
        zScores: z === undefined ? undefined : parseZScores(readFileSync(path(z), 'utf8').split('\n'), z),
      },
    );
    expect(printed).toBe(readFileSync(path(output), 'utf8'));
  });
});

test.runIf(!present)(
  "trec_eval's conformance files are absent: its printed files were not compared",
  () => {},
);

describe('trecEval', () => {
  const judgments = judgmentTable([
    { query: 'q2', passage: 'b', grade: 2 },
    { query: 'q10', passage: 'a', grade: 1 },
    { query: 'q10', passage: 'c', grade: 0 },
  ]);
  const entries = [
    { query: 'q10', passage: 'x', score: 3 },
    { query: 'q10', passage: 'a', score: 2 },
    { query: 'q10', passage: 'c', score: 1 },
    { query: 'q7', passage: 'a', score: 1 },
  ];

  test('with complete, queries without results count 0; the order is that of bytes', () => {
    const run = rankedRun(entries, 'mine');
    const measures = ['runid', 'num_q', 'num_rel', 'map', 'gm_map', 'relstring'];
    expect(trecEval(judgments, run, { measures, complete: true, perQuery: true }).split('\n')).toEqual([
      'num_rel               \tq10\t1',
      'map                   \tq10\t0.5000',
      "relstring             \tq10\t'-10'",
      'num_rel               \tq2\t1',
      'map                   \tq2\t0.0000',
      "relstring             \tq2\t''",
      'runid                 \tall\tmine',
      'num_q                 \tall\t2',
      'num_rel               \tall\t2',
      'map                   \tall\t0.2500',
      'gm_map                \tall\t0.0022',
      '',
    ]);
    expect(() => trecEval(judgments, run)).toThrow(/1 judged query has no results, q2 .*UNKNOWN_ID/);
  });

  test('-J takes unjudged passages out, -M cuts, -N counts the collection, -n prints no summary', () => {
    const run = rankedRun(entries);
    const one = judgmentTable([
      { query: 'q10', passage: 'a', grade: 1 },
      { query: 'q10', passage: 'c', grade: 0 },
    ]);
    const value = (settings: TrecEvalSettings) => trecEval(one, run, settings).trim().split(/\s+/).at(-1);
    expect(value({ measures: ['recip_rank'], judgedOnly: true })).toBe('1.0000');
    expect(value({ measures: ['num_ret'], depth: 2 })).toBe('2');
    // One found, two others returned, none missed, seven others not returned.
    expect(value({ measures: ['utility.1,10,100,1000'], collection: 10 })).toBe('7021.0000');
    expect(trecEval(one, run, { noSummary: true })).toBe('');
  });

  test('a run of other queries is an error', () => {
    expect(() =>
      trecEval(judgments, rankedRun([{ query: 'z', passage: 'a', score: 1 }]), { complete: true }),
    ).toThrow(/UNKNOWN_ID/);
  });

  test('the tag is that of the last line', () => {
    const table = parseRunTable(Buffer.from('q2 Q0 b 1 1 first\nq10 Q0 a 1 1 last more words\n'), 'a.run');
    expect(trecEval(judgments, rankTable(table), { measures: ['runid'] })).toBe(
      'runid                 \tall\tlast\n',
    );
  });

  test('z-scores need every value', () => {
    const zScores = parseZScores(['q2 map 0.5 0.25', 'q10 map 0.5 0', ''], 'z');
    const run = rankedRun([...entries, { query: 'q2', passage: 'b', score: 1 }]);
    expect(trecEval(judgments, run, { measures: ['map'], perQuery: true, zScores })).toBe(
      'Zmap                   \tq10\t0.0000\nZmap                   \tq2\t2.0000\nZmap                   \tall\t1.0000\n',
    );
    expect(() => trecEval(judgments, run, { measures: ['P.5'], zScores })).toThrow(/query q10 and P_5/);
    expect(() => parseZScores(['q2 map 0.5'], 'z')).toThrow(/z:1: .*LINE_FORMAT/s);
  });
});

describe('selectMeasures', () => {
  const labels = (...requests: string[]) => selectMeasures(requests).flatMap(({ columns }) => columns.labels);

  test('prints in its own order, cutoffs ascending and once', () => {
    expect(labels('P.10,5,5', 'map', 'P.20.9')).toEqual(['map', 'P_5', 'P_10', 'P_20']);
    expect(labels('set').length).toBe(11);
    expect(labels('relstring.20', 'official')).toContain('relstring_20');
    expect(labels('P.3', 'official').filter((label) => label.startsWith('P_'))).toEqual(['P_3']);
  });

  test.each([
    ['mpa', /SETTING_UNKNOWN.*\n.*Did you mean map\?/],
    ['prefs_simp', /SETTING_UNKNOWN/],
    ['P.0', /SETTING_INVALID/],
    ['P.', /SETTING_INVALID/],
    ['P.5,x', /SETTING_INVALID/],
    ['map.5', /SETTING_INVALID/],
    ['utility.1,2', /SETTING_INVALID/],
    ['ndcg.one=2', /SETTING_INVALID/],
    ['set_F.1,2', /SETTING_INVALID/],
  ])('refuses %s', (request, message) => {
    expect(() => selectMeasures([request])).toThrow(message);
  });

  test('a label finds its measure; counts have none', () => {
    expect(singleColumn('ndcg_cut_10')?.columns.labels).toEqual(['ndcg_cut_10']);
    expect(singleColumn('ndcg_rel')?.measure.name).toBe('ndcg_rel');
    expect(singleColumn('iprec_at_recall_0.5')?.columns.labels).toEqual(['iprec_at_recall_0.50']);
    expect(singleColumn('num_ret')).toBeUndefined();
    expect(singleColumn('P')).toBeUndefined();
    expect(singleColumn('gm_map')).toBeUndefined();
  });
});

describe("C's printf", () => {
  test('half-way goes to the even digit, as in C', () => {
    expect([0.03125, 0.09375, -0.03125, 2.15625].map(fourDecimals)).toEqual([
      '0.0312',
      '0.0938',
      '-0.0312',
      '2.1562',
    ]);
    expect([0.00005, 1 / 3, 0.5, 1e15].map(fourDecimals)).toEqual([
      '0.0001',
      '0.3333',
      '0.5000',
      '1000000000000000.0000',
    ]);
    expect(fourDecimals(-0)).toBe('-0.0000');
  });

  test('labels take 22 columns or more', () => {
    expect(trecLine('map', 'all', '0.1785')).toBe('map                   \tall\t0.1785\n');
  });
});
