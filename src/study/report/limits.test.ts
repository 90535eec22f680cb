/** What a report says of its own reach, on made-up studies. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { studyFigures } from './figures.ts';
import { limitsOf } from './limits.ts';
import { madeUpStudy } from './made-up-study.fixture.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const FAST = { permutations: 1000 };

describe('the limits', () => {
  it('say which test sets lack a group of languages, and how many questions low-resource languages have', () => {
    const whole = madeUpStudy(at('whole'));
    const [reach, groups, ...more] = limitsOf(
      studyFigures(whole.matrix, whole.study, at('whole'), FAST),
      undefined,
    );
    expect(reach).toContain('Low-resource languages: sw, yo.');
    expect(groups).toBe(
      'shelf has no low-resource language: there, the study measures what other languages lose or keep, not what low-resource ones gain. Questions in low-resource languages: 60 in Swahili (sw) on desk; 60 in Yoruba (yo) on desk.',
    );
    expect(more.join(' ')).toContain('with a margin of 0.02, as the study file says');
    const apart = madeUpStudy(at('apart'), {
      tests: { desk: ['sw'], shelf: ['de'], room: ['ar'] },
      seeds: [1],
      rho: [0],
    });
    expect(limitsOf(studyFigures(apart.matrix, apart.study, at('apart'), FAST), undefined)[1]).toContain(
      'shelf and room have no low-resource language: there, the study measures what other languages lose or keep, not what low-resource ones gain. desk has no high-resource language: there, the study measures what low-resource languages gain, not what others lose, and no gap.',
    );
  });

  it('count questions in languages with and without training data apart', () => {
    const tests = { desk: ['sw', 'yo', 'de'], shelf: ['th', 'ar'], room: ['yo', 'de'] };
    const made = madeUpStudy(at('reach'), { tests, unseen: ['yo', 'ar', 'th'], seeds: [1], rho: [0] });
    const [, groups] = limitsOf(studyFigures(made.matrix, made.study, at('reach'), FAST), undefined);
    expect(groups).toBe(
      'room has no low-resource language with training data: there, the study measures what other languages lose or keep, not what low-resource ones gain. shelf has no language with training data: there, the study measures what arms do where they have learnt nothing, and no gap. Questions in low-resource languages with training data: 60 in Swahili (sw) on desk. Questions in low-resource languages without training data: 60 in Yoruba (yo) on desk and 60 on room; 60 in Thai (th) on shelf.',
    );
  });
});
