/** Samples of a tiny study. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { temporaryFolder } from '../../test/temporary.ts';
import { studySchema } from './checked-study.ts';
import { sampleStudy } from './probe-data.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
beforeAll(() => writeStudyData(folder));

describe('a sample', () => {
  it('keeps the same queries in all languages, a smaller one within a larger one, and training passages whole', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => ({ id: `q${i}`, text: `swali ${i}` }));
    const lines = (some: readonly object[]) => some.map((each) => `${JSON.stringify(each)}\n`).join('');
    for (const code of ['sw', 'ar']) folder.write(`many.${code}.jsonl`, lines(ids));
    folder.write('many.passages.jsonl', lines(ids));
    const text = STUDY.replace(
      'passages: passages.jsonl\n    judg',
      'passages: many.passages.jsonl\n    judg',
    )
      .replace('sw: test.sw.jsonl', 'sw: many.sw.jsonl')
      .replace('ar: test.ar.jsonl', 'ar: many.ar.jsonl')
      .replace('queries: questions.jsonl', 'queries: many.sw.jsonl');
    const files = await StudyFiles.open(studySchema.parse(parseYaml(text)), folder.path);
    const sample = async (queries: number) => {
      const size = { training: 0.5, queries, passages: 2 * queries, ownPassages: 9 };
      const { study, shares } = await sampleStudy(files, at(`sample-${queries}`), size);
      const opened = await StudyFiles.open(study, folder.path);
      const { passages, queries: asked } = study.tests.desk;
      const of = async (code: string) => (await opened.queries(asked[code] as string)).map(({ id }) => id);
      return {
        ...{ study, shares, sw: await of('sw'), ar: await of('ar') },
        passages: (await opened.passages(passages as string)).length,
        dev: (await opened.queries(study.train.dev!.queries)).length,
      };
    };
    const [few, many] = [await sample(4), await sample(8)];
    expect(few.sw).toHaveLength(4);
    expect(few.ar).toEqual(few.sw);
    expect(many.sw.slice(0, 4)).toEqual(few.sw);
    expect([few.passages, many.passages]).toEqual([8, 16]);
    // English has 2 queries, of which one is kept: 4 + 4 + 1 of 42.
    expect(few.shares.tests.get('desk')).toEqual({ queries: 9 / 42, passages: 0.4, collection: 20 });
    expect(few.study.train.passages).toBe('passages.jsonl');
    // A twentieth of all questions is held out for dev measures, of a sample too.
    expect(few.dev).toBe(1);
    // So little training data is not cut.
    expect(few.shares.training).toBe(1);
  });

  it('keeps the judged passages of questions whose choices are held against them', async () => {
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    const lines = (some: readonly object[]) => some.map((each) => `${JSON.stringify(each)}\n`).join('');
    const asked = numbers.map((i) => ({ id: `c${i}`, text: 'which', choices: ['a', 'b'], correct: 0 }));
    folder.write('choices.sw.jsonl', lines(asked));
    const collection = Array.from({ length: 200 }, (_, i) => ({ id: `d${i}`, text: `text ${i}` }));
    folder.write('choices.passages.jsonl', lines(collection));
    folder.write('choices.qrels', numbers.map((i) => `c${i} 0 d${9 * i} 1\n`).join(''));
    const text = STUDY.replace(
      /desk:[^}]*}/,
      'desk: { passages: choices.passages.jsonl, judgments: choices.qrels, queries: { en: choices.sw.jsonl, sw: choices.sw.jsonl } }',
    ).replace('[RR@10]', '[choice@gold]');
    const files = await StudyFiles.open(studySchema.parse(parseYaml(text)), folder.path);
    const size = { training: 1, queries: 4, passages: 8, ownPassages: 8 };
    const { study } = await sampleStudy(files, at('sample-choices'), size);
    const opened = await StudyFiles.open(study, folder.path);
    const kept = new Set((await opened.passages(study.tests.desk.passages as string)).map(({ id }) => id));
    const questions = await opened.queries(study.tests.desk.queries.sw as string);
    expect(questions).toHaveLength(4);
    for (const { id, choices } of questions) {
      expect(choices).toEqual(['a', 'b']);
      expect(kept).toContain(`d${9 * Number(id.slice(1))}`);
    }
  });

  it('keeps a question with answers and one with choices, where hardly any has some', async () => {
    const lines = (some: readonly object[]) => some.map((each) => `${JSON.stringify(each)}\n`).join('');
    const asked = Array.from({ length: 400 }, (_, i) => ({ id: `r${i}`, text: `swali ${i}` }));
    const rare = asked.map((query, i) => ({
      ...query,
      ...(i === 333 && { answers: ['maji'] }),
      ...(i === 150 && { choices: ['a', 'b'], correct: 1 }),
    }));
    folder.write('rare.jsonl', lines(rare));
    const text = STUDY.replace('sw: test.sw.jsonl', 'sw: rare.jsonl')
      .replace('queries: questions.jsonl', 'queries: rare.jsonl')
      .replace('[RR@10]', '[f1@1, choice@gold]\nreader: {}');
    const files = await StudyFiles.open(studySchema.parse(parseYaml(text)), folder.path);
    const size = { training: 0.1, queries: 4, passages: 8, ownPassages: 8 };
    const { study } = await sampleStudy(files, at('sample-rare'), size);
    const opened = await StudyFiles.open(study, folder.path);
    const questions = await opened.queries(study.tests.desk.queries.sw as string);
    expect(questions.map(({ id }) => id)).toEqual(expect.arrayContaining(['r333', 'r150']));
    expect(questions).toHaveLength(4);
    const training = await opened.queries(study.train.queries);
    expect(training.map(({ id }) => id)).toContain('r333');
    expect(training.length).toBeLessThanOrEqual(102);
  });
});
