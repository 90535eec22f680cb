/** The commands from end to end, in process: index, search, explain, eval. */
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { displayWidth } from '../src/search/explain-text.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));

beforeAll(async () => {
  const { fingerprint } = await writeTinyRetriever(at('teacher'));
  await writeTinyRetriever(at('pack'), { seed: 1, teacher: fingerprint });
  const { code, err } = await refract(index('index'));
  expect([code, err]).toEqual([0, '']);
});

function index(out: string, ...more: string[]): string[] {
  return [
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
  ];
}

function search(...more: string[]): string[] {
  return ['search', '--index', at('index'), '--threads', '1', ...more];
}

describe('refract', () => {
  it('prints its version and its commands', async () => {
    expect(await refract(['--version'])).toEqual({ code: 0, out: `${packageJson.version}\n`, err: '' });
    const { code, out } = await refract(['--help']);
    expect(code).toBe(0);
    for (const name of ['index', 'search', 'explain', 'eval'])
      expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(['index', 'search', 'explain', 'eval'])('%s --help shows an example', async (name) => {
    const { code, out } = await refract([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Example:\n  $ refract ${name} `);
  });

  it('refuses an unknown command and an unknown option, with the nearest', async () => {
    const command = await refract(['serch']);
    expect(command.code).toBe(1);
    expect(command.err).toContain('Did you mean search?');
    const option = await refract(search('--pak', 'x', 'water'));
    expect(option.code).toBe(1);
    expect(option.err).toContain('Did you mean --pack?');
    expect(option.err).toContain('--help');
  });
});

describe('refract index', () => {
  it('says what it made, also as JSON', async () => {
    const { code, out } = await refract(index('index-json', '--json', '--precision', 'float32'));
    expect(code).toBe(0);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({
      passages: PASSAGES.length,
      dim: 16,
      precision: 'float32',
      teacherCopied: true,
    });
  });

  it('gives the same bytes again', async () => {
    await refract(index('again'));
    const files = readdirSync(at('index'), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['manifest.json', 'vectors.f16']));
    for (const { name, parentPath } of files) {
      const again = join(at('again'), relative(at('index'), parentPath), name);
      expect(readFileSync(again).equals(readFileSync(join(parentPath, name))), name).toBe(true);
    }
  });

  it('notes that the teacher computed in int8, and still searches with queries in float32', async () => {
    const { out } = await refract(index('index-int8', '--encoder-precision', 'int8'));
    expect(out).toContain('(encoded in int8)');
    const manifest = (name: string) => JSON.parse(readFileSync(join(at(name), 'manifest.json'), 'utf8'));
    const { encoding, ...fingerprint } = manifest('index-int8').fingerprint;
    expect(encoding).toBe('int8');
    expect(fingerprint).toEqual(manifest('index').fingerprint);
    const vectors = (name: string) => readFileSync(join(at(name), 'segments/000001/vectors.f16'));
    expect(vectors('index-int8').length).toBe(vectors('index').length);
    expect(vectors('index-int8').equals(vectors('index'))).toBe(false);
    const found = await refract([
      'search',
      '--index',
      at('index-int8'),
      '--threads',
      '1',
      '--json',
      'market',
    ]);
    expect(found.code).toBe(0);
    expect(JSON.parse(found.out).hits[0].id).toBe('p3');
  });

  it('replaces an index only when asked, and never what is no index', async () => {
    await refract(index('twice'));
    const refused = await refract(index('twice'));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('[OUTPUT_EXISTS]');
    expect(refused.err).toContain('--overwrite');
    expect((await refract(index('twice', '--overwrite'))).code).toBe(0);
    folder.write('letters/dear.txt', 'mine');
    const letters = await refract(index('letters', '--overwrite'));
    expect(letters.code).toBe(1);
    expect(letters.err).toContain('no index');
    expect(readFileSync(at('letters/dear.txt'), 'utf8')).toBe('mine');
  });

  it('finds a teacher that it did not copy, and says what to do when it moved', async () => {
    await writeTinyRetriever(at('mover'));
    const made = await refract([
      ...[
        'index',
        '--teacher',
        at('mover'),
        '--passages',
        passages,
        '--out',
        at('linked'),
        '--no-copy-teacher',
      ],
    ]);
    expect(made.code).toBe(0);
    expect(made.err).toContain('holds no copy of its teacher');
    expect(existsSync(join(at('linked'), 'teacher'))).toBe(false);
    const words = ['search', '--index', at('linked'), 'market'];
    expect((await refract(words)).code).toBe(0);
    renameSync(at('mover'), at('moved'));
    const lost = await refract(words);
    expect(lost.code).toBe(1);
    expect(lost.err).toContain('[FILE_MISSING]');
    expect(lost.err).toContain('--teacher');
    expect((await refract([...words, '--teacher', at('moved')])).code).toBe(0);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    const { code, err } = await refract(index('stopped'), { signal: stop.signal });
    expect(code).toBe(130);
    expect(err).toContain('[INTERRUPTED]');
    expect(readdirSync(folder.path).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  it('leaves nothing behind when it is stopped while encoding', async () => {
    const stop = new AbortController();
    const { code } = await refract(index('halted'), {
      signal: stop.signal,
      progress: (label) => {
        if (label === 'indexing') stop.abort();
        return { update() {}, end() {} };
      },
    });
    expect(code).toBe(130);
    expect(readdirSync(folder.path).filter((name) => name.includes('halted'))).toEqual([]);
  });
});

describe('refract search', () => {
  it.each([
    ['the market opens on Tuesday', 'p3'],
    ['chemsha maji kabla ya kunywa', 'p9'],
    ['पानी को उबालें', 'p11'],
    ['اغلِ الماء دقيقة', 'p12'],
    ['ต้มน้ำ', 'p13'],
    ['Ẹ sè omi fún ìṣẹ́jú', 'p14'],
    ['喝水之前', 'p16'],
  ])('finds the passage that has the words "%s"', async (words, id) => {
    const { code, out } = await refract(search('--json', '-k', '3', words));
    expect(code).toBe(0);
    const { query, hits }: { query: string; hits: { rank: number; id: string; score: number }[] } =
      JSON.parse(out);
    expect(query).toBe(words);
    expect(hits.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect(hits[0].id).toBe(id);
    expect(hits[0].score).toBeGreaterThanOrEqual(hits[1].score);
  });

  it('prints rank, score, id, title and the beginning of the text within the terminal', async () => {
    const { out } = await refract(search('-k', '16', 'boil', 'water', 'minute'), { columns: 40 });
    expect(out).toMatch(/^ 1 {2}\d+\.\d{3} {2}p2 {2}Clean water\n {4}Boil water/);
    for (const line of out.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(40);
    expect(out).toContain('…');
  });

  it('gives a pack with the teacher’s weights the teacher’s results', async () => {
    const plain = await refract(search('fees'));
    const packed = await refract(search('--pack', at('pack'), 'fees'));
    expect(packed).toEqual(plain);
  });

  it('writes a run that eval can read', async () => {
    const queries = folder.write(
      'queries.jsonl',
      jsonLines([
        { id: 'q1', text: 'boil water', en: 'market' },
        { id: 'q2', text: 'market days' },
        { id: 'q3', text: 'chemsha maji' },
      ]),
    );
    const qrels = folder.write('qrels.txt', 'q1 0 p2 1\nq2 0 p3 1\nq3 0 p9 1\n');
    const made = await refract(
      search('--queries', queries, '--run', at('out/a.run'), '--tag', 'tiny', '-k', '5'),
    );
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).toContain('3 queries, 15 lines');
    const lines = readFileSync(at('out/a.run'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(15);
    expect(lines[0]).toMatch(/^q1 Q0 p2 1 [\d.]+ tiny$/);
    const result = await refract(['eval', '--qrels', qrels, '--run', at('out/a.run'), '-m', 'RR@10', 'R@5']);
    expect(result).toEqual({ code: 0, out: expect.any(String), err: '' });
    expect(result.out).toMatch(/^system +RR@10 +R@5 +queries\na +1\.000 +1\.000 +3\n$/);
  });

  it('reads the words from another field', async () => {
    const queries = folder.write('oracle.jsonl', jsonLines([{ id: 'q1', text: 'soko', en: 'market days' }]));
    const made = await refract(
      search('--queries', queries, '--text-field', 'en', '--run', at('oracle.run'), '--json'),
    );
    expect(JSON.parse(made.out)).toEqual({ run: at('oracle.run'), tag: 'teacher', queries: 1, entries: 16 });
    expect(readFileSync(at('oracle.run'), 'utf8')).toMatch(/^q1 Q0 p3 1 /);
  });

  it.each([
    [[], 'nothing to search for'],
    [['   '], 'no words'],
    [['-k', '0', 'water'], '-k "0" is not a whole number of at least 1'],
    [['-k', 'ten', 'water'], '-k "ten"'],
    [['--threads', '1.5', 'water'], '--threads "1.5"'],
    [['--queries', 'q.jsonl', 'water'], 'words and --queries'],
    [['--queries', 'q.jsonl'], 'no place for the run'],
    [['--run', 'x.run', 'water'], '--run means nothing'],
    [['--text-field', 'en', 'water'], '--text-field means nothing'],
    [['--queries', 'q.jsonl', '--run', 'x.run', '--tag', 'a b'], 'white space'],
  ])('refuses %j', async (more, message) => {
    const { code, err } = await refract(search(...more));
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('[SETTING_INVALID]');
  });
});

describe('refract explain', () => {
  const explain = (...more: string[]) =>
    refract(['explain', '--index', at('index'), '--threads', '1', ...more]);

  it('prints the alignment, and writes the heatmap as a page and as a picture', async () => {
    const { code, out, err } = await explain(
      ...['--pack', at('pack'), '--passage', 'p15', '--plan', 'ماء', 'water'],
      ...['--html', at('why.html'), '--svg', at('why.svg')],
    );
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('query    \u2068ماء water\u2069');
    expect(out).toMatch(/query tokens of the best similarity/);
    expect(out).toContain('transport');
    expect(out).not.toMatch(/▁|<0x/);
    expect(out).toContain(`written: ${at('why.html')}`);
    const html = readFileSync(at('why.html'), 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('<svg');
    expect(html).not.toMatch(/(src|href)=/);
    expect(readFileSync(at('why.svg'), 'utf8')).toMatch(/^<svg/);
  });

  it('scores as the search does', async () => {
    const found = JSON.parse((await refract(search('--json', '-k', '1', 'maji safi'))).out);
    const why = JSON.parse((await explain('--passage', found.hits[0].id, '--json', 'maji safi')).out);
    expect(why.score).toBeCloseTo(found.hits[0].score, 4);
    expect(why.queryTokens).toContain('maji');
    expect(why.similarity).toHaveLength(why.queryTokens.length);
    expect(why.similarity[0]).toHaveLength(why.passageTokens.length);
  });

  it('names the nearest id when there is no such passage', async () => {
    const { code, err } = await explain('--passage', 'p99', 'water');
    expect(code).toBe(1);
    expect(err).toMatch(/no passage "p99" \[UNKNOWN_ID\]\n {2}Did you mean "p9"/);
  });
});
