/** `refract search` with several packs: what is printed of languages, runs over them, and refusals. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const SWAHILI = 'watoto wanahitaji maji safi ya kunywa kila siku';
const HINDI = 'बच्चों को हर दिन पीने के लिए साफ पानी की ज़रूरत है';

beforeAll(async () => {
  const { fingerprint: teacher } = await writeTinyRetriever(at('teacher'), { languages: ['en'] });
  await writeTinyRetriever(at('packs/sw'), { seed: 2, teacher, languages: ['sw'] });
  await writeTinyRetriever(at('packs/hi'), { seed: 3, teacher, languages: ['hi'] });
  const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
  const made = await refract([
    'index',
    '--teacher',
    at('teacher'),
    '--passages',
    passages,
    '--out',
    at('index'),
  ]);
  expect(made.code, made.err).toBe(0);
});

const both = ['--pack', at('packs/sw'), '--pack', at('packs/hi')];
const search = (...more: string[]) => refract(['search', '--index', at('index'), '--threads', '1', ...more]);

describe('refract search with several packs', () => {
  it('prints on standard error how a query was read, and finds what its pack alone finds', async () => {
    const { code, out, err } = await search(...both, SWAHILI);
    expect(code, err).toBe(0);
    expect(err).toMatch(/^language: sw \(detected, \d\.\d\d; next [a-z]+, 0\.\d\d\), .*packs\/sw\n$/);
    const alone = await search('--pack', at('packs/sw'), SWAHILI);
    expect(alone.err).toBe('');
    expect(out).toBe(alone.out);
  });

  it('takes a folder of packs, and is quiet when asked', async () => {
    const { code, out, err } = await search('--pack', at('packs'), '--quiet', HINDI);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe((await search('--pack', at('packs/hi'), HINDI)).out);
  });

  it('has the same in JSON', async () => {
    const { code, out, err } = await search(...both, '--json', HINDI);
    expect([code, err]).toEqual([0, '']);
    const found = JSON.parse(out);
    expect(found).toMatchObject({
      language: 'hi',
      languageBy: 'detected',
      encoder: at('packs/hi'),
      notice: null,
    });
    expect(found.confidence).toBeGreaterThan(0.4);
    expect(found.hits).toHaveLength(10);
  });

  it('takes a named language, also with one pack, and warns where it has none', async () => {
    const named = await search('--pack', at('packs/sw'), '--language', 'swa', 'water');
    expect(named.err).toBe(`language: swa (named), ${at('packs/sw')}\n`);
    const without = await search(...both, '--language', 'so', 'biyo');
    expect(without.code).toBe(0);
    expect(without.err).toBe(
      'language: so (named), teacher\nwarning: no open pack is for Somali (so): the teacher answered\n',
    );
    expect(without.out).toBe((await search('biyo')).out);
  });

  it('falls back to the teacher with a warning for an unread script and for no letters', async () => {
    const thai = await search(...both, 'ต้มน้ำหนึ่งนาทีก่อนดื่ม');
    expect(thai.err).toContain('warning: no open pack is for Thai (th): the teacher answered\n');
    const digits = await search(...both, '--json', '112');
    expect(digits.err).toContain('warning: the query has no letters');
    expect(JSON.parse(digits.out)).toMatchObject({ language: null, encoder: 'teacher', confidence: null });
    const unsure = await search(...both, '--min-confidence', '1', SWAHILI);
    expect(unsure.err).toContain('warning: the language is not certain (Swahili (sw)');
  });

  it('writes one run over queries of several languages, and counts them', async () => {
    const queries = folder.write(
      'queries.jsonl',
      jsonLines([
        { id: 'a', text: HINDI },
        { id: 'b', text: 'children need clean water to drink every day' },
        { id: 'c', text: SWAHILI, lang: 'swa' },
        { id: 'd', text: 'ต้มน้ำหนึ่งนาทีก่อนดื่ม' },
        { id: 'e', text: 'ต้มน้ำ' },
      ]),
    );
    const run = at('all.run');
    const { code, out, err } = await search(...both, '--queries', queries, '--run', run, '-k', '2');
    expect(code, err).toBe(0);
    expect(out).toBe(`${run}: 5 queries, 10 lines\n`);
    expect(err).toContain('warning: 2 queries: no open pack is for Thai (th): the teacher answered\n');
    expect(err).toContain('language: th (detected), 2 queries, teacher\n');
    expect(err).toContain(`language: swa (named), 1 query, ${at('packs/sw')}\n`);
    const lines = readFileSync(run, 'utf8').trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([...'aabbccddee']);
    expect(lines[0]).toMatch(/ packs$/);
    const json = await search(...both, '--queries', queries, '--run', run, '-k', '2', '--json', '--quiet');
    expect(json.err).toBe('');
    expect(JSON.parse(json.out).languages).toContainEqual({ language: 'th', by: 'detected', queries: 2 });
  });

  it('takes vectors by the pack and words by the dictionary of the language, in every mode, among what a filter lets through', async () => {
    const sw = `sw=${folder.write('sw.tsv', 'water\tmaji\nchildren\twatoto\n')}`;
    const hi = `hi=${folder.write('hi.tsv', 'malaria\tपानी\n')}`;
    const filter = ['--filter', 'title!="Malaria"', '--json', '-k', '5'];
    for (const mode of ['hybrid', 'rerank']) {
      const given = [
        ...filter,
        '--mode',
        mode,
        '--explain',
        ...(mode === 'hybrid' ? ['--weights', '0.6,0.4'] : []),
      ];
      const answered = await search(...both, '--lexicon', `${sw},${hi}`, ...given, SWAHILI);
      expect(answered.err).toBe('2 of 8 words have a translation; BM25 takes the others as they are.\n');
      const alone = await search('--pack', at('packs/sw'), '--lexicon', sw, ...given, SWAHILI);
      const found = JSON.parse(answered.out);
      expect(found).toMatchObject({ language: 'sw', encoder: at('packs/sw') });
      expect(found.hits).toEqual(JSON.parse(alone.out).hits);
      expect(found.hits.length).toBeGreaterThan(0);
      for (const { title, bm25, maxSim } of found.hits) {
        expect(title).not.toBe('Malaria');
        expect(bm25.score + maxSim.score).toBeGreaterThan(0);
      }
      const [run, other] = [at(`${mode}.run`), at(`${mode}-alone.run`)];
      const queries = folder.write(
        'two.jsonl',
        jsonLines([
          { id: 'a', text: SWAHILI },
          { id: 'b', text: HINDI },
        ]),
      );
      const file = ['--queries', queries, '--mode', mode, '-k', '4'];
      const made = await search(...both, '--lexicon', `${sw},${hi}`, ...file, '--run', run);
      expect(made.code, made.err).toBe(0);
      expect(made.err).toContain(`language: hi (detected), 1 query, ${at('packs/hi')}\n`);
      await search(
        '--pack',
        at('packs/hi'),
        '--lexicon',
        hi,
        ...file,
        '--run',
        other,
        '--tag',
        `packs-${mode}`,
      );
      const linesOf = (path: string) =>
        readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith('b '));
      expect(linesOf(run)).toEqual(linesOf(other));
      expect(linesOf(run).length).toBeGreaterThan(0);
    }
  });

  it('takes the only dictionary for the queries of its language', async () => {
    const sw = `sw=${folder.write('only-sw.tsv', 'water\tmaji\nwater\tपानी\n')}`;
    const known = async (text: string) =>
      (await search(...both, '--lexicon', sw, '--mode', 'hybrid', text)).err.match(/(\d+) of \d+ words/)?.[1];
    expect([await known(SWAHILI), await known(HINDI)]).toEqual(['1', '0']);
  });

  it.each([
    [['--language', 'sw'], '--language'],
    [['--min-confidence', '0.5'], '--min-confidence'],
    [[...both, '--language', 'sw', '--min-confidence', '0.5'], '--min-confidence'],
    [[...both, '--min-confidence', '7'], '--min-confidence'],
    [[...both, '--language', 'klingonn'], 'klingonn'],
    [[...both, '--pack', at('nowhere')], 'nowhere'],
    [[...both, '--pack', at('packs/sw')], 'both for Swahili'],
    [['--pack', at('packs'), '--pack', at('teacher')], 'not a language pack'],
  ])('refuses %j', async (args, words) => {
    const { code, out, err } = await search(...args, 'water');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(words);
    expect(err).toMatch(/\[[A-Z_]+\]\n {2}\S/);
  });
});
