/** `refract eval`: hand-checked figures, comparisons, formats and notes. */
import { describe, expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
// Two relevant passages for q1, one each for the others; `good` finds all first, `poor` puts them second.
const IDS = ['q1', 'q2', 'q3', 'q4', 'q5', 'q6'];
const qrels = folder.write('qrels.txt', IDS.map((id) => `${id} 0 ${id}-right 1\n`).join(''));
const ranked = (first: string, second: string) =>
  IDS.map((id) => `${id} Q0 ${id}-${first} 1 2 t\n${id} Q0 ${id}-${second} 2 1 t\n`).join('');
const good = folder.write('good.run', ranked('right', 'wrong'));
const poor = folder.write('poor.run', ranked('wrong', 'right'));
// Answers only two judged queries, and one that nobody judged.
const partial = folder.write(
  'partial.run',
  'q1 Q0 q1-right 1 1 t\nq2 Q0 q2-right 1 1 t\nx1 Q0 q1-right 1 1 t\n',
);

const evaluate = (...args: string[]) => refract(['eval', '--qrels', qrels, ...args]);

describe('refract eval', () => {
  it('prints the default measures', async () => {
    const { code, out, err } = await evaluate('--run', good);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^system +nDCG@10 +RR@10 +R@1 +R@100 +AP +queries\n/);
    expect(out).toMatch(/^good +1\.000 +1\.000 +1\.000 +1\.000 +1\.000 +6$/m);
  });

  it('compares runs with the first by a paired test, adjusted over the table', async () => {
    const { out } = await evaluate('--run', good, '--run', poor, '-m', 'RR@10', 'R@1', '--format', 'json');
    const { systems, baseline, comparisons } = JSON.parse(out);
    expect(baseline).toBe('good');
    expect(systems.map((each: { means: object }) => each.means)).toEqual([
      { 'RR@10': 1, 'R@1': 1 },
      { 'RR@10': 0.5, 'R@1': 0 },
    ]);
    // All six differences have one sign: of 64 assignments two are as extreme.
    for (const test of comparisons) {
      expect(test.system).toBe('poor');
      expect(test.p).toBeCloseTo(2 / 64, 2);
      expect(test.adjusted).toBeCloseTo(4 / 64, 1);
      expect(test.adjusted).toBeGreaterThanOrEqual(test.p);
    }
    expect(comparisons[0].difference).toBeCloseTo(-0.5, 12);
    const again = await evaluate('--run', good, '--run', poor, '-m', 'RR@10', 'R@1', '--format', 'json');
    expect(again.out).toBe(out);
  });

  it('takes another baseline by its file', async () => {
    const { out } = await evaluate('--run', good, poor, '-m', 'RR@10', '--baseline', poor);
    expect(out).toMatch(
      /against poor +measure +difference +p +p \(Holm\) +p \(t\)\ngood +RR@10 +\+0\.5000 +0\.03/,
    );
  });

  it('prints every query on demand, in each format', async () => {
    const text = await evaluate('--run', poor, '-m', 'RR@10', '--per-query');
    expect(text.out).toMatch(/\n\nquery +system +RR@10\nq1 +poor +0\.500\n/);
    const markdown = await evaluate('--run', poor, '-m', 'RR@10', '--per-query', '--format', 'markdown');
    expect(markdown.out).toContain('| q6    | poor   | 0.500 |');
    const csv = await evaluate('--run', good, poor, '-m', 'RR@10', '--per-query', '--format', 'csv');
    const lines = csv.out.trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'system,measure,query,value,difference,p,p_holm,p_t,low,high,p_worse,p_worse_holm,p_unequal',
    );
    expect(lines[1]).toBe('good,RR@10,all,1,,,,,,,,,');
    expect(lines).toContain('poor,RR@10,q3,0.5,,,,,,,,,');
    expect(lines.find((line) => line.startsWith('poor,RR@10,all,0.5,-0.5,0.03'))).toBeDefined();
    expect(lines).toHaveLength(1 + 2 * 7);
    const json = await evaluate('--run', poor, '-m', 'RR@10', '--per-query', '--format', 'json');
    expect(JSON.parse(json.out).systems[0].perQuery['RR@10'].q2).toBe(0.5);
  });

  it('counts queries without results as 0, and says what does not match', async () => {
    const { code, out, err } = await evaluate('--run', partial, '-m', 'RR@10');
    expect(code).toBe(0);
    expect(out).toMatch(/partial +0\.333 +6 +4/);
    expect(err).toContain('partial: 4 judged queries without results, counted 0 (q3, q4, q5, ...)');
    expect(err).toContain('partial: 1 query without judgments, left out (x1)');
    expect((await evaluate('--run', partial, '--quiet')).err).toBe('');
  });

  it('says when no passage id of a run is judged', async () => {
    const stray = folder.write('stray.run', 'q1 Q0 42 1 1 t\n');
    expect((await evaluate('--run', stray)).err).toContain('stray: no passage of the run is judged');
  });

  it('tells runs of one name apart by their paths', async () => {
    const other = folder.write('other/good.run', ranked('wrong', 'right'));
    const { out } = await evaluate('--run', good, other, '-m', 'RR@10');
    expect(out).toContain(`against ${good}`);
    expect(out).toContain(other);
  });

  it('adds intervals and tests of no harm on demand, and prints LaTeX', async () => {
    const { out } = await evaluate('--run', good, poor, '-m', 'RR@10', '--intervals', '--margin', '0.1');
    expect(out).toMatch(/\n95 % interval +RR@10\ngood +\[1\.000, 1\.000\]\npoor +\[0\.500, 0\.500\]\n/);
    expect(out).toMatch(/p \(Holm\) +p \(t\) +p \(worse\) +p \(worse, Holm\) +p \(unequal\)\n/);
    const latex = (await evaluate('--run', poor, '-m', 'RR@10', 'set_P', '--format', 'latex')).out;
    expect(latex).toBe(
      '\\begin{tabular}{lrrr}\n\\toprule\nsystem & RR@10 & set\\_P & queries \\\\\n\\midrule\npoor & 0.500 & 0.500 & 6 \\\\\n\\bottomrule\n\\end{tabular}\n',
    );
    expect((await evaluate('--run', good, '--margin', '0')).err).toMatch(
      /--margin "0" is not a positive number/,
    );
  });

  it('takes versions of one question for one observation', async () => {
    const clusters = folder.write('clusters.tsv', IDS.map((id, i) => `${id}\tquestion ${i % 2}\n`).join(''));
    const { out } = await evaluate(
      '--run',
      good,
      poor,
      '-m',
      'RR@10',
      '--clusters',
      clusters,
      '--format',
      'json',
    );
    expect(JSON.parse(out).comparisons[0].p).toBeCloseTo(0.5, 1);
    const bad = folder.write('bad.tsv', 'q1\n');
    expect((await evaluate('--run', good, '--clusters', bad)).err).toMatch(
      /bad.tsv:1: is not "query<TAB>question"/,
    );
  });

  it('evaluates the queries of a file only', async () => {
    const queries = folder.write(
      'queries.jsonl',
      '{"id": "q1", "text": "maji"}\n{"id": "q2", "text": "ọjà"}\n',
    );
    const { out, err } = await evaluate('--run', partial, '-m', 'RR@10', '--queries', queries);
    expect(out).toMatch(/partial +1\.000 +2\n/);
    expect(err).toBe('partial: 1 query without judgments, left out (x1)\n');
    const other = folder.write('other.jsonl', '{"id": "z", "text": "maji"}\n');
    expect((await evaluate('--run', partial, '--queries', other)).err).toMatch(
      /none of these queries is judged/,
    );
  });

  it('says what is odd about runs and judgments', async () => {
    const odd = folder.write('odd.txt', 'q1 0 q1-right 1\nq1 0 other -1\n');
    const unsorted = folder.write('unsorted.run', 'q1 Q0 other 1 1 t\nq1 Q0 q1-right 2 2 t\n');
    const { out, err } = await refract(['eval', '--qrels', odd, '--run', unsorted, '-m', 'RR@10']);
    expect(out).toMatch(/unsorted +1\.000 +1\n/);
    expect(err).toBe(
      '1 of 2 judgments have a grade below 0; they count as not relevant\nunsorted: 1 of 1 queries are not in the order of their scores; ranked by score\n',
    );
  });
});

describe('runs with mixed separators', () => {
  it('are read, and counted by what separates their columns', async () => {
    const qrels = folder.write('mixed.txt', 'q1 0 a 1\n');
    const mixed = folder.write('mixed.run', 'q1 Q0 a 1 3 t\nq1\tQ0\tb\t2\t2\tt\nq1 Q0\tc 3 1 t\n');
    const args = ['eval', '--qrels', qrels, '--run', mixed, '-m', 'RR@10'];
    const { out, err } = await refract(args);
    expect(out).toMatch(/mixed +1\.000 +1\n/);
    expect(err).toBe(
      'mixed: columns are separated by spaces on 1 lines, by tabs on 1, by both on 1; read all the same\n',
    );
    expect((await refract([...args, '--quiet'])).err).toBe('');
    const tabs = folder.write('tabs.run', 'q1\tQ0\ta\t1\t3\tt\n');
    expect((await refract(['eval', '--qrels', qrels, '--run', tabs, '-m', 'RR@10'])).err).toBe('');
  });
});

describe('refract eval by language', () => {
  const languages = (...more: string[]) =>
    evaluate('--run', `A:de=${good},sw=${poor}`, '--run', `B:de=${good},sw=${good}`, '-m', 'RR@10', ...more);

  it('prints languages, macro average, gap and worst language, and tests of each', async () => {
    const { code, out } = await languages('--low', 'sw', '--intervals');
    expect(code).toBe(0);
    const squeezed = out.replace(/ +/g, ' ');
    expect(squeezed).toContain(
      'RR@10 de sw macro low high gap worst\nA 1.000 0.500 0.750 0.500 1.000 0.500 sw\n',
    );
    expect(squeezed).toContain('95 % interval RR@10\nA [0.750, 0.750]\n');
    expect(squeezed).toMatch(/B RR@10 macro \+0\.2500 0\.03/);
  });

  it('prints JSON and CSV', async () => {
    const json = JSON.parse((await languages('--format', 'json', '--per-query')).out);
    expect(json.systems[0].summaries['RR@10'].macro).toBe(0.75);
    expect(json.systems[1].languages.sw.perQuery['RR@10'].q1).toBe(1);
    expect(json.comparisons.map(({ language }: { language: string }) => language)).toEqual([
      'de',
      'sw',
      'macro',
    ]);
    const csv = (await languages('--format', 'csv')).out.split('\r\n');
    expect(csv[0]).toMatch(/^system,measure,language,query,value,difference/);
    expect(csv.some((line) => line.startsWith('B,RR@10,macro,all,1,0.25,'))).toBe(true);
    expect((await languages('--per-query')).out).toContain('\nquery');
  });

  it('refuses half-labelled runs and --low without languages', async () => {
    expect((await evaluate('--run', `sw=${good}`, good)).err).toMatch(/does not name a language/);
    expect((await evaluate('--run', `A:sw=${good},${poor}`)).err).toMatch(/2 runs of A in sw/);
    expect((await evaluate('--run', good, '--low', 'sw')).err).toMatch(/--low needs runs by language/);
  });
});
