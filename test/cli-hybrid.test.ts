/** `refract search` with modes, filters and explanations, from the command line. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRun } from '../src/data/runs.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const LANGUAGES: Record<string, string> = {
  p9: 'sw',
  p10: 'so',
  p11: 'hi',
  p12: 'ar',
  p13: 'th',
  p14: 'yo',
  p16: 'zh',
};
const described = PASSAGES.map((passage, i) => ({
  ...passage,
  lang: LANGUAGES[passage.id] ?? 'en',
  metadata: {
    year: 2010 + i,
    source: i % 2 === 0 ? 'ìwé ìròyìn' : 'who',
    draft: i % 5 === 0,
    topics: ['afya', 'पानी'].slice(i % 2),
  },
}));
const index = (out: string, passages: string, ...more: string[]) =>
  refract([
    'index',
    '--teacher',
    at('teacher'),
    '--passages',
    passages,
    '--out',
    at(out),
    '--threads',
    '1',
    ...more,
  ]);
const search = (...more: string[]) => refract(['search', '--index', at('index'), ...more]);
const ids = async (...more: string[]) => {
  const { code, out, err } = await search('--json', '-k', '16', ...more);
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out).hits as { id: string }[]).map(({ id }) => id);
};

beforeAll(async () => {
  await writeTinyRetriever(at('teacher'));
  const { code, err } = await index('index', folder.write('passages.jsonl', jsonLines(described)));
  expect([code, err]).toEqual([0, '']);
});

describe('--filter', () => {
  it('keeps passages whose fields pass, in every mode; several must all pass', async () => {
    const expected = described
      .filter(({ metadata }) => metadata.year >= 2018 && !metadata.draft)
      .map(({ id }) => id);
    const filters = ['--filter', 'year>=2018', '--filter', 'draft!=true'];
    expect((await ids(...filters, 'maji')).sort()).toEqual([...expected].sort());
    expect(await ids(...filters, '--mode', 'lexical', 'maji water')).toEqual(['p9', 'p15']);
    expect((await ids(...filters, '--mode', 'hybrid', 'maji')).sort()).toEqual([...expected].sort());
    expect(await ids(...filters, '--mode', 'rerank', 'maji')).toEqual(['p9']);
  });

  it.each([
    ['language=hi,ar', ['p11', 'p12']],
    ['title="Malaria"', ['p1']],
    ['source="ìwé ìròyìn" and year<2013', ['p1', 'p3']],
    ['topics=पानी and not language=en', ['p9', 'p10', 'p11', 'p12', 'p13', 'p14', 'p16']],
  ])('takes %s', async (filter, expected) => {
    expect((await ids('--filter', filter, 'water')).sort()).toEqual([...expected].sort());
  });

  it.each([
    ['year>', '[FILTER_SYNTAX]', 'expected a value, at character 6'],
    [
      'yaer=2020',
      '[FIELD_UNKNOWN]',
      'Did you mean year? There are: title (text), language (text), year (numbers), source (text)',
    ],
    ['year=soon', '[FIELD_TYPE]', 'the field "year" holds numbers, and "soon" is none'],
  ])('refuses %s', async (filter, code, what) => {
    const { code: exit, err } = await search('--filter', filter, 'water');
    expect(exit).toBe(1);
    expect(err).toContain(code);
    expect(err).toContain(what);
  });
});

describe('--mode', () => {
  it('lexical needs no teacher', async () => {
    const { code, out } = await search('--mode', 'lexical', '--json', 'boil water');
    expect(code).toBe(0);
    const { hits } = JSON.parse(out);
    expect(hits[0]).toMatchObject({
      rank: 1,
      id: 'p2',
      language: 'en',
      metadata: { year: 2011, source: 'who' },
    });
    expect(await ids('--mode', 'lexical', 'अच्छा पानी')).toEqual(['p11']);
    expect(await ids('--mode', 'lexical', 'giraffe')).toEqual([]);
  });

  it('takes translations of the words from a lexicon, and says of how many', async () => {
    const lexicon = folder.write('en-sw.tsv', 'market\tsoko\nfees\tada\n');
    const { code, out, err } = await search(
      '--mode',
      'lexical',
      '--lexicon',
      `sw=${lexicon}`,
      '--explain',
      'ada za soko',
    );
    expect([code, err]).toEqual([0, '2 of 3 words have a translation; BM25 takes the others as they are.\n']);
    expect(out).toContain('p5');
    expect(out).toMatch(/BM25 \d\.\d{3} = market \d\.\d{3} \(2 times, in 2 passages\)/);
  });

  it('writes runs, tagged by encoder and mode', async () => {
    const queries = folder.write(
      'queries.jsonl',
      jsonLines([
        { id: 'q1', text: 'market' },
        { id: 'q2', text: 'maji' },
      ]),
    );
    for (const [mode, tag] of [
      ['lexical', 'bm25'],
      ['hybrid', 'teacher-hybrid'],
      ['rerank', 'teacher-rerank'],
    ]) {
      const run = at(`${mode}.run`);
      const { code, out } = await search(
        '--mode',
        mode,
        '--queries',
        queries,
        '--run',
        run,
        '-k',
        '3',
        '--json',
      );
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ tag, queries: 2 });
      expect((await readRun(run)).find(({ query }) => query === 'q2')?.passage).toBe('p9');
    }
  });

  it('hybrid weights scores by default, and with --weights rrf ranks as fuse does', async () => {
    const hits = async (...more: string[]) => {
      const { code, out } = await search('--mode', 'hybrid', '--json', ...more, 'boil water');
      expect(code).toBe(0);
      return JSON.parse(out).hits as { id: string; score: number }[];
    };
    const usual = await hits();
    expect(usual).toEqual(await hits('--weights', '0.4,0.6'));
    expect(usual).not.toEqual(await hits('--weights', '0.6,0.4'));
    const queries = folder.write('boil.jsonl', jsonLines([{ id: 'q1', text: 'boil water' }]));
    for (const mode of ['dense', 'lexical']) {
      const given = ['--mode', mode, '--queries', queries, '--run', at(`boil-${mode}.run`)];
      expect((await search(...given)).code).toBe(0);
    }
    const runs = [at('boil-dense.run'), at('boil-lexical.run')];
    expect((await refract(['fuse', '--run', ...runs, '--out', at('boil.run')])).code).toBe(0);
    const fused = (await readRun(at('boil.run'))).slice(0, 10);
    const ranked = await hits('--weights', 'rrf');
    expect(ranked.map(({ id, score }) => ({ id, score }))).toEqual(
      fused.map(({ passage, score }) => ({ id: passage, score })),
    );
  });

  it.each([
    [['--mode', 'lexical', '--pack', 'x', 'a'], '--pack means nothing for --mode lexical'],
    [['--weights', '1,2', 'a'], '--weights means nothing for --mode dense'],
    [['--mode', 'rerank', '--weights', '1,2', 'a'], '--weights means nothing for --mode rerank'],
    [['--lexicon', 'sw=x.tsv', 'a'], '--lexicon means nothing for --mode dense'],
    [['--mode', 'hybrid', '--weights', '1', 'a'], '--weights "1" are not two numbers'],
    [['--mode', 'hybrid', '--weights', '0,0', 'a'], '--weights "0,0" are not two numbers'],
    [['--mode', 'hybrid', '--weights', 'rff', 'a'], 'one above, nor rrf'],
    [['--weights', 'rrf', 'a'], '--weights means nothing for --mode dense'],
    [['--mode', 'hybrid', '--candidates', '0', 'a'], '--candidates "0" is not a whole number'],
    [
      ['--explain', '--queries', 'q.jsonl', '--run', 'r.run'],
      '--explain means nothing for a file of queries',
    ],
    [['--mode', 'lexical', '  '], 'no words'],
  ])('refuses %j', async (more, what) => {
    const { code, err } = await search(...more);
    expect(code).toBe(1);
    expect(err).toContain(what);
    expect(err).toContain('[SETTING_INVALID]');
  });
});

describe('--explain', () => {
  it('prints the parts of each score', async () => {
    const given = ['--mode', 'hybrid', '--explain', '-k', '2', 'boil water', '--threads', '1'];
    const { code, out } = await search(...given);
    expect(code).toBe(0);
    // The best of BM25 has its whole weight.
    const [, usual] = out.split('\n   fused ');
    expect(usual).toMatch(/^(0\.[6-9]\d\d\d|1\.0000) = MaxSim 0\.[0-4]\d\d\d \+ BM25 0\.6000$/m);
    const { out: byRank } = await search(...given, '--weights', 'rrf');
    const [head, sides, fused, words] = byRank.split('\n');
    expect(head).toMatch(/^1 {2}0\.03\d\d {2}p2 /);
    expect(sides).toMatch(/^ {3}MaxSim \d+\.\d{3}, rank \d+; BM25 \d+\.\d{3}, rank 1$/);
    expect(fused).toMatch(/^ {3}fused 0\.03\d\d = MaxSim 0\.01\d\d \+ BM25 0\.0164$/);
    expect(words).toMatch(
      /^ {3}BM25 [\d.]+ = water [\d.]+ \(2 times, in 2 passages\) \+ boil [\d.]+ \(once, in 1 passage\)$/,
    );
  });

  it('gives them as JSON', async () => {
    const { out } = await search('--mode', 'rerank', '--explain', '--json', 'boil water');
    const [hit] = JSON.parse(out).hits;
    expect(hit.maxSim).toEqual({ score: hit.score, rank: 1 });
    const sum = hit.bm25.words.reduce((total: number, part: { score: number }) => total + part.score, 0);
    expect(sum).toBeCloseTo(hit.bm25.score, 9);
  });
});

describe('refract index', () => {
  it('refuses a field that changes its type, naming the passage', async () => {
    const bad = folder.write(
      'bad.jsonl',
      jsonLines([
        { id: 'a', text: 'water', metadata: { year: 2020 } },
        { id: 'b', text: 'water', metadata: { year: '2021' } },
      ]),
    );
    const { code, err } = await index('bad', bad);
    expect(code).toBe(1);
    expect(err).toContain('passage "b" has text in the field "year", which holds numbers [FIELD_TYPE]');
  });

  it('stems words when asked', async () => {
    const passages = folder.write('stem.jsonl', jsonLines([{ id: 'a', text: 'Boiling waters' }]));
    expect((await index('stemmed', passages, '--stem', 'english')).code).toBe(0);
    const found = await refract([
      'search',
      '--index',
      at('stemmed'),
      '--mode',
      'lexical',
      '--json',
      'boiled water',
    ]);
    expect(JSON.parse(found.out).hits).toHaveLength(1);
  });
});
