/** A study with a reader: its cells, that the commands give the same answers and figures, and what is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { jsonLines } from '../../test/tiny-retriever.ts';
import { readReader } from '../model/reader-checkpoint.ts';
import { readingMeasure, readingValues } from './reading-measures.ts';
import { readScores } from './scores.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const cells = (name = '') => at(`out/cells/${name}`);
const few = 'train: { steps: 2, warmupSteps: 1 }';
const ARMS = `
  zero-shot: { kind: zero-shot }
  oracle: { kind: english-oracle }
  shift: { kind: mean-shift, sentences: 4 }
  optical: { kind: optical, settings: { maxTokens: 16, batch: { pairs: 2, switched: 1, anchors: 1 }, ${few} } }
  dictionary: { kind: lexical, translate: dictionary }
  hybrid: { kind: fusion, of: [dictionary, optical] }
`;
/** The study with a reader; questions of `bare` have no answers. */
const withReader = (name: string, change: (text: string) => string = (text) => text) =>
  folder.write(
    name,
    change(
      `${STUDY.slice(0, STUDY.indexOf('arms:'))
        .replace('questions.jsonl', 'answered.jsonl')
        .replace(
          '\nteacher:',
          '\n  bare:\n    passages: passages.jsonl\n    judgments: test.qrels\n    queries: { en: bare.jsonl, sw: bare.jsonl }\nteacher:',
        )
        .replace(
          'measures: [RR@10]',
          `measures: [RR@10, f1@1, em@1, f1@gold, em@gold]\nreader: { settings: { batch: { windows: 2 }, ${few} } }`,
        )}arms:${ARMS}`,
    ),
  );
const study = (action: 'run' | 'plan' | 'report', file: string) =>
  refract(['study', action, file, '--out', at('out'), '--threads', '1', '--quiet']);

beforeAll(async () => {
  await writeStudyData(folder);
  folder.write(
    'answered.jsonl',
    jsonLines([
      { id: 't1', text: 'when does the market open', answers: ['Tuesday and Saturday'] },
      { id: 't2', text: 'how long must water boil', answers: ['one minute'] },
      { id: 't3', text: 'when does the bus leave the station', answers: ['at seven', 'at six'] },
    ]),
  );
  folder.write('bare.jsonl', '{"id": "q1", "text": "chemsha maji"}\n{"id": "q2", "text": "soko"}\n');
});

describe('a study with a reader', () => {
  it('has one reader a seed, reads gold passages once for equal words, and scores what the commands score', async () => {
    const file = withReader('study.yaml');
    expect(await study('run', file)).toMatchObject({ code: 0, err: '' });
    const names = readdirSync(cells()).filter((name) => /^(answers|reader)-[^.]*$/.test(name));
    expect(names.sort()).toEqual([
      'answers-1-dictionary-desk',
      'answers-1-hybrid-1-desk',
      'answers-1-optical-1-desk',
      'answers-1-oracle-1-desk',
      'answers-1-shift-1-desk',
      'answers-1-zero-shot-1-desk',
      'answers-gold-optical-1-desk',
      'answers-gold-oracle-1-desk',
      'answers-gold-zero-shot-1-desk',
      'reader-1',
    ]);
    expect(readReader(cells('reader-1')).settings.teacher).toMatch(/^[0-9a-f]{16}$/);

    // The same reader, pack and passages by the commands.
    const asked = ['--reader', cells('reader-1'), '--queries', at('test.sw.jsonl')];
    const collection = ['--passages', at('passages.jsonl'), '--threads', '1', '--quiet'];
    const answer = async (...args: string[]) => {
      const command = ['answer', ...asked, ...collection, '--out', at('predictions.json'), ...args];
      expect(await refract(command)).toMatchObject({ code: 0 });
      return JSON.parse(readFileSync(at('predictions.json'), 'utf8'));
    };
    const found = (name: string) => JSON.parse(readFileSync(join(cells(name), 'sw.json'), 'utf8'));
    const run = (name: string) => join(cells(name), 'sw.run');
    const pack = ['--pack', cells('pack-optical-1')];
    expect(await answer('--qrels', at('test.qrels'))).toEqual(found('answers-gold-zero-shot-1-desk'));
    expect(await answer('--run', run('runs-hybrid-1-desk'))).toEqual(found('answers-1-hybrid-1-desk'));
    expect(await answer('--run', run('runs-optical-1-desk'), ...pack)).toEqual(
      found('answers-1-optical-1-desk'),
    );
    expect(await answer('--qrels', at('test.qrels'), ...pack)).toEqual(found('answers-gold-optical-1-desk'));

    const scores = readScores(cells('scores-optical-1-desk')).sw;
    const evaluated = await refract([
      ...['qa-eval', '--rules', 'mlqa', '--language', 'en', at('test.sw.jsonl'), at('predictions.json')],
    ]);
    const { exact_match, f1 } = JSON.parse(evaluated.out);
    expect(100 * scores.means['f1@gold']).toBeCloseTo(f1, 8);
    expect(100 * scores.means['em@gold']).toBeCloseTo(exact_match, 8);
    expect(Object.keys(scores.values['f1@1'])).toEqual(['q1', 'q2']);
    // Questions without answers have no such measure.
    expect(Object.keys(readScores(cells('scores-optical-1-bare')).sw.means)).toEqual(['RR@10']);
    const csv = readFileSync(at('out/scores.csv'), 'utf8');
    expect(csv.split('\n')[0]).toContain('RR@10,f1@1,em@1,f1@gold,em@gold');
    expect(readFileSync(at('out/report.md'), 'utf8')).toContain('f1@gold is absent on bare');
  }, 180_000);

  it('reads the languages that it is to read, and English for the oracle', async () => {
    const file = withReader('some.yaml', (text) =>
      text
        .replace('reader: {', 'reader: { tests: [desk], languages: [ar], arms: [zero-shot, oracle],')
        .replace(/ {2}shift:[\s\S]*/, '  lexical: { kind: lexical, translate: none }\n'),
    );
    const { code, err } = await refract([
      ...['study', 'run', file, '--out', at('some'), '--threads', '1', '--quiet'],
    ]);
    expect([code, err]).toEqual([0, '']);
    const { sw, ar } = readScores(at('some/cells/scores-zero-shot-1-desk'));
    expect(Object.keys(ar.means)).toEqual(['RR@10', 'f1@1', 'em@1', 'f1@gold', 'em@gold']);
    expect(Object.keys(sw.means)).toEqual(['RR@10']);
    const unread = readScores(at('some/cells/scores-lexical-desk')).ar;
    expect(Object.keys(unread.means)).toEqual(['RR@10']);
    const { en } = readScores(at('some/cells/scores-oracle-1-desk'));
    expect(Object.keys(en.means)).toContain('f1@gold');
  }, 120_000);

  it('is planned', async () => {
    const file = withReader('plan.yaml', (text) =>
      text
        .slice(0, text.indexOf('  shift:'))
        .replace('{ en: bare.jsonl, sw: bare.jsonl }', '{ en: test.en.jsonl, sw: test.sw.jsonl }')
        .replace('reader: {', 'reader: { tests: [desk],'),
    );
    const { code, out } = await refract([
      ...['study', 'plan', file, '--out', at('planned'), '--threads', '1', '--quiet', '--json'],
    ]);
    expect(code).toBe(0);
    const planned: { name: string; seconds: number }[] = JSON.parse(out).cells;
    expect(planned.find(({ name }) => name === 'reader-1')?.seconds).toBeGreaterThan(0);
    expect(planned.every(({ seconds }) => seconds > 0)).toBe(true);
    const read = planned.map(({ name }) => name).filter((name) => name.startsWith('answers-1-'));
    expect(read).toEqual(['answers-1-zero-shot-1-desk', 'answers-1-oracle-1-desk']);
    expect(readdirSync(at('planned'))).toEqual(['plan.json']);
  }, 120_000);

  it.each([
    ['no reader', /\nreader:.*\n/, '\n', ['SETTING_INVALID', 'add reader: {}', 'bad.yaml:']],
    [
      'a test set that is not there',
      'reader: {',
      'reader: { tests: [dsek], ',
      ['did you mean desk?', 'bad.yaml:'],
    ],
    [
      'a language that is not there',
      'reader: {',
      'reader: { languages: [sw, fi], ',
      ['reader.languages', '"fi" is not among languages'],
    ],
    [
      'an arm that is not there',
      'reader: {',
      'reader: { arms: [zero-shto], ',
      ['reader.arms', 'no arm "zero-shto"; did you mean zero-shot?'],
    ],
    ['a misspelt setting', 'windows: 2', 'window: 2', ['SETTING_UNKNOWN', 'windows?']],
    [
      'a word table that is trained',
      'warmupSteps: 1 } } }',
      'warmupSteps: 1, freeze: [LayerNorm] } } }',
      ['reader.settings.train.freeze', 'add word_embeddings'],
    ],
    ['a measure that does not exist', 'f1@1, ', 'f1@best, ', ['f1@best']],
    [
      'training questions without answers',
      'answered.jsonl',
      'questions.jsonl',
      ['FILE_EMPTY', 'no training question has answers', 'questions.jsonl'],
    ],
  ])('with %s is refused', async (_, from, to, parts) => {
    const { code, err } = await study(
      'report',
      withReader('bad.yaml', (text) => text.replace(from, to)),
    );
    expect(code).toBe(1);
    for (const part of parts) expect(err).toContain(part);
  });
});

describe('measures of answers', () => {
  it('are named by score and by what is read', () => {
    expect(readingMeasure('F1@1')).toEqual({ score: 'f1', from: 1 });
    expect(readingMeasure('em@gold')).toEqual({ score: 'exactMatch', from: 'gold' });
    expect(['f1', 'f1@0', 'em@5x', 'answer@1'].map(readingMeasure)).toEqual(new Array(4).fill(undefined));
  });

  it('are means over all questions by the rules of the passages’ language; one without an answer has 0', () => {
    const questions = [
      { id: 'a', text: '', answers: ['el mercado viejo', 'plaza'] },
      { id: 'b', text: '', answers: ['uno'] },
    ];
    const answers = new Map([['a', 'mercado']]);
    expect(readingValues(questions, answers, 'f1', 'es')).toEqual({ a: 2 / 3, b: 0 });
    expect(readingValues(questions, answers, 'f1', 'en')).toEqual({ a: 1 / 2, b: 0 });
    expect(readingValues(questions, answers, 'exactMatch', 'es')).toEqual({ a: 0, b: 0 });
  });
});
