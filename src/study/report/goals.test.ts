/** The section on what an author is asked for, on made-up studies whose differences are known. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { holm } from '../../eval/significance/holm.ts';
import type { Condition, ReportedStudy } from './conditions.ts';
import { studyFigures } from './figures.ts';
import { goalBlocks } from './goal-section.ts';
import { type GoalComparison, goalComparisons } from './goals.ts';
import { madeUpStudy } from './made-up-study.fixture.ts';
import { writeStudyReport } from './write-report.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const FAST = { permutations: 1000 };
const ARMS: ReportedStudy['arms'] = {
  'zero-shot': { kind: 'zero-shot' },
  oracle: { kind: 'english-oracle' },
  raw: { kind: 'lexical', translate: 'none' },
  dictionary: { kind: 'lexical', translate: 'dictionary' },
  optical: { kind: 'optical' },
  shift: { kind: 'mean-shift' },
  contrast: { kind: 'contrastive' },
  hybrid: { kind: 'fusion', of: ['dictionary', 'optical'] },
  switched: { kind: 'code-switched' },
};
const made = madeUpStudy(at('made'), { arms: ARMS });
const figures = studyFigures(made.matrix, made.study, at('made'), FAST);
const of = (goal: string, ...wanted: string[]) =>
  figures.goals.filter(
    (row) =>
      row.goal === goal &&
      wanted.every((word) => [row.test, row.group, row.condition.arm, row.other.arm].includes(word)),
  );

describe('goals', () => {
  it('hold every arm against dictionary BM25 in low-resource languages, and mark the best', () => {
    const rows = of('best arm');
    // Six arms without shares, but dictionary BM25 and the oracle; two designs at two ends. Shelf has no low one.
    expect(rows).toHaveLength(6 + 4);
    expect(rows.every(({ test, group }) => test === 'desk' && group === 'low')).toBe(true);
    expect(rows.filter(({ best }) => best !== undefined)).toHaveLength(2);
    const [best] = rows.filter((row) => row.best === 'of all');
    expect(best).toMatchObject({
      condition: { arm: 'hybrid' },
      other: { arm: 'dictionary' },
      verdict: 'higher',
    });
    expect(best.difference).toBeCloseTo(0.1, 2);
    expect(best.difference).toBeCloseTo(best.ours - best.theirs, 12);
    expect(best.interval.low).toBeLessThan(best.difference);
    expect(best.interval.high).toBeGreaterThan(best.difference);
    const [other] = rows.filter((row) => row.best === 'but fusions');
    expect(other.condition.kind).not.toBe('fusion');
    expect(other.ours).toBe(
      Math.max(...rows.filter(({ condition }) => condition.kind !== 'fusion').map(({ ours }) => ours)),
    );
    const [low] = of('best arm', 'zero-shot');
    expect([low.verdict, low.best]).toEqual(['lower', undefined]);
  });

  it('hold OPTICAL against the other ways to use bitext, in each group of languages', () => {
    const rows = of('OPTICAL');
    expect(rows.map((row) => [row.test, row.group, row.condition.arm, row.other.arm, row.verdict])).toEqual([
      ['desk', 'low', 'optical', 'shift', 'higher'],
      ['desk', 'low', 'optical', 'contrast', 'not distinguishable'],
      ['desk', 'high', 'optical', 'shift', 'higher'],
      ['desk', 'high', 'optical', 'contrast', 'higher'],
      ['shelf', 'high', 'optical', 'shift', 'higher'],
      ['shelf', 'high', 'optical', 'contrast', 'higher'],
    ]);
  });

  it('also hold the first arm with a pack for each language against them', () => {
    const arms: ReportedStudy['arms'] = {
      plain: { kind: 'optical', packs: 'one' },
      uniform: { kind: 'optical', packs: 'one' },
      apart: { kind: 'optical', packs: 'each' },
      shift: { kind: 'mean-shift' },
    };
    const { matrix, study } = madeUpStudy(at('apart'), { arms, questions: 20 });
    const own = studyFigures(matrix, study, at('apart'), FAST);
    const rows = own.goals.filter(({ test, group }) => test === 'desk' && group === 'low');
    expect(rows.map(({ condition, other }) => [condition.arm, other.arm])).toEqual([
      ['plain', 'shift'],
      ['apart', 'shift'],
    ]);
    expect(JSON.stringify(goalBlocks(own))).toContain('(OPTICAL: plain and apart)');
    // An arm without scores is not named; the first arm may be the one with a pack for each language.
    const half = madeUpStudy(at('half'), { arms, questions: 20, unfinished: ({ arm }) => arm === 'apart' });
    const known = studyFigures(half.matrix, half.study, at('half'), FAST);
    expect(JSON.stringify(goalBlocks(known))).toContain('(OPTICAL: plain)');
    const only = { apart: arms.apart, uniform: arms.uniform, shift: arms.shift };
    const first = madeUpStudy(at('first'), { arms: only, questions: 20 });
    const one = studyFigures(first.matrix, first.study, at('first'), FAST).goals;
    expect(new Set(one.map(({ condition }) => condition.arm))).toEqual(new Set(['apart']));
    expect(one).toHaveLength(3);
  });

  it('hold a fusion against its parts on each test set, over all languages', () => {
    const rows = of('fusion');
    expect(rows.map((row) => [row.test, row.group, row.other.arm])).toEqual([
      ['desk', 'all', 'dictionary'],
      ['desk', 'all', 'optical'],
      ['shelf', 'all', 'dictionary'],
      ['shelf', 'all', 'optical'],
    ]);
    // Two low-resource languages and another: (2 * .1 + .11) / 3.
    expect(rows[0].difference).toBeCloseTo(0.31 / 3, 2);
  });

  it('count languages with training data alone, and never English', () => {
    const tests = { desk: ['sw', 'yo', 'de', 'ar'], shelf: ['th', 'ar'] };
    const mixed = madeUpStudy(at('mixed'), { arms: ARMS, tests, unseen: ['yo', 'ar', 'th'], questions: 20 });
    const own = studyFigures(mixed.matrix, mixed.study, at('mixed'), FAST);
    const alone = madeUpStudy(at('alone'), { arms: ARMS, tests: { desk: ['sw', 'de'] }, questions: 20 });
    const trained = studyFigures(alone.matrix, alone.study, at('alone'), FAST).goals;
    const shown = (rows: readonly GoalComparison[]) =>
      rows.map(({ goal, test, group, condition, other, ours, difference }) => [
        ...[goal, test, group, condition.arm, condition.rho, other.arm, ours, difference],
      ]);
    // Shelf has no language with training data.
    expect(shown(own.goals)).toEqual(shown(trained));
    expect(new Set(trained.map(({ goal }) => goal)).size).toBe(3);
    const [block] = goalBlocks(own);
    expect(block).toMatchObject({ text: expect.stringContaining('those without are not counted here') });
  });

  it('are one family of tests', () => {
    const { goals } = figures;
    // The margin is for tests of harm and of equivalence; there is none here.
    expect(goals.every(({ notWorse }) => notWorse === undefined)).toBe(true);
    expect(goals.map(({ adjusted }) => adjusted)).toEqual(holm(goals.map(({ p }) => p)));
    expect(goals.length / (figures.goalPermutations + 1)).toBeLessThan(0.05);
  });

  it('compare a fusion of an arm with shares with that arm at the same share and design', () => {
    const at = (arm: string, value: number, rho?: number, design?: Condition['design']): Condition => {
      const scores = { sw: { queries: 2, means: { m: value }, values: { m: { a: value, b: value } } } };
      const kind = arm === 'mix' ? 'fusion' : 'other';
      return { arm, kind, rho, design, shares: [], tests: new Map([['desk', [{ seed: 1, scores }]]]) };
    };
    const conditions = [
      at('plain', 0.1),
      ...(['natural', 'matched'] as const).flatMap((design) => [
        at('switched', 0.2, 0, design),
        at('switched', 0.3, 0.5, design),
        at('switched', 0.4, 1, design),
        at('mix', 0.2, 0, design),
        at('mix', 0.9, 0.5, design),
        at('mix', 0.7, 1, design),
      ]),
    ];
    const arms = { mix: { kind: 'fusion', of: ['plain', 'switched'] } };
    const languages = {
      tests: new Map([['desk', ['sw']]]),
      low: new Set<string>(),
      unseen: new Set<string>(),
    };
    const { goals } = goalComparisons(conditions, { arms }, languages, 'm', { permutations: 100, seed: 1 });
    const shown = ({ condition, other, difference }: GoalComparison) => [
      condition.design,
      condition.rho,
      other.arm,
      other.design,
      other.rho,
      Number(difference.toFixed(9)),
    ];
    expect(goals.map(shown)).toEqual([
      ['natural', 0, 'plain', undefined, undefined, 0.1],
      ['natural', 0, 'switched', 'natural', 0, 0],
      ['natural', 1, 'plain', undefined, undefined, 0.6],
      ['natural', 1, 'switched', 'natural', 1, 0.3],
      ['matched', 0, 'plain', undefined, undefined, 0.1],
      ['matched', 0, 'switched', 'matched', 0, 0],
      ['matched', 1, 'plain', undefined, undefined, 0.6],
      ['matched', 1, 'switched', 'matched', 1, 0.3],
    ]);
  });
});

describe('the section on goals', () => {
  const read = (name: string) => readFileSync(at(`made/${name}`), 'utf8');

  it('says the same in HTML, Markdown and CSV', () => {
    writeStudyReport(made.matrix, made.study, at('made'), FAST);
    const [html, markdown, csv] = ['report.html', 'report.md', 'goals.csv'].map(read);
    expect(html).toContain('<section id="goals">');
    for (const page of [html, markdown]) {
      expect(page).toContain(`Holm over all ${figures.goals.length} comparisons of this section`);
      expect(page).toContain(
        'The best arm against dictionary BM25 in low-resource languages (dictionary BM25: dictionary): of 1 comparison, higher in 1.',
      );
      expect(page).toContain('Where a fusion is best, the best of the other arms stands beside it.');
      expect(page).toContain('(OPTICAL: optical): of 6 comparisons, higher in 5, not distinguishable in 1.');
      expect(page.indexOf('hybrid (best of all)')).toBeGreaterThan(0);
      expect(page.indexOf('(best but fusions)')).toBeGreaterThan(page.indexOf('(best of all)'));
    }
    const [head, ...rows] = csv.trim().split('\r\n');
    expect(head).toContain('goal,measure,test,group,arm,design,rho,against,best,mean');
    expect(rows).toHaveLength(figures.goals.length);
    expect(rows.filter((row) => row.includes(',hybrid,') && row.includes('of all'))).toHaveLength(1);
  });

  it('says what it lacks, and stays silent when nothing can be compared', () => {
    const few = madeUpStudy(at('few'), {
      arms: { optical: { kind: 'optical' }, shift: { kind: 'mean-shift' } },
    });
    const words = goalBlocks(studyFigures(few.matrix, few.study, at('few'), FAST)).map((block) =>
      block.kind === 'text' ? block.text : '',
    );
    expect(words.join(' ')).toContain(
      'Nothing can be said of each fusion against each of its parts, macro average over the languages of a test set: it needs scores of a fusion and of its parts.',
    );
    const one = madeUpStudy(at('one'), { arms: { optical: { kind: 'optical' } } });
    expect(goalBlocks(studyFigures(one.matrix, one.study, at('one'), FAST))).toEqual([]);
  });
});
