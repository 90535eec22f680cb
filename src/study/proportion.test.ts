/** The committed study file: it can be read, its languages and steps are those it speaks of, and its data are there. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { distillDefaults } from '../train/distill-settings.ts';
import { studySchema } from './checked-study.ts';
import { studyMatrix } from './matrix.ts';
import { StudyFiles } from './study-files.ts';
import { languagesOfStudy } from './study-languages.ts';

const studies = fileURLToPath(new URL('../../studies', import.meta.url));
const kit = fileURLToPath(new URL('../../../shared/kit', import.meta.url));
const study = studySchema.parse(parse(readFileSync(`${studies}/proportion.yaml`, 'utf8')));

/**
 * Steps of an arm's students, packs of a language each together, those of the pack that it starts from included;
 * undefined for an arm without.
 */
function stepsOf(name: string): number | undefined {
  const arm = study.arms[name];
  if (!['optical', 'code-switched', 'sentence-mse', 'contrastive'].includes(arm.kind)) return undefined;
  const settings = 'settings' in arm ? arm.settings : undefined;
  const { steps = distillDefaults().train.steps } = (settings?.train ?? {}) as { steps?: number };
  const before = 'from' in arm && arm.from !== undefined ? (stepsOf(arm.from) ?? 0) : 0;
  const packs = arm.kind === 'optical' && arm.packs === 'each' ? languagesOfStudy(study).trained.length : 1;
  return before + packs * steps;
}

describe('the study of the kit', () => {
  it('gives every arm the same number of steps', () => {
    const steps = new Map(Object.keys(study.arms).map((name) => [name, stepsOf(name)]));
    const students = [...steps].filter(([, count]) => count !== undefined);
    expect(students.filter(([, count]) => count !== 600)).toEqual([
      ['head-start', 0],
      ['optical-half', 300],
    ]);
    expect(students.length).toBeGreaterThan(8);
  });

  it('trains on four languages of each group, and tests every language without training data', () => {
    const { trained, unseen, low } = languagesOfStudy(study);
    expect(trained.filter((code) => low.has(code))).toEqual(['sw', 'so', 'tl', 'mr']);
    expect(trained.filter((code) => !low.has(code))).toEqual(['es', 'de', 'fr', 'hi']);
    const tested = new Set(Object.values(study.tests).flatMap(({ queries }) => Object.keys(queries)));
    expect(unseen.filter((code) => !tested.has(code))).toEqual([]);
  });

  it.skipIf(!existsSync(kit))('finds its data', async () => {
    const { rows, cells } = studyMatrix(await StudyFiles.open(study, studies));
    const teachers = cells.filter(({ kind }) => kind === 'teacher');
    expect(teachers.map(({ name }) => name)).toEqual(study.seeds.map((seed) => `teacher-${seed}`));
    const yoruba = rows.filter(({ test, languages }) => test === 'ood-afriqa' && languages.includes('yo'));
    expect(new Set(yoruba.map(({ arm }) => arm))).toContain('zero-shot');
    expect(yoruba.some(({ arm }) => arm === 'bm25-dictionary')).toBe(false);
  });
});
