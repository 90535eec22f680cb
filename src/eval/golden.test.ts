/** Measures against trec_eval: its own code on random rankings, and its printed figures where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate, pairedValues } from './evaluate.ts';
import { pairedT } from './significance.ts';

const fields = (file: URL) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
const qrels = (file: URL) =>
  fields(file).map(([query, , passage, grade]) => ({ query, passage, grade: Number(grade) }));
const runFile = (file: URL) =>
  fields(file).map(([query, , passage, , score]) => ({ query, passage, score: Number(score) }));

const fixtures = new URL('../../test/fixtures/measures/', import.meta.url);
const expected: Record<string, Record<string, number>> = JSON.parse(
  readFileSync(new URL('expected.json', fixtures), 'utf8'),
);

describe('agrees with trec_eval on random rankings (test/oracles/measures.py)', () => {
  const judgments = qrels(new URL('qrels.txt', fixtures));
  const run = runFile(new URL('run.txt', fixtures));
  const { perQuery } = evaluate(judgments, run, Object.keys(expected));
  test.each(Object.keys(expected))('%s', (measure) => {
    for (const [query, value] of Object.entries(expected[measure]))
      expect(perQuery.get(measure)?.get(query), query).toBeCloseTo(value, 12);
  });
});

const byRanx = new URL('../../test/fixtures/ranx/', import.meta.url);
const ranx: { means: Record<string, Record<string, number>>; p: Record<string, number> } = JSON.parse(
  readFileSync(new URL('expected.json', byRanx), 'utf8'),
);

describe('agrees with ranx: means, and the paired t test of two systems (test/oracles/ranx_measures.py)', () => {
  const judgments = qrels(new URL('qrels.txt', byRanx));
  const measures = Object.keys(ranx.p);
  const [a, b] = ['a', 'b'].map((name) => {
    const evaluation = evaluate(judgments, runFile(new URL(`${name}.txt`, byRanx)), measures);
    return { evaluation, expected: ranx.means[name] };
  });
  test.each(measures)('%s', (measure) => {
    for (const { evaluation, expected } of [a, b])
      expect(evaluation.means.get(measure)).toBeCloseTo(expected[measure], 9);
    const { p } = pairedT(...pairedValues(a.evaluation, b.evaluation, measure));
    expect(p).toBeCloseTo(ranx.p[measure], 9);
  });
});

const conformance = new URL('../../../shared/conformance/trec_eval/', import.meta.url);
const present = existsSync(new URL('out.test.aq', conformance));

/** Our name of a measure that trec_eval prints, or undefined for those that do not exist here yet. */
function ourName(printed: string): string | undefined {
  const whole: Record<string, string> = {
    map: 'AP',
    recip_rank: 'RR',
    Rprec: 'Rprec',
    ndcg: 'nDCG',
    set_recall: 'R',
  };
  const cut: Record<string, string> = {
    P: 'P',
    recall: 'R',
    ndcg_cut: 'nDCG',
    map_cut: 'AP',
    success: 'Success',
  };
  const match = /^(P|recall|ndcg_cut|map_cut|success)_(\d+)$/.exec(printed);
  return match === null ? whole[printed] : `${cut[match[1]]}@${match[2]}`;
}

describe.skipIf(!present)('prints what trec_eval 10.0 prints', () => {
  test.each([
    ['out.test.aq', 'qrels.test', 'results.test', 'retrieved', 1],
    ['out.test.aqc', 'qrels.test', 'results.trunc', 'judged', 1],
    ['out.test.aql', 'qrels.rel_level', 'results.test', 'retrieved', 2],
  ] as const)('%s', (output, judged, results, topics, level) => {
    const lines = fields(new URL(output, conformance))
      .filter((line) => line.length === 3)
      .map(([printed, query, value]) => ({ measure: ourName(printed), query, value }))
      .flatMap(({ measure, ...rest }) =>
        measure === undefined ? [] : [{ measure: levelled(measure, level), ...rest }],
      );
    const names = [...new Set(lines.map(({ measure }) => measure))];
    const { perQuery, means } = evaluate(
      qrels(new URL(judged, conformance)),
      runFile(new URL(results, conformance)),
      names,
      { topics },
    );
    expect(lines.length).toBeGreaterThan(100);
    for (const { measure, query, value } of lines) {
      const ours = query === 'all' ? means.get(measure) : perQuery.get(measure)?.get(query);
      expect(`${measure} ${query} ${ours?.toFixed(4)}`).toBe(`${measure} ${query} ${value}`);
    }
  });
});

function levelled(measure: string, level: number): string {
  if (level === 1 || measure.startsWith('nDCG')) return measure;
  const [name, cutoff] = measure.split('@');
  return `${name}(rel=${level})${cutoff === undefined ? '' : `@${cutoff}`}`;
}

test.runIf(!present)(
  "trec_eval's conformance files are absent: its printed figures were not compared",
  () => {},
);
