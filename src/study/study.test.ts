/** A study from file to table on a tiny teacher: every arm, stopping and going on, stale cells, mistakes in the file. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { VERSION } from '../version.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const study = (change: (text: string) => string = (text) => text, name = 'study.yaml') =>
  folder.write(name, change(STUDY));
const run = (out: string, file = study(), over = {}) =>
  refract(['study', 'run', file, '--out', at(out), '--threads', '1', '--quiet'], over);

beforeAll(() => writeStudyData(folder));

describe('a study', () => {
  it('runs every arm, is stopped and goes on to the same files, and refuses stale cells', async () => {
    const whole = await run('whole');
    expect(whole.err).toBe('');
    expect(whole.code).toBe(0);
    const csv = readFileSync(at('whole/scores.csv'), 'utf8');
    const rows = csv
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    // Four arms of one point in two languages, the oracle in one, OPTICAL in both and English, two arms at two shares too.
    expect(rows).toHaveLength(1 + 2 * 4 + 1 + 3 + 2 * 2 * 3);
    const of = (...wanted: string[]) => rows.filter((row) => wanted.every((cell) => row.includes(cell)));
    // Realised shares: with rho 0 no switch goes to Swahili, with rho 1 every one does.
    expect(of('switched', '0', 'matched').map((row) => row[3])).toEqual(new Array(3).fill('0.0000'));
    const all = of('switched').filter((row) => row[3] === '1.0000');
    expect(all.map((row) => row[7])).toEqual(['sw', 'ar', 'en']);
    expect(Number(of('dictionary', 'sw')[0][9])).toBe(1);
    // "market", "water", "boil" and "bus" are a few of the words of the questions, less than half.
    const record = JSON.parse(
      readFileSync(at('whole/cells/student-switched-rho1-matched-1.cell.json'), 'utf8'),
    );
    expect(record.result.switching.questions).toBe(2 * 2);
    expect(record.result.switching.short).toBeGreaterThan(0);
    expect(record.result.warnings).toEqual([expect.stringContaining('quotas of the matched design')]);
    const told = readFileSync(at('whole/report.md'), 'utf8');
    expect(told).toContain(
      'student-switched-rho1-matched-1 and 1 other cell: the quotas of the matched design could not be met',
    );
    expect(told).toMatch(/At rho 1 the largest p is 0\.\d{3}, asked was 0\.5/);
    const cells = readdirSync(at('whole/cells')).filter((name) => !name.includes('.'));
    expect(cells.filter((name) => name.startsWith('pack-'))).toEqual(['pack-optical-1']);
    expect(cells.filter((name) => name.startsWith('index-'))).toEqual(['index-desk-1']);
    expect(cells.filter((name) => name.startsWith('negatives-'))).toEqual(['negatives-30']);

    const stop = new AbortController();
    const progress = (label: string) => ({
      update(done: number) {
        if (label === 'training' && done >= 1) stop.abort();
      },
      end() {},
    });
    const args = ['study', 'run', study(), '--out', at('stopped'), '--threads', '1'];
    const stopped = await refract(args, { signal: stop.signal, progress });
    expect(stopped.code).toBe(130);
    expect(existsSync(at('stopped/scores.csv'))).toBe(false);
    const again = await run('stopped');
    expect(again.code).toBe(0);
    expect(readFileSync(at('stopped/scores.csv'), 'utf8')).toBe(csv);
    for (const name of cells.filter((each) => /^(pack|student)-/.test(each)))
      expect(
        readFileSync(at(`stopped/cells/${name}/model.safetensors`)).equals(
          readFileSync(at(`whole/cells/${name}/model.safetensors`)),
        ),
        name,
      ).toBe(true);

    const before = readFileSync(at('whole/cells/pack-optical-1.cell.json'), 'utf8');
    await run('whole');
    expect(readFileSync(at('whole/cells/pack-optical-1.cell.json'), 'utf8')).toBe(before);
    // A margin is the report's: no cell is made again.
    const wider = await run(
      'whole',
      study((text) => `margin: 0.05${text}`, 'wider.yaml'),
    );
    expect(wider).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(at('whole/cells/pack-optical-1.cell.json'), 'utf8')).toBe(before);
    expect(readFileSync(at('whole/report.md'), 'utf8')).toContain(
      'with a margin of 0.05, as the study file says',
    );
    const other = study((text) => text.replace('maxTokens: 16', 'maxTokens: 17'), 'other.yaml');
    const stale = await run('whole', other);
    expect(stale.code).toBe(1);
    expect(stale.err).toContain('maxTokens was 16, is 17');
    expect(stale.err).toContain('[RESUME_MISMATCH]');
    writeFileSync(at('whole/cells/pack-optical-1.cell.json'), '{');
    expect((await run('whole')).err).toContain('cannot be read');
  }, 120_000);

  it('is planned without leaving anything but the prediction', async () => {
    const { code, out } = await refract([
      'study',
      'plan',
      study(),
      '--out',
      at('planned'),
      '--threads',
      '1',
      '--quiet',
      '--json',
    ]);
    expect(code).toBe(0);
    const { cells, seconds, bytes } = JSON.parse(out);
    expect(
      cells.every((cell: { seconds: number; bytes: number }) => cell.seconds > 0 && cell.bytes > 0),
    ).toBe(true);
    expect(seconds).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(0);
    expect(readdirSync(at('planned'))).toEqual(['plan.json']);
  }, 120_000);
});

it('with a cell of another version is refused before anything is made', async () => {
  const record = { identity: 'a', version: '0.0.0', state: 'finished', seconds: 1, result: {}, settings: {} };
  const path = folder.write(
    'older/cells/teacher.cell.json',
    JSON.stringify({ ...record, data: {}, from: {} }),
  );
  for (const action of ['run', 'plan']) {
    const { code, err } = await refract(['study', action, study(), '--out', at('older'), '--threads', '1']);
    expect(code).toBe(1);
    expect(err).toContain(
      `${path}: the cell is stale: it was made by 0.0.0, this is ${VERSION} [RESUME_MISMATCH]`,
    );
    expect(err).toContain('--redo makes stale cells again; or choose another --out.');
    expect(readdirSync(at('older/cells'))).toEqual(['teacher.cell.json']);
  }
});

describe('a study file', () => {
  it.each<[string, string | RegExp, string, string[]]>([
    ['a misspelt key', 'seeds: [1]', 'seedz: [1]', ['SETTING_UNKNOWN', 'Did you mean seeds?', 'bad.yaml:12']],
    ['an arm of another kind', 'maxTokens: 16', 'maxToken: 16', ['SETTING_UNKNOWN', 'maxTokens?']],
    [
      'a share above 1',
      'rho: [0, 1]',
      'rho: [0, 1.5]',
      ['SETTING_INVALID', 'rho', 'from 0 to 1', 'bad.yaml:13'],
    ],
    [
      'a misspelt kind of arm',
      'kind: mean-shift',
      'kind: mean-shfit',
      ['arms.shift.kind: "mean-shfit"', 'Did you mean mean-shift?', 'bad.yaml:19'],
    ],
    [
      'a misspelt word',
      'designs: [matched]',
      'designs: [mached]',
      ['designs.0: "mached"', 'Did you mean matched?', 'bad.yaml:14'],
    ],
    [
      'a default rho without low-resource language',
      /low: true, |rho: .*\n/g,
      '',
      ['bad.yaml: rho: rho 0.1 is impossible', 'rho is not set, so its default [0, 0.1, 0.25, 0.5, 0.75, 1]'],
    ],
    [
      'a margin of nothing',
      'seeds: [1]',
      'seeds: [1]\nmargin: 0',
      ['SETTING_INVALID', 'margin: ', 'bad.yaml:13'],
    ],
    ['a rho without low-resource language', 'low: true, ', '', ['rho 1 is impossible', 'bad.yaml:13']],
    [
      'a rho whose only low-resource language is not trained on',
      'sw: { low: true, bitext: [en-sw.tsv], dictionary: [dict-sw.tsv] }',
      'sw: { low: true, train: false }',
      ['rho 1 is impossible', 'that arms are trained on'],
    ],
    [
      'data of a language that is not trained on',
      'ar: { bitext',
      'ar: { train: false, bitext',
      ['languages.ar.bitext', 'train: false has no data', 'bad.yaml:'],
    ],
    [
      'a test language that is not declared',
      'ar: test.ar.jsonl',
      'ar: test.ar.jsonl, vi: test.ar.jsonl',
      ['"vi" is not among languages', 'add languages.vi', 'train: false'],
    ],
    [
      'an arm without data',
      ', dictionary: [dict-ar.tsv]',
      '',
      ['"ar" has none', 'languages.ar.dictionary', 'bad.yaml:'],
    ],
    ['a file that is missing', 'test.qrels', 'gone.qrels', ['FILE_MISSING', 'tests.desk.judgments']],
    ['a language that is none', 'ar: { bitext', 'arabisch: { bitext', ['not a known language']],
    [
      'a seed without teacher',
      'teacher: { folder: teacher }',
      'teacher: { folders: { 2: teacher } }',
      ['no teacher for seed 1', 'teacher.folders.1', 'bad.yaml:11'],
    ],
    [
      'a teacher that is missing',
      'teacher: { folder: teacher }',
      'teacher: { folders: { 1: nowhere } }',
      ['FILE_MISSING', 'teacher.folders.1'],
    ],
    ['a start that is no pack', 'from: optical', 'from: zero-shot', ['no optical arm']],
    [
      "an arm's share that the study has not",
      'from: optical',
      'from: optical, rho: [0, 0.5]',
      ['arms.both.rho', "0.5 is not among the study's rho (0, 1); add it there", 'bad.yaml:'],
    ],
    [
      'a fusion of arms that meet nowhere',
      '  psq:',
      '  half: { kind: code-switched, rho: [0] }\n  other: { kind: code-switched, rho: [1] }\n  fused: { kind: fusion, of: [half, other] }\n  psq:',
      ['arms.fused.of', 'no share and design in common'],
    ],
    [
      'a misspelt measure of answers',
      'measures: [RR@10]',
      'measures: [RR@10, anser@1]',
      ['measures.1', 'Did you mean answer@k?', 'f1@k or f1@gold'],
    ],
    [
      'a misspelt measure of choices',
      'measures: [RR@10]',
      'measures: [chioce@gold]',
      ['measures.0', 'Did you mean choice@gold?'],
    ],
  ])('with %s is refused', async (_, from, to, parts) => {
    const file = study((text) => text.replace(from, to), 'bad.yaml');
    const { code, err } = await refract(['study', 'report', file, '--out', at('never')]);
    expect(code).toBe(1);
    for (const part of parts) expect(err).toContain(part);
  });
});
