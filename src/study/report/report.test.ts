/** The report of made-up studies whose effects are known. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { answerOf } from './answer.ts';
import { LEVEL, permutationsFor } from './changes.ts';
import { armCosts } from './cost.ts';
import { isAnswerMeasure, studyFigures } from './figures.ts';
import { languagesCsv } from './language-figures.ts';
import { languageTables } from './language-tables.ts';
import { madeUpStudy } from './made-up-study.fixture.ts';
import { COST_SECTION } from './sections.ts';
import { writeStudyReport } from './write-report.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const read = (...parts: string[]) => readFileSync(join(folder.path, ...parts), 'utf8');
const FAST = { permutations: 1000 };

const { matrix, study } = madeUpStudy(at('whole'));
const figures = studyFigures(matrix, study, at('whole'), FAST);
const changeOf = (arm: string, test: string, group: string, design = 'natural') =>
  figures.changes.find(
    (each) => each.arm === arm && each.test === test && each.group === group && each.design === design,
  );

describe('figures of a study', () => {
  it('find the change that was put in, and its verdict', () => {
    const rise = changeOf('switched', 'desk', 'low');
    expect(rise?.difference).toBeCloseTo(0.2, 2);
    expect(rise?.verdict).toBe('rises');
    expect(rise?.interval.low).toBeGreaterThan(0.19);
    expect(rise?.interval.high).toBeLessThan(0.21);
    expect(rise).toMatchObject({ seeds: 3, questions: 60, asked: [0, 1], realised: [0, 0.96] });
    // 0.2 over a realised range of 0.96.
    expect(rise?.trend?.slope).toBeCloseTo(0.2 / 0.96, 2);
    expect(rise?.trend?.spearman).toBeCloseTo(1, 9);
    expect(changeOf('both', 'shelf', 'high')).toMatchObject({ verdict: 'falls' });
    expect(changeOf('switched', 'shelf', 'high')).toMatchObject({ verdict: 'stays' });
    expect(changeOf('switched', 'desk', 'gap')?.difference).toBeCloseTo(-0.2, 2);
    expect(changeOf('switched', 'shelf', 'low')).toBeUndefined();
  });

  it('give each language an interval', () => {
    const own = figures.languages.filter(
      ({ condition, measure }) => condition.arm === 'zero-shot' && measure === 'nDCG@10',
    );
    expect(own.map(({ test, language }) => `${test} ${language}`)).toEqual([
      ...['desk sw', 'desk yo', 'desk de', 'shelf de', 'shelf ar'],
    ]);
    // Noise of .12 for a question, and .08 of three seeds each, both uniform: half a width of 1.96 deviations.
    const half = 1.96 * Math.sqrt((0.12 ** 2 / 12 + 0.08 ** 2 / 12 / 3) / 60);
    const bands = own.map(({ interval = { low: 0, high: 0 } }) => interval);
    for (const [i, { mean }] of own.entries()) {
      expect(mean - bands[i].low).toBeCloseTo(half, 2);
      expect(bands[i].high - mean).toBeCloseTo(half, 2);
    }
    expect(languageTables(figures, 'nDCG@10', 'desk')[0].rows[0][1]).toMatchObject({
      text: own[0].mean.toFixed(3),
      below: `[${bands[0].low.toFixed(3)}, ${bands[0].high.toFixed(3)}]`,
    });
    const [head, first] = languagesCsv(figures).split('\r\n');
    expect(head).toContain('measure,test,language,arm,design,rho,mean,low,high,seeds');
    expect(first.split(',').slice(0, 4)).toEqual(['nDCG@10', 'desk', 'sw', 'zero-shot']);
    expect(first.split(',').slice(6, 9).map(Number)).toEqual([own[0].mean, bands[0].low, bands[0].high]);
  });

  it('adjust over the whole table', () => {
    const { changes } = figures;
    // Two arms, two designs, desk: low, high, gap; shelf: high.
    expect(changes).toHaveLength(2 * 2 * 4);
    const smallest = Math.min(...changes.map(({ p }) => p));
    expect(smallest).toBe(1 / 1001);
    expect(Math.min(...changes.map(({ adjusted }) => adjusted))).toBeCloseTo(16 / 1001, 12);
  });

  it('keep languages without training data out of averages and gap', () => {
    const rise = (unseen: readonly string[], test = { desk: ['sw', 'yo', 'de', 'ar'] }) => {
      const made = madeUpStudy(at('unseen'), { tests: test, unseen, questions: 20, rho: [0, 1] });
      const { changes } = studyFigures(made.matrix, made.study, at('unseen'), FAST);
      const own = changes.filter(({ arm, design }) => arm === 'switched' && design === 'natural');
      return { made, groups: new Map(own.map(({ group, from, to }) => [group, [from, to]])) };
    };
    const { groups, made } = rise(['yo', 'ar']);
    expect([...groups.keys()]).toEqual(['low', 'high', 'gap', 'unseen-low', 'unseen-high']);
    const trained = rise([], { desk: ['sw', 'de'] }).groups;
    for (const group of ['low', 'high', 'gap'] as const)
      expect(groups.get(group)).toEqual(trained.get(group));
    rise(['yo', 'ar']);
    const { figures: own, answer } = writeStudyReport(made.matrix, made.study, at('unseen'), FAST);
    expect(answer.lead).toContain('In low-resource languages without training data, nDCG@10 rises');
    const [desk, apart] = languageTables(own, 'nDCG@10', 'desk');
    expect(desk.columns.slice(1, 4)).toEqual(['Swahili (sw) *', 'German (de)', 'macro']);
    expect(apart.columns.slice(1)).toEqual([
      ...['Yoruba (yo) *', 'Arabic (ar)', 'macro', 'low', 'high', 'worst', 'seeds'],
    ]);
    const arms = (table: typeof desk) => table.rows.map(([arm]) => arm);
    expect(arms(desk)).toContain('dictionary');
    expect(arms(apart)).not.toContain('dictionary');
    const interval = expect.stringMatching(/^\[0\.\d{3}, 0\.\d{3}\]$/);
    const [[, yoruba, arabic, macro, low, high]] = apart.rows;
    for (const cell of [yoruba, arabic, low, high]) expect(cell).toMatchObject({ below: interval });
    expect([low, high]).toEqual([yoruba, arabic]);
    expect(macro).not.toHaveProperty('below');
    expect(read('unseen/report.md')).toContain('nDCG@10 on desk in languages without training data');
    expect(read('unseen/report.html')).toContain('desk, without training data');
    expect(own.comparisons.filter(({ group }) => group === 'unseen-low').length).toBeGreaterThan(0);
  });

  it('draw more sign assignments for a long table, so that a row of it can be significant', () => {
    expect(permutationsFor(250, { permutations: 10_000 })).toBe(10_000);
    expect(permutationsFor(500, { permutations: 10_000 })).toBe(20_000);
    for (const rows of [1, 26, 999, 5000])
      expect(rows / (permutationsFor(rows, { permutations: 1 }) + 1)).toBeLessThan(LEVEL);
    const measures = ['nDCG@10', ...Array.from({ length: 7 }, (_, k) => `accuracy@${k + 1}`)];
    const long = madeUpStudy(at('long'), { measures, tests: { desk: ['sw'] }, seeds: [1], rho: [0, 1] });
    const { changes } = studyFigures(long.matrix, long.study, at('long'), { permutations: 200 });
    // Two arms, two designs, eight measures. With B = 200 the smallest adjusted p would be 32 / 201.
    expect(changes).toHaveLength(32);
    expect(Math.min(...changes.map(({ adjusted }) => adjusted))).toBeCloseTo(32 / 2001, 12);
  });

  it('hold arms against zero-shot, dictionary BM25 and OPTICAL at both ends of the shares', () => {
    const { comparisons, comparisonPermutations } = figures;
    const names = new Set(comparisons.map(({ baseline }) => baseline.name));
    expect([...names]).toEqual(['zero-shot', 'dictionary BM25', 'OPTICAL']);
    expect(comparisons.some(({ condition }) => condition.rho === 0.5)).toBe(false);
    expect(comparisons.some(({ condition }) => condition.kind === 'english-oracle')).toBe(false);
    const found = comparisons.find(
      (each) => each.condition.arm === 'optical' && each.baseline.arm === 'zero-shot' && each.group === 'low',
    );
    expect(found?.difference).toBeCloseTo(0.45 - 0.22, 2);
    expect(found?.adjusted).toBeLessThan(0.05);
    // Nobody can be significant at the level when the smallest adjusted p is above it.
    expect(comparisons.length / (comparisonPermutations + 1)).toBeLessThan(0.05);
  });

  it('compare the seeds that both have', () => {
    const partial = madeUpStudy(at('partial'), {
      questions: 20,
      unfinished: ({ arm, seed, rho }) => arm === 'switched' && seed === 3 && rho === 1,
    });
    const { changes, missing } = studyFigures(partial.matrix, partial.study, at('partial'), FAST);
    expect(changes.find(({ arm }) => arm === 'switched')?.seeds).toBe(2);
    expect(changes.find(({ arm }) => arm === 'both')?.seeds).toBe(3);
    expect(missing).toHaveLength(2 * 2);
  });
});

describe('the answer', () => {
  it('says what is significant and what is not', () => {
    const { lead, more } = answerOf(figures);
    expect(lead).toContain('encoders of size mini, 3 seeds');
    expect(lead).toContain('In low-resource languages, nDCG@10 rises significantly in all 4 comparisons');
    expect(lead).toContain('falls significantly in 4 of 8 comparisons');
    expect(lead).toContain('both (natural, matched) on desk and shelf');
    expect(lead).toContain('change by less than 0.02 in 4 of 8 comparisons');
    const wide = studyFigures(matrix, { ...study, margin: 0.03 }, at('whole'), FAST);
    expect(answerOf(wide).lead).toContain('change by less than 0.03 in 4 of 8 comparisons');
    expect(lead).toContain('The gap (high- minus low-resource languages) falls');
    expect(more.join(' ')).toContain('against OPTICAL');
  });

  it('claims nothing of noise', () => {
    const tests = { desk: ['de'] };
    const noise = madeUpStudy(at('noise'), { tests, questions: 6, seeds: [1], rho: [0, 1], margin: 0.001 });
    const { lead } = answerOf(studyFigures(noise.matrix, noise.study, at('noise'), FAST));
    expect(lead).not.toContain('significantly in');
    expect(lead).toContain('neither a significant change nor its absence in all 4 comparisons');
  });

  it('says that there is none yet', () => {
    const none = madeUpStudy(at('none'), { unfinished: () => true });
    expect(answerOf(studyFigures(none.matrix, none.study, at('none'), FAST)).lead).toContain('no answer yet');
    const one = madeUpStudy(at('one'), {
      rho: [0.5],
      questions: 9,
      unfinished: ({ test }) => test === 'shelf',
    });
    const { lead } = answerOf(studyFigures(one.matrix, one.study, at('one'), FAST));
    expect(lead).toContain('No arm has finished scores at two shares');
    expect(lead).toContain('provisional');
  });
});

describe('the files', () => {
  it('are equal for equal studies, but for the cost', () => {
    const few = { permutations: 200 };
    const again = madeUpStudy(at('again'), { seconds: 77 });
    const one = writeStudyReport(matrix, study, at('whole'), few).files;
    const two = writeStudyReport(again.matrix, again.study, at('again'), few).files;
    expect(two).toHaveLength(one.length);
    const rest = (text: string) => {
      const cut = text.search(new RegExp(`<section id="${COST_SECTION}">|^## Cost$`, 'm'));
      expect(cut).toBeGreaterThan(0);
      return text.slice(0, cut);
    };
    for (const name of ['report.html', 'report.md'])
      expect(rest(read('again', name))).toBe(rest(read('whole', name)));
    for (const name of ['summary.csv', 'languages.csv', 'goals.csv'])
      expect(read('again', name)).toBe(read('whole', name));
    const charts = readdirSync(at('whole/figures'));
    expect(charts).toEqual(
      ['english', 'robustness'].flatMap((name) => [
        `${name}-both-ndcg-10.svg`,
        `${name}-switched-ndcg-10.svg`,
      ]),
    );
    for (const name of charts) expect(read('again/figures', name)).toBe(read('whole/figures', name));
    expect(read('again/cost.csv')).not.toBe(read('whole/cost.csv'));
  });

  it('are one page without resources or scripts, with every section', () => {
    const html = read('whole/report.html');
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|<script|<link|<img|@import|url\(|NaN|undefined/,
    );
    for (const id of [
      'answer',
      'goals',
      'robustness',
      'answers',
      'languages',
      'gap',
      'english',
      'significance',
      'shares',
      'missing',
    ])
      expect(html).toContain(`<section id="${id}">`);
    expect(html).toContain('hold neither answer accuracy nor exact match nor F1');
    expect(html).toContain('Yoruba (yo) *');
    expect(html).toContain('All 92 rows of the study are finished.');
    expect(html).toContain('60 queries in each');
    expect(html).toMatch(/<td class="figure">0\.\d{3}<br><small>\[0\.\d{3}, 0\.\d{3}\]<\/small><\/td>/);
    expect(read('whole/report.md')).toMatch(/\| 0\.\d{3} \\\[0\.\d{3}, 0\.\d{3}\\\] \|/);
    // Shares are of what was drawn; only the matched design has quotas.
    expect(read('whole/report.md')).toMatch(/\| switched \| matched \| 0\.500 .*\| 3 \| 2400 \| 4 \|/);
    expect(read('whole/report.md')).toMatch(/\| switched \| natural \| 0\.500 .*\| 3 \| 2400 \| – \|/);
  });

  it('draw measures of answers, and list what is missing', () => {
    const more = madeUpStudy(at('answers'), {
      measures: ['nDCG@10', 'answer@20', 'F1'],
      questions: 20,
      unfinished: ({ arm, seed }) => arm === 'optical' && seed === 2,
    });
    // A prediction that is damaged costs the section on cost a table, not the report.
    writeFileSync(at('answers/plan.json'), '{');
    writeStudyReport(more.matrix, more.study, at('answers'), { permutations: 200 });
    expect(readdirSync(at('answers/figures')).sort()).toEqual(
      ['both', 'switched']
        .flatMap((arm) => [
          `english-${arm}-ndcg-10.svg`,
          ...['answer-20', 'f1', 'ndcg-10'].map((measure) => `robustness-${arm}-${measure}.svg`),
        ])
        .sort(),
    );
    const markdown = read('answers/report.md');
    expect(markdown).toContain('2 of 92 rows of the study are not finished');
    expect(markdown).toContain('- optical, seed 2, desk');
    expect(markdown).toContain('Left out, what was predicted: this is no prediction of refract study plan');
    expect(markdown).toContain('Measures of answers in the scores: answer@20, F1.');
    // Two arms and two designs on two test sets, of which one alone has low-resource languages.
    expect(markdown).toContain('Further measures (answer@20 and F1)');
    const line = markdown.split('\n').find((each) => each.startsWith('| F1 | ')) ?? '';
    const counts = [...line.matchAll(/of (\d+): (\d+) rise, (\d+) fall, (\d+) within 0\.02/g)];
    expect(counts.map(([, all]) => all)).toEqual(['4', '8']);
    for (const [, all, ...parts] of counts)
      expect(parts.reduce((sum, part) => sum + Number(part), 0)).toBeLessThanOrEqual(Number(all));
    expect(markdown.indexOf('## Robustness')).toBeLessThan(markdown.indexOf('## Goals'));
    expect(read('answers/summary.csv').split('\r\n')[0]).toContain('measure,test,group,arm,design,rho');
  });
});

describe('costs', () => {
  it('count every cell once', () => {
    const costs = armCosts(matrix, at('whole'));
    expect(costs.reduce((sum, { cells }) => sum + cells, 0)).toBe(matrix.cells.length);
    expect(costs.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(matrix.cells.length);
    expect(costs.find(({ name }) => name === 'shared: teacher')).toMatchObject({ cells: 3, seconds: 3 });
    // Two designs, three shares, three seeds: a student, and runs and scores of two test sets.
    expect(costs.find(({ name }) => name === 'switched')).toMatchObject({ cells: 18 * 5, shared: false });
  });
});

describe('isAnswerMeasure', () => {
  it.each([
    ['nDCG@10', false],
    ['R@100', false],
    ['answer@20', true],
    ['choice@gold', true],
    ['accuracy@1', true],
    ['Success@5', true],
    ['F1', true],
    ['EM', true],
    ['exact match', true],
    ['Rprec', false],
  ])('%s: %s', (name, expected) => expect(isAnswerMeasure(name)).toBe(expected));
});
