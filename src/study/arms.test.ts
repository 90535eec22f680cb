/** Arms and test sets beyond the plain ones: fusion, answers, passages in each language; and what they refuse. */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { readRun } from '../data/runs.ts';
import { reciprocalRankFusion } from '../search/fusion.ts';
import { Translator } from '../translate/translator.ts';
import { studySchema } from './checked-study.ts';
import { probeStudy } from './probe.ts';
import { readScores } from './scores.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
/** The study with other arms, and what else is changed. */
const withArms = (name: string, arms: string, change: (text: string) => string = (text) => text) =>
  folder.write(`${name}.yaml`, `${change(STUDY.slice(0, STUDY.indexOf('arms:')))}arms:\n${arms}`);
const study = (action: 'run' | 'plan' | 'report', name: string, file: string) =>
  refract(['study', action, file, '--out', at(name), '--threads', '1', '--quiet']);
const cell = (study: string, name: string) => join(at(study), 'cells', name);
const rowsOf = (name: string) => {
  const [head, ...rows] = readFileSync(at(`${name}/scores.csv`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(row.map((value, i) => [head[i], value])));
};

/** Passages in each language, which English queries look for. */
const BY_LANGUAGE = `
  rooms:
    passages: { en: corpus.en.jsonl, sw: corpus.sw.jsonl, ar: corpus.ar.jsonl }
    judgments: test.qrels
    queries: { en: test.en.jsonl }
teacher:`;
const byLanguage = (text: string) => text.replace('\nteacher:', BY_LANGUAGE);

beforeAll(async () => {
  await writeStudyData(folder);
  await writeTinyRetriever(at('pack'), { teacher: '0123456789abcdef' });
});

describe('measures of a study', () => {
  it('keep the names that they are given, and count answers where queries have them', async () => {
    const file = withArms('answers', '  bm25: { kind: lexical, translate: dictionary }\n', (text) =>
      text
        .replace('measures: [RR@10]', 'measures: [RR@10, accuracy@1, answer@1, answer@2]')
        .replace('sw: test.sw.jsonl, ', 'sw: bare.sw.jsonl, '),
    );
    folder.write('bare.sw.jsonl', '{"id": "q1", "text": "chemsha maji"}\n{"id": "q2", "text": "soko"}\n');
    expect(await study('run', 'answers', file)).toMatchObject({ code: 0, err: '' });
    const [sw, ar] = rowsOf('answers');
    expect(sw).toMatchObject({ 'accuracy@1': '1.0000', 'answer@1': '', 'answer@2': '' });
    // "boil water" finds the passage with the answer "one minute"; the market is open "on Tuesday".
    expect(ar).toMatchObject({ 'accuracy@1': '1.0000', 'answer@1': '1.0000', 'answer@2': '1.0000' });
    const scores = readScores(cell('answers', 'scores-bm25-desk'));
    expect(scores.ar.values['answer@1']).toEqual({ q1: 1, q2: 1 });
    expect(Object.keys(scores.sw.values)).toEqual(['RR@10', 'accuracy@1']);
  });
});

describe('a fusion', () => {
  it('is that of the runs of its arms, at every point that one of them varies with', async () => {
    const file = withArms(
      'fusion',
      `  dictionary: { kind: lexical, translate: dictionary }
  raw: { kind: lexical, translate: none }
  switched: { kind: code-switched, settings: { batch: { queries: 2 }, train: { steps: 1, warmupSteps: 0 } } }
  zero: { kind: zero-shot }
  lexical: { kind: fusion, of: [raw, dictionary] }
  hybrid: { kind: fusion, of: [dictionary, zero], method: weighted, weights: [0.4, 0.6] }
  shares: { kind: fusion, of: [dictionary, switched, zero] }
`,
    );
    expect(await study('run', 'fusion', file)).toMatchObject({ code: 0, err: '' });
    const rows = rowsOf('fusion').filter(({ language }) => language === 'sw');
    const points = (wanted: string) =>
      rows.filter(({ arm }) => arm === wanted).map(({ seed, rho, design }) => [seed, rho, design].join(' '));
    expect(points('lexical')).toEqual(['  ']);
    expect(points('hybrid')).toEqual(['1  ']);
    expect(points('shares')).toEqual(['1 0 matched', '1 1 matched']);
    expect(rows.find(({ arm, rho }) => arm === 'shares' && rho === '1')?.['realised rho']).toBe('1.0000');
    const run = (name: string) => readRun(join(cell('fusion', name), 'sw.run'));
    const parts = ['runs-dictionary-desk', 'runs-switched-rho1-matched-1-desk', 'runs-zero-1-desk'];
    const expected = reciprocalRankFusion(await Promise.all(parts.map(run)), { depth: 100 });
    const fused = await run('runs-shares-rho1-matched-1-desk');
    expect(fused.map(({ query, passage }) => [query, passage])).toEqual(
      expected.map(({ query, passage }) => [query, passage]),
    );
  }, 120_000);
});

describe('students of the bitext', () => {
  it('start from the teacher or from the pack of another arm, once for each seed', async () => {
    const settings = 'settings: { maxTokens: 16, batch: { pairs: 2 }, train: { steps: 1, warmupSteps: 0 } }';
    const file = withArms(
      'bitext',
      `  head: { kind: optical, settings: { maxTokens: 16, batch: { pairs: 2 }, train: { steps: 0 } } }
  plain: { kind: optical, settings: { maxTokens: 16, align: { iterations: 0, rounds: 0, twoReadings: false }, batch: { pairs: 2, switched: 0, anchors: 0 }, train: { steps: 1, warmupSteps: 0, freeze: [position_embeddings] } } }
  mse: { kind: sentence-mse, ${settings} }
  contrastive: { kind: contrastive, ${settings} }
  both: { kind: contrastive, from: head, ${settings} }
`,
    );
    expect(await study('run', 'bitext', file)).toMatchObject({ code: 0, err: '' });
    expect(rowsOf('bitext').map(({ arm, seed, language }) => [arm, seed, language].join(' '))).toEqual(
      ['head', 'plain', 'mse', 'contrastive', 'both'].flatMap((arm) => [
        `${arm} 1 sw`,
        `${arm} 1 ar`,
        `${arm} 1 en`,
      ]),
    );
    const from = (name: string) => JSON.parse(readFileSync(`${cell('bitext', name)}.cell.json`, 'utf8')).from;
    expect(Object.keys(from('student-contrastive-1'))).toEqual(['teacher']);
    expect(Object.keys(from('student-both-1'))).toEqual(['teacher', 'pack-head-1']);
    expect(await study('plan', 'bitext-plan', file)).toMatchObject({ code: 0, err: '' });
  }, 120_000);
});

describe('the probe of a plan', () => {
  it('takes few steps of every arm that trains, also of one that says no settings', () => {
    const arms = {
      optical: { kind: 'optical' },
      mse: { kind: 'sentence-mse' },
      contrastive: { kind: 'contrastive', from: 'optical' },
      switched: { kind: 'code-switched' },
      zero: { kind: 'zero-shot' },
    };
    const probe = probeStudy(studySchema.parse({ ...parseYaml(STUDY), arms }), 6, 1);
    const trained = Object.values(probe.arms).map((arm) => 'settings' in arm && arm.settings?.train);
    expect(trained).toMatchObject([{ steps: 6 }, { steps: 6 }, { steps: 6 }, { steps: 6 }, false]);
  });
});

describe('translation by a model', () => {
  it('is made once for BM25 and for the teacher, in sets with English passages', async () => {
    const model = fileURLToPath(new URL('../../test/fixtures/seq2seq/marian', import.meta.url));
    cpSync(model, at('sw-en'), { recursive: true });
    const models = 'models: { sw: sw-en, ar: { folder: sw-en } }, beams: 2';
    const file = withArms(
      'mt',
      `  mt-bm25: { kind: translation, ${models}, then: bm25 }
  mt-teacher: { kind: translation, ${models}, then: teacher }
  hybrid: { kind: fusion, of: [mt-bm25, mt-teacher] }
`,
      byLanguage,
    );
    folder.write('test.sw.jsonl', '{"id": "q1", "text": "maji safi"}\n{"id": "q2", "text": "mto mbaya"}\n');
    try {
      expect(await study('run', 'mt', file)).toMatchObject({ code: 0, err: '' });
    } finally {
      await writeStudyData(folder);
    }
    const rows = rowsOf('mt').map(({ arm, seed, test, language }) => [arm, seed, test, language].join(' '));
    expect(rows).toEqual([
      'mt-bm25  desk sw',
      'mt-bm25  desk ar',
      'mt-teacher 1 desk sw',
      'mt-teacher 1 desk ar',
      'hybrid 1 desk sw',
      'hybrid 1 desk ar',
    ]);
    const cells = readdirSync(at('mt/cells')).filter((name) => /^translations-[^.]*$/.test(name));
    expect(cells).toEqual(['translations-mt-bm25-desk']);
    const translator = await Translator.load(model, { threads: 1 });
    const expected = await translator.translate(['maji safi', 'mto mbaya'], { beams: 2 });
    await translator.close();
    const found = readFileSync(join(cell('mt', 'translations-mt-bm25-desk'), 'sw.jsonl'), 'utf8').trim();
    expect(found.split('\n').map((line) => JSON.parse(line).text)).toEqual(expected.map(({ text }) => text));
  }, 120_000);
});

describe('passages in each language', () => {
  it('are encoded by each arm, and searched with English queries', async () => {
    const file = withArms(
      'rooms',
      `  zero: { kind: zero-shot }
  oracle: { kind: english-oracle }
  shift: { kind: mean-shift, sentences: 3 }
  optical: { kind: optical, packs: each, settings: { maxTokens: 16, batch: { pairs: 2, switched: 1, anchors: 1 }, train: { steps: 1, warmupSteps: 0 } } }
  raw: { kind: lexical, translate: none }
  dictionary: { kind: lexical, translate: dictionary, stem: true }
  psq: { kind: lexical, translate: psq }
  hybrid: { kind: fusion, of: [dictionary, optical] }
`,
      byLanguage,
    );
    expect(await study('run', 'rooms', file)).toMatchObject({ code: 0, err: '' });
    const rows = rowsOf('rooms').filter(({ test }) => test === 'rooms');
    const measured = (wanted: string) =>
      Object.fromEntries(rows.filter(({ arm }) => arm === wanted).map((row) => [row.language, row['RR@10']]));
    expect(Object.keys(measured('optical'))).toEqual(['sw', 'ar']);
    expect(Object.keys(measured('oracle'))).toEqual(['en']);
    // English words are in no Swahili or Arabic passage; the dictionary turned round finds them all.
    expect(measured('raw')).toEqual({ sw: '0.0000', ar: '0.0000' });
    expect(measured('dictionary')).toEqual({ sw: '1.0000', ar: '1.0000' });
    expect(measured('psq').sw).toBe('1.0000');
    expect(Object.keys(measured('hybrid'))).toEqual(['sw', 'ar']);
    const entries = await readRun(join(cell('rooms', 'runs-zero-1-rooms'), 'sw.run'));
    expect(new Set(entries.map(({ passage }) => passage))).toEqual(new Set(['p2', 'p3', 'p4']));
    const moved = await readRun(join(cell('rooms', 'runs-shift-1-rooms'), 'sw.run'));
    expect(moved.map(({ score }) => score)).not.toEqual(entries.map(({ score }) => score));
  }, 120_000);
});

describe('a study file', () => {
  it.each([
    [
      'an arm that is not there',
      '{ kind: fusion, of: [rwa, dict] }',
      'there is no arm "rwa"; did you mean raw?',
    ],
    ['a fusion of a fusion', '{ kind: fusion, of: [raw, twice] }', '"twice" cannot be fused: it is a fusion'],
    ['a fusion of the oracle', '{ kind: fusion, of: [raw, oracle] }', 'it is the oracle'],
    ['a fusion of one', '{ kind: fusion, of: [raw] }', 'two arms or more'],
    ['a start that is no pack', '{ kind: contrastive, from: raw }', '"raw" is no optical arm'],
    [
      'a language without model',
      '{ kind: translation, models: { sw: teacher }, then: bm25 }',
      'add arms.bad.models.ar',
    ],
    [
      'a model of no language',
      '{ kind: translation, models: { sw: teacher, ar: teacher, fr: teacher }, then: bm25 }',
      '"fr" is not among languages',
    ],
    [
      'stemming for the teacher',
      '{ kind: translation, models: { sw: teacher, ar: teacher }, then: teacher, stem: true }',
      'only BM25 stems',
    ],
    ['too few weights', '{ kind: fusion, of: [raw, dict], method: weighted, weights: [1] }', 'of the 2 arms'],
  ])('with %s is refused', async (_, arm, message) => {
    const file = withArms(
      'bad',
      `  raw: { kind: lexical, translate: none }
  dict: { kind: lexical, translate: dictionary }
  oracle: { kind: english-oracle }
  twice: { kind: fusion, of: [raw, dict] }
  bad: ${arm}
`,
    );
    const { code, err } = await study('report', 'never', file);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('bad.yaml:');
  });

  it.each([
    ['a measure that does not exist', 'measures: [RR@10]', 'measures: [nDGC@10]', 'Did you mean nDCG?'],
    [
      'a measure of more passages than are kept',
      'measures: [RR@10]',
      'measures: [RR@10, answer@20]\ndepth: 10',
      'raise depth to 20',
    ],
    ['a pack for a teacher', 'teacher: { folder: teacher }', 'teacher: { folder: pack }', 'TEACHER_MISMATCH'],
    ['a measure twice', 'measures: [RR@10]', 'measures: [RR@10, RR@10]', 'a measure is given twice'],
    ['passages of another language', 'sw: corpus.sw.jsonl', 'fr: corpus.sw.jsonl', '"fr" is not among'],
    [
      'passages by language and queries of one',
      'queries: { en: test.en.jsonl }',
      'queries: { en: test.en.jsonl, sw: test.sw.jsonl }',
      'give queries.en alone',
    ],
    ['no English passages', '{ en: corpus.en.jsonl, ', '{ ', 'add tests.rooms.passages.en'],
    ['passages that are missing', 'corpus.sw.jsonl', 'gone.jsonl', 'tests.rooms.passages.sw'],
  ])('with %s is refused', async (_, from, to, message) => {
    const file = withArms('bad', '  oracle: { kind: english-oracle }\n', (text) =>
      byLanguage(text).replace(from, to),
    );
    const { code, err } = await study('report', 'never', file);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
