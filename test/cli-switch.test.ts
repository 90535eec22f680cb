/** `refract switch` and `refract lexicon` as a user calls them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SwitchReport } from '../src/data/switching/report.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
const out = join(folder.path, 'switched.jsonl');
const records = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));

const QUERIES = Array.from({ length: 40 }, (_, i) => ({
  id: `q${i}`,
  text: i % 2 ? 'Where is clean water, and the river?' : 'Who drinks the water of this good river?',
  answers: ['water'],
  en: 'untouched water',
}));
const queries = folder.write('q.jsonl', QUERIES.map((query) => `${JSON.stringify(query)}\n`).join(''));
const sw = folder.write('sw.tsv', 'water\tmaji\nwhere\twapi\nclean water\tmaji safi\ngoat\t\nthe\thiyo\n');
const yo = folder.write('yo.tsv', 'water\tomi\nriver\todò\ngood\tdára\nis\tni\n');
const lexicons = ['--lexicon', `sw=${sw},yo=${yo}`];

describe('refract switch', () => {
  it('switches words and keeps everything else; says what dictionaries lack', async () => {
    const { code, err } = await refract([
      'switch',
      '--queries',
      queries,
      '--lexicon',
      `sw=${sw}`,
      '--p',
      '1',
      '--out',
      out,
    ]);
    expect([code, err]).toEqual([0, `${sw}: 4 entries; rows left out: 1 without a side (line 4)\n`]);
    const switched = records(out);
    expect(switched[1]).toEqual({ ...QUERIES[1], text: 'Wapi is maji safi, and hiyo river?' });
    expect(switched.map(({ text: _, ...rest }) => rest)).toEqual(QUERIES.map(({ text: _, ...rest }) => rest));
  });

  it('p = 0 gives the records back', async () => {
    for (const design of ['natural', 'matched']) {
      await refract([
        'switch',
        '--queries',
        queries,
        ...lexicons,
        '--p',
        '0',
        '--design',
        design,
        '--out',
        out,
      ]);
      expect(records(out)).toEqual(QUERIES);
    }
  });

  it('matched: exact shares, an account in JSON, the same bytes for the same seed', async () => {
    const report = join(folder.path, 'report.json');
    const args = [
      'switch',
      '--queries',
      queries,
      ...lexicons,
      '--low',
      'yo',
      '--rho',
      '0.25',
      '--p',
      '0.2',
      '--out',
      out,
    ];
    const matched = [
      ...args,
      '--design',
      'matched',
      '--translation',
      'uniform',
      '--report',
      report,
      '--quiet',
    ];
    const first = await refract([...matched, '--json']);
    const bytes = readFileSync(out, 'utf8');
    const account: SwitchReport = JSON.parse(first.out);
    expect(account).toEqual(JSON.parse(readFileSync(report, 'utf8')));
    expect(account).toMatchObject({
      words: 300,
      switchedWords: 60,
      realised: { p: 0.2, rho: 0.25 },
      matched: { exact: true },
    });
    const second = await refract(matched);
    expect(readFileSync(out, 'utf8')).toBe(bytes);
    expect(second.out).toMatch(/rho +0\.2500 +0\.2500/);
    await refract([...matched, '--seed', '2']);
    expect(readFileSync(out, 'utf8')).not.toBe(bytes);
  });

  it('draws languages for whole queries; the order of dictionaries does not matter', async () => {
    const args = [
      'switch',
      '--queries',
      queries,
      '--draw',
      'query',
      '--rho',
      '0.25',
      '--low',
      'yo',
      '--out',
      out,
      '--json',
    ];
    const { out: json } = await refract([...args, '--design', 'matched', '--p', '0.2', ...lexicons]);
    expect(JSON.parse(json)).toMatchObject({
      realised: { p: 0.2, textRho: 0.25 },
      languages: { yo: { texts: 10 } },
    });
    const there = readFileSync(out, 'utf8');
    await refract([
      ...args,
      '--design',
      'matched',
      '--p',
      '0.2',
      '--lexicon',
      `yo=${yo}`,
      '--lexicon',
      `sw=${sw}`,
    ]);
    expect(readFileSync(out, 'utf8')).toBe(there);
  });

  it('switches titles and texts of passages', async () => {
    const passages = folder.write('p.jsonl', '{"_id":7,"title":"The River","text":"WATER","more":[1]}\n');
    await refract(['switch', '--passages', passages, '--lexicon', `yo=${yo}`, '--p', '1', '--out', out]);
    expect(records(out)).toEqual([{ _id: 7, title: 'The Odò', text: 'OMI', more: [1] }]);
  });

  it('warns of a dictionary the wrong way round, and of quotas beyond the lexicons', async () => {
    const reversed = folder.write('reversed.tsv', 'maji\twater\nwapi\twhere\n');
    const wrong = await refract([
      'switch',
      '--queries',
      queries,
      '--lexicon',
      `sw=${reversed}`,
      '--out',
      out,
    ]);
    expect(wrong.err).toContain(`Warning: ${reversed} looks as if it went from Swahili to English`);
    const args = [
      'switch',
      '--queries',
      queries,
      ...lexicons,
      '--rho',
      '1',
      '--low',
      'sw',
      '--design',
      'matched',
    ];
    const { err, code } = await refract([...args, '--p', '0.9', '--out', out]);
    expect(code).toBe(0);
    expect(err).toContain(
      'words missing: sw 170 of 270. With these languages and rho the quotas can be met up to --p 0.3333.',
    );
  });

  it.each([
    [['--p', '2'], '--p "2" is not a number from 0 to 1'],
    [['--rho', '0.5'], 'rho 0.5 is impossible: no language is low-resource'],
    [['--low', 'xh'], 'low-resource language "xh" has no lexicon'],
    [['--low', 'swahili'], 'Did you mean "sw"'],
    [['--passages', 'p.jsonl'], 'one of --queries and --passages must be given'],
  ])('refuses %j and writes nothing', async (more, message) => {
    const place = join(folder.path, 'never.jsonl');
    const { code, err } = await refract([
      'switch',
      '--queries',
      queries,
      ...lexicons,
      '--out',
      place,
      ...more,
    ]);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(existsSync(place)).toBe(false);
  });

  it('names bad lines, and leaves an older file', async () => {
    const bad = folder.write('bad.jsonl', '{"id":"a","text":"water"}\n{"id":"a","text":"river"}\n');
    const place = folder.write('older.jsonl', 'older');
    const { code, err } = await refract(['switch', '--queries', bad, ...lexicons, '--out', place]);
    expect(code).toBe(1);
    expect(err).toContain(`${bad}:2: query id "a" is already on line 1 [DUPLICATE_ID]`);
    expect(readFileSync(place, 'utf8')).toBe('older');
    const tsv = folder.write('q.tsv', 'a\twater\n');
    expect((await refract(['switch', '--queries', tsv, ...lexicons, '--out', place])).err).toContain('[');
  });
});

describe('refract lexicon', () => {
  it('merges', async () => {
    const muse = folder.write('muse.txt', 'water maji\nriver mto\n');
    const place = join(folder.path, 'merged.tsv');
    const { code, out: said } = await refract([
      'lexicon',
      'merge',
      '--lexicon',
      `sw=${sw},${muse}`,
      '--out',
      place,
      '--quiet',
    ]);
    expect([code, said]).toEqual([
      0,
      `${place}: 5 entries of 5 headwords from 6 rows; 1 in several sources\n`,
    ]);
    expect(readFileSync(place, 'utf8')).toBe(
      'en\tsw\tsources\tcount\nclean water\tmaji safi\tsw\t1\nriver\tmto\tmuse\t1\nthe\thiyo\tsw\t1\nwater\tmaji\tsw,muse\t2\nwhere\twapi\tsw\t1\n',
    );
  });

  it('induces from the sample and tells its coverage of the sample', async () => {
    const place = join(folder.path, 'induced.tsv');
    const made = await refract([
      'lexicon',
      'induce',
      '--bitext',
      'sw=sample/bitext.en-sw.tsv',
      '--out',
      place,
      '--json',
    ]);
    expect(JSON.parse(made.out).entries).toBeGreaterThan(50);
    expect(readFileSync(place, 'utf8')).toMatch(/^water\tmaji\tibm1\t0\.\d{4}$/m);
    const args = [
      'lexicon',
      'coverage',
      '--lexicon',
      `sw=${place}`,
      '--queries',
      'sample/dev.queries.en.jsonl',
    ];
    const { out: table } = await refract(args);
    expect(table).toMatch(
      /language +headwords +pairs +words +with phrases +content words +types\nsw Swahili/,
    );
    const { languages } = JSON.parse((await refract([...args, '--json'])).out);
    expect(languages.sw.words).toBeGreaterThan(0.4);
  });

  it.each([
    [['merge', '--lexicon', `sw=${sw}`], 'lexicon merge needs --out'],
    [['merge', '--lexicon', `sw=${sw},yo=${yo}`, '--out', 'x'], 'lexicon merge was given 2 languages'],
    [['coverage', '--lexicon', `sw=${sw}`], 'lexicon coverage needs --queries'],
    [['induce', '--out', 'x'], 'lexicon induce needs --bitext'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await refract(['lexicon', ...args]);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
