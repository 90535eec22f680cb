/** `refract doctor`, from the command line. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { letters, wordPieceJson } from '../src/doctor/tokenizer.fixture.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => `${folder.path}/${name}`;
await writeTinyRetriever(at('teacher'));
const swahili = folder.write('sw.txt', 'Maji safi ni muhimu; chemsha maji.\n\nMaji ni uhai.\n');
const yoruba = folder.write('yo.txt', 'ọkọ ọkọ́ ọkọ̀ ilé\nẹ sè omi\n');
const SAMPLE = 'sample/bitext.en-sw.tsv';

/** The verdict of each aspect in a report as JSON. */
function verdicts(out: string): Record<string, string> {
  const { aspects } = JSON.parse(out);
  return Object.fromEntries(aspects.map(({ name, verdict }: Record<string, string>) => [name, verdict]));
}

describe('refract doctor', () => {
  it('prints a line for each aspect, figures, findings and what to do', async () => {
    const { code, out, err } = await refract([
      'doctor',
      at('teacher'),
      '--language',
      'sw',
      '--text',
      swahili,
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Swahili (sw) with ${at('teacher')}\n2 texts, 40 characters from ${swahili}`);
    expect(out).toMatch(/^model +ready +a teacher of Refract: BERT, 1 layers of width 64/m);
    expect(out).toMatch(/^Overall: (ready|usable with care|will not work)$/m);
    for (const line of out.split('\n').filter((each) => !each.includes(folder.path)))
      expect(line.length).toBeLessThanOrEqual(100);
  });

  it('strips Yoruba: will not work, which is an error only with --strict', async () => {
    const tokenizer = folder.write(
      'tokenizer.json',
      JSON.stringify(
        wordPieceJson({ vocabulary: letters('abcdefghijklmnopqrstuvwxyz'), stripAccents: true }),
      ),
    );
    const args = ['doctor', tokenizer, '--language', 'yo', '--text', yoruba];
    const { code, out } = await refract(args);
    expect(code).toBe(0);
    expect(out).toContain('Overall: will not work');
    expect(out).toContain('ọkọ / ọkọ́ / ọkọ̀ → oko');
    const strict = await refract([...args, '--strict']);
    expect(strict.code).toBe(1);
    expect(strict.err).toContain('will not work for Yoruba: normalisation [UNFIT_FOR_LANGUAGE]');
    expect(strict.out).toBe(out);
  });

  it('keeps letters of right-to-left scripts from turning the line round', async () => {
    const arabic = folder.write('ar.txt', 'اغلِ الماء دقيقة واحدة\n');
    const { out } = await refract(['doctor', 'test/fixtures/base', '--language', 'ar', '--text', arabic]);
    expect(out).toMatch(/\u2068[^\n]*\p{Script=Arabic}[^\n]*\u2069/u);
  });

  it('reads gzip, JSON lines, queries and passages, and prints JSON', async () => {
    const gz = folder.write('sw.txt.gz', gzipSync('maji safi\n'));
    const records = folder.write('more.jsonl', jsonLines([{ id: '1', title: 'Maji', text: 'ni uhai' }]));
    const queries = folder.write('q.jsonl', jsonLines([{ id: '1', text: 'x', sw: 'maji safi' }]));
    const passages = folder.write('p.jsonl', jsonLines(PASSAGES));
    const { code, out } = await refract([
      'doctor',
      at('teacher'),
      '--language',
      'sw',
      '--text',
      `${gz},${records}`,
      '--queries',
      queries,
      '--text-field',
      'sw',
      '--passages',
      passages,
      '--json',
    ]);
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report.text).toMatchObject({ texts: 3, sampled: 3 });
    const length = report.aspects.find(({ name }: { name: string }) => name === 'length');
    expect(length.figures).toMatchObject({ queries: { texts: 1, limit: 64 }, passages: { texts: 16 } });
  });

  it('looks at bitext and dictionary of the sample, in any order of columns', async () => {
    const dictionary = folder.write('dict.tsv', 'water\tmaji\nchild\tmtoto\nhouse\tnyumba\n');
    const base = ['doctor', at('teacher'), '--language', 'sw', '--json', '--bitext', `sw=${SAMPLE}`];
    const right = await refract([...base, '--dictionary', dictionary]);
    expect(verdicts(right.out)).toMatchObject({
      bitext: 'ready',
      dictionary: expect.stringMatching(/care|unfit/),
    });
    const wrong = await refract([...base, '--columns', '3,2']);
    expect(verdicts(wrong.out).bitext).toBe('unfit');
    expect(wrong.out).toContain('--columns 2,1');
  });

  it('gives the same report for the same seed', async () => {
    const report = async (seed: string) =>
      (
        await refract([
          'doctor',
          at('teacher'),
          ...['--language', 'sw', '--bitext', SAMPLE, '--sample', '50', '--seed', seed, '--json'],
        ])
      ).out;
    const [a, b, c] = [await report('1'), await report('1'), await report('2')];
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it.each([
    ['no text', [], 'SETTING_INVALID'],
    ['no such file', ['--text', 'nowhere.txt'], 'FILE_MISSING'],
    ['bitext of another language', ['--bitext', `so=${SAMPLE}`], 'SETTING_INVALID'],
    ['a sample of nothing', ['--text', swahili, '--sample', '0'], 'SETTING_INVALID'],
  ])('refuses %s', async (_, options, code) => {
    const result = await refract(['doctor', at('teacher'), '--language', 'sw', ...options]);
    expect(result.code).toBe(1);
    expect(result.err).toContain(`[${code}]`);
  });

  it('refuses a model that is not there, and a language that is none', async () => {
    expect((await refract(['doctor', at('none'), '--language', 'sw', '--text', swahili])).err).toContain(
      'FILE_MISSING',
    );
    expect((await refract(['doctor', at('teacher'), '--language', 'xq', '--text', swahili])).err).toContain(
      'LANGUAGE_UNKNOWN',
    );
  });

  it('compares with English only where English is the language of the collection', async () => {
    await writeTinyRetriever(at('german'), { languages: ['de'] });
    const fertility = async (model: string, ...options: string[]) => {
      const args = ['doctor', model, '--language', 'sw', '--text', swahili, '--json', ...options];
      const report = JSON.parse((await refract(args)).out);
      const tokens = report.aspects.find(({ name }: { name: string }) => name === 'tokens');
      return [report.pivotLanguage, tokens.figures.pivotFertility];
    };
    expect(await fertility(at('teacher'))).toEqual(['en', expect.any(Number)]);
    // The sample's passages are English, and say nothing of German words.
    expect(await fertility(at('german'))).toEqual(['de', undefined]);
    expect(await fertility(at('german'), '--pivot-language', 'en')).toEqual(['en', expect.any(Number)]);
  });

  it('judges no tokens where no sentence pair is usable', async () => {
    const same = folder.write('same.tsv', 'maji\tmaji\n');
    const args = ['doctor', at('teacher'), '--language', 'sw', '--bitext', same, '--json'];
    expect(verdicts((await refract(args)).out)).toEqual({ model: 'ready', script: 'unfit', bitext: 'unfit' });
  });

  it('says once that a folder has no tokenizer.json', async () => {
    const { out } = await refract([
      ...['doctor', 'test/fixtures/bases/xlm-roberta', '--language', 'sw', '--text', swahili],
    ]);
    expect(out.match(/no tokenizer\.json/g)).toHaveLength(1);
  });

  it('stops when it is told to', async () => {
    const result = await refract(['doctor', at('teacher'), '--language', 'sw', '--text', swahili], {
      signal: AbortSignal.abort(),
    });
    expect(result.code).toBe(130);
  });
});
