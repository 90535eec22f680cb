/** `refract eval` with the collection: answer@k and PEER, in all formats, and what it says when something lacks. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readJudgments } from '../src/data/judgments.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { readRun, writeRun } from '../src/data/runs.ts';
import { Bm25Index } from '../src/lexical/index.ts';
import { measure } from '../src/study/study-measures.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines } from './tiny-retriever.ts';

const folder = temporaryFolder();
const IDS = ['q1', 'q2', 'q3', 'q4'];
const qrels = folder.write('qrels.txt', IDS.map((id) => `${id} 0 d1 1\n${id} 0 s1 1\n`).join(''));
const passages = folder.write(
  'corpus.jsonl',
  jsonLines([
    { id: 'd1', lang: 'de', text: 'Rom liegt am Tiber.' },
    { id: 's1', language: 'sw', text: 'Mto Tiber uko Roma.' },
    { id: 'x', lang: 'de', text: 'Der Nil ist lang.' },
  ]),
);
const queries = folder.write(
  'queries.jsonl',
  jsonLines([
    { id: 'q1', text: 'wo', answers: ['Tiber'] },
    { id: 'q2', text: 'wo', answers: ['der Nil'] },
    { id: 'q3', text: 'wo' },
    { id: 'q4', text: 'wo', answers: ['Wolga'] },
  ]),
);
const ranked = (name: string, ...ids: string[]) =>
  folder.write(
    name,
    IDS.flatMap((query) => ids.map((id, i) => `${query} Q0 ${id} ${i + 1} ${9 - i} t\n`)).join(''),
  );
const german = ranked('german.run', 'd1', 'x', 's1');
const swahili = ranked('swahili.run', 's1', 'd1', 'x');
const nile = ranked('nile.run', 'x', 'd1', 's1');

const evaluate = (...args: string[]) => refract(['eval', '--qrels', qrels, ...args]);
const answering = (...args: string[]) => evaluate('--queries', queries, '--passages', passages, ...args);

describe('refract eval -m answer@k', () => {
  it('counts the questions whose answer is in the first k passages, of those that have answers', async () => {
    const { code, out, err } = await answering('--run', german, '-m', 'Answer@1', 'answer@2', 'R@1');
    expect([code, err]).toEqual([0, '1 of 4 queries have no answers; answer@k leaves them out\n']);
    expect(out).toMatch(/^system +answer@1 +answer@2 +R@1 +queries\ngerman +0\.333 +0\.667 +0\.500 +4\n$/);
  });

  it('prints every query in each format; one without answers has no value', async () => {
    const run = ['--run', german, '-m', 'answer@1', 'RR@10', '--per-query', '--quiet'];
    expect((await answering(...run)).out).toMatch(/q2 +german +0\.000 +1\.000\nq3 +german +- +1\.000\n/);
    const csv = (await answering(...run, '--format', 'csv')).out.split('\r\n');
    expect(csv).toContain('german,answer@1,q1,1,,,,,,,,,');
    expect(csv.some((line) => line.startsWith('german,answer@1,q3'))).toBe(false);
    const json = JSON.parse((await answering(...run, '--format', 'json')).out);
    expect(json.systems[0].perQuery['answer@1']).toEqual({ q1: 1, q2: 0, q4: 0 });
    expect((await answering(...run, '--format', 'latex')).out).toContain('q3 & german & - & 1.000');
  });

  it('takes part in comparisons and intervals', async () => {
    const { out } = await answering(
      '--run',
      german,
      nile,
      '-m',
      'answer@1',
      '--intervals',
      '--format',
      'json',
    );
    const { systems, comparisons } = JSON.parse(out);
    expect(systems[1].intervals['answer@1'].mean).toBeCloseTo(1 / 3, 12);
    // One question gained, one lost.
    expect(comparisons).toMatchObject([{ system: 'nile', measure: 'answer@1', difference: 0, p: 1 }]);
  });

  it('has questions and passages of each language, or one collection for all', async () => {
    const asked = folder.write(
      'queries.sw.jsonl',
      jsonLines([{ id: 'q1', text: 'wapi', answers: ['Roma'] }]),
    );
    const one = folder.write(
      'corpus.sw.jsonl',
      jsonLines([
        { id: 'd1', text: 'Roma' },
        { id: 'x', text: 'Nile' },
      ]),
    );
    const run = [
      '--run',
      `A:de=${german},sw=${german}`,
      '-m',
      'answer@1',
      '--queries',
      `de=${queries},sw=${asked}`,
    ];
    const { out, err } = await evaluate(...run, '--passages', `de=${passages}`, '--passages', `sw=${one}`);
    expect(err).toBe(
      '1 of 4 queries in de have no answers; answer@k leaves them out\nA, sw: 3 queries without judgments, left out (q2, q3, q4)\n',
    );
    expect(out).toMatch(/^answer@1 +de +sw +macro +worst\nA +0\.333 +1\.000 +0\.667 +de\n$/);
    const shared = await evaluate(...run, '--passages', passages, '--quiet');
    expect(shared.out).toMatch(/A +0\.333 +0\.000 +0\.167/);
    const without = await evaluate(...run, '--passages', `de=${passages}`);
    expect(without.err).toMatch(/no passages in sw, where there are runs/);
    const unasked = await evaluate(...run.slice(0, -1), `de=${queries}`, '--passages', passages);
    expect(unasked.err).toMatch(/no judged query in sw has answers/);
  });

  it('says what is missing, and the way out', async () => {
    const bare = await evaluate('--run', german, '-m', 'answer@5');
    expect(bare.code).toBe(1);
    expect(bare.err).toMatch(
      /answer@5 needs --passages, the collection of the runs, and --queries, .*SETTING_INVALID/,
    );
    expect(bare.err).toContain('--passages corpus.jsonl --queries questions.jsonl');
    const half = await evaluate('--run', german, '-m', 'answer@5', '--passages', passages);
    expect(half.err).toMatch(/answer@5 needs --queries/);
    const idle = await evaluate('--run', german, '-m', 'RR@10', '--passages', passages);
    expect(idle.err).toMatch(/--passages means nothing for these measures/);
    const typo = await answering('--run', german, '-m', 'anser@5');
    expect(typo.err).toMatch(/no such measure: anser@5.*\n.*Did you mean answer\?/);
    const other = await answering('--run', german, '-m', 'per@5');
    expect(other.err).toMatch(/Did you mean PEER\? Measures: nDCG.*answer@k, PEER/);
    expect((await answering('--run', german, '-m', 'answer')).err).toMatch(/Write answer@5/);
  });

  it('refuses questions without answers, and a collection that the run is not of', async () => {
    const unanswered = folder.write('bare.jsonl', jsonLines([{ id: 'q3', text: 'wo' }]));
    const bare = await evaluate(
      '--run',
      german,
      '--queries',
      unanswered,
      '--passages',
      passages,
      '-m',
      'answer@1',
    );
    expect(bare.err).toMatch(/bare.jsonl: no judged query has answers/);
    const other = folder.write('other.jsonl', jsonLines([{ id: 'd1', text: 'Rom' }]));
    const foreign = await evaluate(
      '--run',
      german,
      '--queries',
      queries,
      '--passages',
      other,
      '-m',
      'answer@2',
    );
    expect(foreign.err).toMatch(/passage "x", returned for query "q1", is not in the collection/);
    const twice = await answering('--passages', other, '--run', german, '-m', 'answer@1');
    expect(twice.err).toMatch(/other.jsonl: passage id "d1" is in an earlier file too/);
  });
});

describe('refract eval -m PEER', () => {
  it('tells a ranking that is fair to the languages from one that is not', async () => {
    const many = folder.write(
      'many.jsonl',
      jsonLines(
        ['d1', 'd2', 'd3', 's1', 's2', 's3'].map((id) => ({
          id,
          text: 'x',
          lang: id[0] === 'd' ? 'de' : 'sw',
        })),
      ),
    );
    const judged = folder.write(
      'many.txt',
      ['d1', 'd2', 'd3', 's1', 's2', 's3'].map((id) => `q1 0 ${id} 1\n`).join(''),
    );
    const run = (name: string, ids: string[]) =>
      folder.write(name, ids.map((id, i) => `q1 Q0 ${id} ${i} ${9 - i} t\n`).join(''));
    const unfair = run('unfair.run', ['d1', 'd2', 'd3', 's1', 's2', 's3']);
    const fair = run('fair.run', ['d1', 's1', 's2', 'd2', 'd3', 's3']);
    const { code, out } = await refract([
      'eval',
      '--qrels',
      judged,
      '--passages',
      many,
      '--run',
      unfair,
      fair,
      '-m',
      'PEER@20',
      '--format',
      'json',
    ]);
    expect(code).toBe(0);
    const [first, second] = JSON.parse(out).systems;
    // Ranks 1, 2, 3 against 4, 5, 6: H = 3.857; 1, 4, 5 against 2, 3, 6: H = 0.048.
    expect(first.means['PEER@20']).toBeCloseTo(0.0495, 4);
    expect(second.means['PEER@20']).toBeCloseTo(0.8273, 4);
  });

  it('takes languages from labels of files too, and says when one is not known', async () => {
    const [de, sw] = ['d1', 's1'].map((id) => folder.write(`${id}.tsv`, `${id}\tx\n`));
    const run = ['--run', german, swahili, '-m', 'PEER', 'AP'];
    expect((await evaluate(...run, '--passages', `de=${de},sw=${sw}`)).code).toBe(0);
    const unknown = await evaluate(...run, '--passages', `${de},${sw}`);
    expect(unknown.err).toMatch(/PEER: the language of passage "d1" is not known .*UNKNOWN_ID/);
    expect(unknown.err).toContain('"lang"');
    const one = await evaluate(...run, '--passages', `de=${de},${sw}`);
    expect(one.err).toMatch(/all judged passages are in de/);
    expect((await evaluate(...run)).err).toMatch(/PEER needs --passages, the collection with "lang"/);
    expect((await evaluate(...run.slice(0, -2), 'PEER(1=2)')).err).toMatch(/the weights sum to 2/);
  });
});

const kit = fileURLToPath(new URL('../../shared/kit/test/ood-mlqa', import.meta.url));
const absent = !existsSync(kit);
if (absent)
  console.warn('test/cli-eval-collection.test.ts: the kit test is skipped, there is no ../shared/kit');

describe.skipIf(absent)('the kit', () => {
  it('answer@k of BM25 on MLQA is what a study finds', async () => {
    const collection = await readPassages(`${kit}/corpus.en.jsonl`);
    const asked = await readQueries(`${kit}/queries.en.jsonl`);
    const index = await Bm25Index.create(collection);
    const entries = asked.flatMap(({ id, text }) =>
      index.search(text, 10).map(({ ordinal, score }) => ({ query: id, passage: index.ids[ordinal], score })),
    );
    const run = `${folder.path}/mlqa.run`;
    writeRun(run, entries, 'bm25');
    const names = ['answer@1', 'answer@10', 'Success@10'];
    const { out } = await refract(
      ['eval', '--qrels', `${kit}/qrels.txt`, '--run', run, '--queries', `${kit}/queries.en.jsonl`].concat(
        ['--passages', `${kit}/corpus.en.jsonl`, '--per-query', '--format', 'json', '-m'],
        names,
      ),
    );
    const known = new Set(asked.map(({ id }) => id));
    const values = await measure(
      {
        queries: asked,
        judgments: (await readJudgments(`${kit}/qrels.txt`)).filter(({ query }) => known.has(query)),
        entries: await readRun(run),
        passages: async () => collection,
        language: 'en',
      },
      names,
    );
    const [system] = JSON.parse(out).systems;
    expect(system.perQuery).toEqual(Object.fromEntries(values));
    expect(system.means['answer@10']).toBeGreaterThan(system.means['answer@1']);
    // The judged passage holds the answer, so that finding it is one way to find the answer.
    expect(system.means['answer@10']).toBeGreaterThanOrEqual(system.means['Success@10'] - 0.01);
  });
});
