/** English through the students in the report: found, tested against the teacher, and in no average. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { englishBlocks, englishSentence } from './english-section.ts';
import { studyFigures } from './figures.ts';
import { languageTables } from './language-tables.ts';
import { madeUpStudy } from './made-up-study.fixture.ts';
import { writeStudyReport } from './write-report.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const FAST = { permutations: 1000 };
const { matrix, study } = madeUpStudy(at('study'), { rho: [0, 1] });
const figures = studyFigures(matrix, study, at('study'), FAST);
const { english } = figures;

it('English falls in the arm that forgets it, and stays in the others', () => {
  // Two arms, two designs, two test sets.
  expect(english.changes).toHaveLength(8);
  const verdicts = new Map(english.changes.map(({ arm, verdict }) => [arm, verdict]));
  expect(Object.fromEntries(verdicts)).toEqual({ switched: 'falls', both: 'stays' });
  expect(english.changes[0].difference).toBeCloseTo(-0.1, 2);
  expect(english.changes[0].adjusted).toBeCloseTo(8 / 1001, 6);
});

it('students are held against the teacher, with a test for no harm', () => {
  const { comparisons } = english;
  expect(new Set(comparisons.map(({ baseline }) => baseline.arm))).toEqual(new Set(['oracle']));
  expect(new Set(comparisons.map(({ condition }) => condition.arm))).toEqual(
    new Set(['optical', 'switched', 'both']),
  );
  const of = (arm: string, rho?: number) =>
    comparisons.find(({ condition }) => condition.arm === arm && condition.rho === rho);
  expect(of('switched', 1)?.difference).toBeCloseTo(-0.1, 2);
  expect(of('switched', 1)?.adjusted).toBeLessThan(0.05);
  expect(of('switched', 1)?.notWorseAdjusted).toBeGreaterThan(0.05);
  expect(of('optical')?.notWorseAdjusted).toBeLessThan(0.05);
  // Two designs at rho 1 on two test sets are worse; the other fourteen rows are not.
  expect(comparisons).toHaveLength(2 * (1 + 2 * 2 * 2));
  expect(englishSentence(figures)).toContain("significantly below the teacher's in 4 of 18 comparisons");
  expect(englishSentence(figures)).toContain('ruled out in 14');
});

it('the test for no harm has the margin of the study, and figures have intervals', () => {
  const wide = studyFigures(matrix, { ...study, margin: 0.15 }, at('study'), FAST);
  expect(englishSentence(wide)).toContain('a loss of 0.15 or more is ruled out in 18');
  const text = JSON.stringify(englishBlocks(wide));
  expect(text).toContain('with the margin of 0.15');
  expect(text).toMatch(/"text":"0\.\d{3}","strong":false,"below":"\[0\.\d{3}, 0\.\d{3}\]"/);
});

it('is shown in a section of its own, with a curve, and is in no table over languages', () => {
  const { answer } = writeStudyReport(matrix, study, at('study'), FAST);
  expect(answer.more.join(' ')).toContain('English through the students');
  const markdown = readFileSync(at('study/report.md'), 'utf8');
  expect(markdown).toContain('## English through the students');
  expect(markdown).toContain('figures/english-switched-ndcg-10.svg');
  const svg = readFileSync(at('study/figures/english-switched-ndcg-10.svg'), 'utf8');
  expect(svg).toContain('class="curve english d1"');
  // Two test sets, two shares, two designs, the second one hollow; and the legend.
  expect(svg.match(/<rect class="mark english" /g)).toHaveLength(2 * 2 + 1);
  expect(svg.match(/<rect class="mark english hollow" /g)).toHaveLength(2 * 2 + 1);
  expect(svg).toContain('>teacher</text>');
  const robustness = readFileSync(at('study/figures/robustness-switched-ndcg-10.svg'), 'utf8');
  expect(robustness).not.toContain('curve english');
  expect(robustness.match(/>English[^<]*<\/text>/g)).toHaveLength(2);
  const [desk] = languageTables(figures, 'nDCG@10', 'desk');
  expect(desk.columns.join()).not.toContain('English');
  expect(figures.tests.get('desk')).toEqual(['sw', 'yo', 'de']);
  expect(figures.changes.some(({ group }) => group === 'english')).toBe(false);
  expect(figures.comparisons.some(({ group }) => group === 'english')).toBe(false);
});

it('is left out where there is no student, and says so where there is no teacher', () => {
  const none = madeUpStudy(at('none'), { questions: 9, arms: { oracle: { kind: 'english-oracle' } } });
  expect(englishBlocks(studyFigures(none.matrix, none.study, at('none'), FAST))).toEqual([]);
  const alone = madeUpStudy(at('alone'), { questions: 9, arms: { switched: { kind: 'code-switched' } } });
  const found = studyFigures(alone.matrix, alone.study, at('alone'), FAST);
  expect(englishSentence(found)).toContain('no oracle is finished');
});
