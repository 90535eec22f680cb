/** A study from file to table on a tiny teacher: every arm, stopping and going on, stale cells, mistakes in the file. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
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
    // Six rows of one point in two languages but the oracle's one, and two arms at two shares.
    expect(rows).toHaveLength(1 + 2 * 5 + 1 + 2 * 2 * 2);
    const of = (...wanted: string[]) => rows.filter((row) => wanted.every((cell) => row.includes(cell)));
    // Realised shares: with rho 0 no switch goes to Swahili, with rho 1 every one does.
    expect(of('switched', '0', 'matched').map((row) => row[3])).toEqual(['0.0000', '0.0000']);
    expect(of('switched', '1.0000').length).toBe(2);
    expect(Number(of('dictionary', 'sw')[0][9])).toBe(1);
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

describe('a study file', () => {
  it.each([
    ['a misspelt key', 'seeds: [1]', 'seedz: [1]', ['SETTING_UNKNOWN', 'Did you mean seeds?', 'bad.yaml:12']],
    ['an arm of another kind', 'maxTokens: 16', 'maxToken: 16', ['SETTING_UNKNOWN', 'maxTokens?']],
    [
      'a share above 1',
      'rho: [0, 1]',
      'rho: [0, 1.5]',
      ['SETTING_INVALID', 'rho', 'from 0 to 1', 'bad.yaml:13'],
    ],
    ['a rho without low-resource language', 'low: true, ', '', ['rho 1 is impossible', 'bad.yaml:13']],
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
  ])('with %s is refused', async (_, from, to, parts) => {
    const file = study((text) => text.replace(from, to), 'bad.yaml');
    const { code, err } = await refract(['study', 'report', file, '--out', at('never')]);
    expect(code).toBe(1);
    for (const part of parts) expect(err).toContain(part);
  });
});
