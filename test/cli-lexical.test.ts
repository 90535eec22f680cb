/** `refract lexical-search`, `fuse` and `translate`, from the command line. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readQueries } from '../src/data/queries.ts';
import { readRun } from '../src/data/runs.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => `${folder.path}/${name}`;
const passages = folder.write(
  'passages.jsonl',
  jsonLines([
    { id: 'p1', text: 'Boil the water before you drink it.' },
    { id: 'p2', text: 'The market opens at nine.' },
    { id: 'p3', text: 'Nairobi has a river of clean water.' },
  ]),
);
const queries = folder.write(
  'queries.sw.jsonl',
  jsonLines([
    { id: 'q1', text: 'Maji safi', en: 'clean water', lang: 'sw' },
    { id: 'q2', text: 'soko la Nairobi', en: 'market of Nairobi', lang: 'sw' },
  ]),
);
const dictionary = folder.write(
  'en-sw.tsv',
  'water\tmaji\tx,y\nliquid\tmaji\tx\nclean\tsafi\nmarkets\tsoko\n\tleo\n',
);
const bitext = folder.write(
  'bitext.tsv',
  'clean water\tmaji safi\nclean market\tsoko safi\nthe market\tsoko lile\nthe water\tmaji yale\nwater\tmaji\n',
);
const search = (run: string, ...options: string[]) =>
  refract(['lexical-search', '--passages', passages, '--queries', queries, '--run', at(run), ...options]);
const found = async (run: string, query: string) =>
  (await readRun(at(run))).filter((entry) => entry.query === query).map(({ passage }) => passage);

describe('refract lexical-search', () => {
  it('searches with queries as they are', async () => {
    const { code, out } = await search('raw.run');
    expect([code, out]).toEqual([0, `${at('raw.run')}: 2 queries, 1 lines\n`]);
    expect(await found('raw.run', 'q2')).toEqual(['p3']);
    expect(readFileSync(at('raw.run'), 'utf8')).toMatch(/ bm25\n$/);
    await search('oracle.run', '--text-field', 'en', '--tag', 'oracle');
    expect(await found('oracle.run', 'q1')).toEqual(['p3', 'p1']);
  });

  it('translates with a dictionary, in three ways, and stems', async () => {
    const options = ['--translate', 'dictionary', '--language', 'sw', '--dictionary', dictionary];
    for (const structure of ['best', 'all', 'synonyms']) {
      const { code, out, err } = await search(`${structure}.run`, ...options, '--structure', structure);
      expect(code).toBe(0);
      expect(out).toContain('60.0 % of 5 words had a translation');
      expect(err).toContain('1 without a side (line 5)');
      expect(await found(`${structure}.run`, 'q1')).toEqual(['p3', 'p1']);
    }
    expect(await found('synonyms.run', 'q2')).toEqual(['p3']); // "markets", which no passage has
    await search('stemmed.run', ...options, '--stem', 'english', '--quiet');
    expect(await found('stemmed.run', 'q2')).toEqual(['p2', 'p3']);
  });

  it('warns of a dictionary the wrong way round, by the words of the passages', async () => {
    const many = folder.write(
      'many.jsonl',
      jsonLines(
        Array.from({ length: 10 }, (_, i) => ({ id: `m${i}`, text: 'where is clean water to be had' })),
      ),
    );
    const reversed = folder.write('reversed.tsv', 'maji\twater\nsafi\tclean\n');
    for (const translate of ['dictionary', 'psq']) {
      const options = ['--translate', translate, '--language', 'sw', '--dictionary', reversed];
      const { code, err } = await search('reversed.run', ...options, '--passages', many);
      expect(code).toBe(0);
      expect(err).toContain(
        `Warning: ${reversed} looks as if it went from Swahili to English: its first column has 0 % of the words of the English text, its second 29 %.`,
      );
      expect((await search('reversed.run', ...options, '--passages', many, '--quiet')).err).toBe('');
    }
    const options = ['--translate', 'dictionary', '--language', 'en', '--passage-language', 'sw'];
    const swahili = folder.write(
      'swahili.jsonl',
      jsonLines(Array.from({ length: 30 }, (_, i) => ({ id: `s${i}`, text: 'maji safi' }))),
    );
    const right = await search('right.run', ...options, '--dictionary', reversed, '--passages', swahili);
    expect(right.err).toBe('');
    const wrong = await search('wrong.run', ...options, '--dictionary', dictionary, '--passages', swahili);
    expect(wrong.err).toContain('looks as if it went from English to Swahili');
    expect(wrong.err).toContain('The first column must be Swahili.');
  });

  it('learns translations from bitext and a dictionary', async () => {
    const options = ['--translate', 'psq', '--language', 'sw', '--bitext', bitext];
    const { code, err } = await search('psq.run', ...options, '--columns', '1,2');
    expect(code).toBe(0);
    expect(err).toContain('5 read, 5 kept');
    expect((await found('psq.run', 'q1'))[0]).toBe('p3');
    const json = await search(
      'both.run',
      ...options,
      '--dictionary',
      dictionary,
      '--directions',
      'forward',
      '--threshold',
      '0.8',
      '--json',
      '--quiet',
    );
    expect(json.err).toBe('');
    expect(JSON.parse(json.out)).toMatchObject({ translate: 'psq', tag: 'bm25-psq', queries: 2, words: 5 });
  });

  it.each([
    ['--structure means nothing for --translate psq', ['--translate', 'psq', '--structure', 'best']],
    ['--language means nothing for --translate none', ['--language', 'sw']],
    ['language of the queries', ['--translate', 'psq', '--bitext', bitext]],
    ['nothing to translate with', ['--translate', 'dictionary', '--language', 'sw']],
    ['cannot be stemmed', ['--passage-language', 'sw', '--stem', 'english']],
    ['--k1 "x"', ['--k1', 'x']],
    ['--b "2"', ['--b', '2']],
    ['white space', ['--tag', 'a b']],
    ['threshold', ['--translate', 'psq', '--language', 'sw', '--bitext', bitext, '--threshold', '0']],
  ])('refuses: %s', async (words, options) => {
    const { code, err } = await search('refused.run', ...options);
    expect(code).toBe(1);
    expect(err).toContain(words);
    expect(err).toContain('SETTING_INVALID');
  });

  it('names the line of a bad passage', async () => {
    const bad = folder.write('bad.jsonl', '{"id": "p1", "text": "x"}\n{"id": "p1", "text": "y"}\n');
    const { code, err } = await refract([
      'lexical-search',
      '--passages',
      bad,
      '--queries',
      queries,
      '--run',
      at('x'),
    ]);
    expect(code).toBe(1);
    expect(err).toContain('DUPLICATE_ID');
  });
});

describe('refract fuse', () => {
  const a = folder.write('a.run', 'q1 Q0 p1 1 9 a\nq1 Q0 p2 2 3 a\n');
  const b = folder.write('b.run', 'q1 Q0 p2 1 0.8 b\nq1 Q0 p3 2 0.4 b\nq2 Q0 p1 1 1 b\n');

  it('counts what is odd in a run, and is silent when asked to be', async () => {
    const odd = folder.write(
      'odd.run',
      'q1 Q0 a 1 3 t\nq1\tQ0\tb\t2\t5\tt\nq1 Q0\tc 3 1 t\nq2 Q0 a 1 1 two words\n',
    );
    const plain = folder.write('plain.run', 'q1\tQ0\tb\t1\t2\ta tag\nq2\tQ0\ta\t1\t2\tt\n');
    const args = ['fuse', '--run', odd, plain, '--out', at('odd-fused.run')];
    const { code, err } = await refract(args);
    expect(code).toBe(0);
    expect(err).toBe(
      `${odd}: 1 of 2 queries are not in the order of their scores; ranked by score\n${odd}: columns are separated by spaces on 2 lines, by tabs on 1, by both on 1; read all the same\n`,
    );
    expect((await refract([...args, '--quiet'])).err).toBe('');
  });

  it('adds reciprocal ranks', async () => {
    const { code, out } = await refract(['fuse', '--run', a, b, '--out', at('rrf.run')]);
    expect([code, out]).toEqual([0, `${at('rrf.run')}: 2 queries, 4 lines from 2 runs\n`]);
    expect(await readRun(at('rrf.run'))).toEqual([
      { query: 'q1', passage: 'p2', score: 1 / 62 + 1 / 61 },
      { query: 'q1', passage: 'p1', score: 1 / 61 },
      { query: 'q1', passage: 'p3', score: 1 / 62 },
      { query: 'q2', passage: 'p1', score: 1 / 61 },
    ]);
  });

  it('adds weighted scores, and keeps the best', async () => {
    const { out } = await refract([
      ...['fuse', '--run', a, b, '--method', 'weighted', '--weights', '3', '2', '--normalise', 'min-max'],
      ...['-k', '1', '--tag', 'hybrid', '--out', at('weighted.run'), '--json'],
    ]);
    expect(JSON.parse(out)).toEqual({ run: at('weighted.run'), tag: 'hybrid', queries: 2, entries: 2 });
    expect((await readRun(at('weighted.run')))[0]).toEqual({ query: 'q1', passage: 'p1', score: 3 });
  });

  it.each([
    ['1 weights for 2 runs', ['--weights', '1']],
    ['the weight "x"', ['--weights', '1', 'x']],
    ['--normalise means nothing for --method rrf', ['--normalise', 'z-score']],
    ['--rank-constant means nothing', ['--method', 'weighted', '--rank-constant', '0']],
  ])('refuses: %s', async (words, options) => {
    const { code, err } = await refract(['fuse', '--run', a, b, '--out', at('refused.run'), ...options]);
    expect([code, err.includes(words)]).toEqual([1, true]);
  });
});

describe('refract translate', () => {
  const model = fileURLToPath(new URL('fixtures/seq2seq/t5', import.meta.url));
  const translate = (...args: string[]) =>
    refract(['translate', '--model', model, '--threads', '1', ...args]);

  it('translates words', async () => {
    expect(await translate('shule', 'mpya')).toEqual({ code: 0, out: 'new school\n', err: '' });
    const { out } = await translate(
      '--json',
      '--beams',
      '3',
      '--length-penalty',
      '0.5',
      '--max-length',
      '9',
      'shule mpya',
    );
    expect(JSON.parse(out)).toMatchObject({ source: 'shule mpya', text: 'new school' });
  });

  it('translates a file of queries', async () => {
    const file = folder.write(
      'q.jsonl',
      jsonLines([{ id: 'q1', text: 'shule mpya', lang: 'sw', answers: ['x'] }]),
    );
    const { code, out } = await translate('--queries', file, '--out', at('q.en.jsonl'));
    expect([code, out]).toEqual([0, `${at('q.en.jsonl')}: 1 queries\n`]);
    expect(await readQueries(at('q.en.jsonl'))).toEqual([{ id: 'q1', text: 'new school', answers: ['x'] }]);
    expect(await readQueries(at('q.en.jsonl'), { textField: 'source' })).toMatchObject([
      { text: 'shule mpya' },
    ]);
  });

  it.each([
    ['nothing to translate', []],
    ['no place', ['--queries', 'q.jsonl']],
    ['both', ['--queries', 'q.jsonl', 'maji']],
    ['--out means nothing', ['--out', 'x', 'maji']],
    ['--length-penalty "x"', ['--length-penalty', 'x', 'maji']],
    ['no token eng_Latn', ['--target-token', 'eng_Latn', 'maji']],
  ])('refuses: %s', async (words, args) => {
    const { code, err } = await translate(...args);
    expect(code).toBe(1);
    expect(err).toContain(words);
  });
});
