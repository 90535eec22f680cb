/** choice@gold in a study: which arms have it, where, and that the command gives the same. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { jsonLines } from '../../test/tiny-retriever.ts';
import { choiceValues, isChoiceMeasure } from './choice-measure.ts';
import { readChoices } from './choices.ts';
import { readScores } from './scores.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const cell = (name: string) => at(`out/cells/${name}`);
const file = () =>
  folder.write(
    'choices.yaml',
    `${STUDY.slice(0, STUDY.indexOf('arms:'))
      .replace('measures: [RR@10]', 'measures: [RR@10, choice@gold]')
      .replace(
        '\nteacher:',
        `
  rooms:
    passages: { en: corpus.en.jsonl, sw: corpus.sw.jsonl }
    judgments: test.qrels
    queries: { en: chosen.jsonl }
  bare: { passages: passages.jsonl, judgments: test.qrels, queries: { en: test.en.jsonl, sw: test.sw.jsonl } }
teacher:`,
      )
      .replace(/(desk:[^}]*queries: ){[^}]*}/, '$1{ en: chosen.jsonl, sw: chosen.sw.jsonl }')}arms:
  zero: { kind: zero-shot }
  oracle: { kind: english-oracle }
  shift: { kind: mean-shift, sentences: 3 }
  raw: { kind: lexical, translate: none }
  hybrid: { kind: fusion, of: [raw, zero] }
`,
  );

beforeAll(async () => {
  await writeStudyData(folder);
  folder.write(
    'chosen.jsonl',
    jsonLines([
      { id: 'q1', text: 'boil the', choices: ['bus', 'market opens', 'water'], correct: 2 },
      { id: 'q2', text: 'the market', choices: ['opens', 'children drink', 'boil'], correct: 0 },
    ]),
  );
  folder.write(
    'chosen.sw.jsonl',
    jsonLines([{ id: 'q1', text: 'chemsha', choices: ['basi', 'soko', 'maji'], correct: 2 }]),
  );
});

describe('choice@gold', () => {
  it('is measured for arms that encode, where questions have choices', async () => {
    const run = ['study', 'run', file(), '--out', at('out'), '--threads', '1', '--quiet'];
    expect(await refract(run)).toMatchObject({ code: 0, err: '' });
    const scores = (arm: string, test: string) => readScores(cell(`scores-${arm}-${test}`));
    // The untrained teacher matches equal words: "boil the water" and "the market opens" are the passages.
    expect(scores('oracle-1', 'rooms').en.values['choice@gold']).toEqual({ q1: 1, q2: 1 });
    expect(Object.keys(scores('zero-1', 'rooms').sw.values['choice@gold'])).toEqual(['q1', 'q2']);
    expect(Object.keys(scores('zero-1', 'desk').sw.values['choice@gold'])).toEqual(['q1']);
    for (const arm of ['raw', 'hybrid-1'])
      expect(scores(arm, 'rooms').sw.means['choice@gold']).toBeUndefined();
    expect(scores('zero-1', 'bare').sw.means['choice@gold']).toBeUndefined();
    expect(existsSync(cell('choices-zero-1-bare'))).toBe(false);
    for (const test of ['rooms', 'desk']) {
      const [zero, shift] = ['zero', 'shift'].map((arm) =>
        readChoices(cell(`choices-${arm}-1-${test}`), 'sw'),
      );
      expect(zero.get('q1')).toHaveLength(3);
      expect(shift.get('q1')).not.toEqual(zero.get('q1'));
    }
    expect(readFileSync(at('out/report.md'), 'utf8')).toContain('choice@gold is absent on bare');
  }, 60_000);

  it('warns of questions that are cut', async () => {
    const text = 'how long must water boil before children drink '.repeat(8);
    const long = jsonLines([
      { id: 'q1', text, choices: ['a', 'b'], correct: 0 },
      { id: 'q2', text: 'the market', choices: ['opens', 'boil'], correct: 0 },
    ]);
    folder.write('long.jsonl', long);
    const path = folder.write(
      'long.yaml',
      readFileSync(file(), 'utf8').replace('en: chosen.jsonl }\n  bare', 'en: long.jsonl }\n  bare'),
    );
    const run = ['study', 'run', path, '--out', at('long'), '--threads', '1', '--quiet'];
    expect(await refract(run)).toMatchObject({ code: 0, err: '' });
    const record = readFileSync(at('long/cells/choices-zero-1-rooms.cell.json'), 'utf8');
    expect(JSON.parse(record).result.warnings).toEqual([
      'long.jsonl: 1 of 2 questions are longer with a choice than the model reads, and are cut',
    ]);
  }, 60_000);

  it('is what refract choose finds', async () => {
    const index = [
      'index',
      '--teacher',
      at('teacher'),
      '--passages',
      at('corpus.en.jsonl'),
      '--out',
      at('index'),
    ];
    expect((await refract([...index, '--quiet', '--threads', '1', '--precision', 'float32'])).code).toBe(0);
    const ask = [
      'choose',
      '--index',
      at('index'),
      '--queries',
      at('chosen.jsonl'),
      '--qrels',
      at('test.qrels'),
    ];
    expect((await refract([...ask, '--out', at('chosen.out'), '--quiet', '--threads', '1'])).code).toBe(0);
    const lines = readFileSync(at('chosen.out'), 'utf8').trim().split('\n');
    const found = lines.map((line): { id: string; scores: number[] } => JSON.parse(line));
    const study = readChoices(cell('choices-oracle-1-rooms'), 'en');
    for (const { id, scores } of found)
      scores.forEach((score, i) => {
        expect(score).toBeCloseTo(study.get(id)?.[i] ?? Number.NaN, 5);
      });
  });

  it('is refused where no question has choices', async () => {
    const none = folder.write('none.yaml', STUDY.replace('measures: [RR@10]', 'measures: [choice@gold]'));
    const { code, err } = await refract(['study', 'report', none, '--out', at('none')]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/no test question has choices for choice@gold .*FILE_EMPTY/),
    ]);
  });

  it('gives credit to the right choice, shared where choices are level', () => {
    const questions = [
      { id: 'a', text: '', choices: ['x', 'y'], correct: 1 },
      { id: 'b', text: '', choices: ['x', 'y'], correct: 1 },
      { id: 'c', text: '' },
    ];
    const scores = new Map(Object.entries({ a: [0.1, 0.2], b: [0.3, 0.3], c: [1] }));
    expect(choiceValues(questions, scores)).toEqual({ a: 1, b: 0.5 });
    expect(['choice@gold', 'Choice@Gold', 'choice@1'].map(isChoiceMeasure)).toEqual([true, true, false]);
  });
});
