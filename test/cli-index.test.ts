/** `refract index add`, `delete`, `merge`, `verify`, `stats` and `export` from end to end. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { IndexWriter } from '../src/index/writer/index-writer.ts';
import { thisProcess } from '../src/index/writer/process-identity.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const first = folder.write('first.jsonl', jsonLines(PASSAGES.slice(0, 10)));
const rest = folder.write('rest.jsonl', jsonLines(PASSAGES.slice(10)));
const on = ['--index', at('index')];

beforeAll(async () => {
  await writeTinyRetriever(at('teacher'));
  const { code, err } = await refract([
    ...['index', 'build', '--teacher', at('teacher'), '--passages', first, '--out', at('index')],
    ...['--threads', '1'],
  ]);
  expect([code, err]).toEqual([0, '']);
});

/** What a command printed, which succeeded. */
async function done(...args: string[]): Promise<string> {
  const { code, out, err } = await refract(['index', ...args]);
  expect(code, err).toBe(0);
  return out;
}

/** The message of a refused command. */
async function refused(...args: string[]): Promise<string> {
  const { code, err } = await refract(['index', ...args]);
  expect(code).toBe(1);
  expect(err, 'no stack').not.toMatch(/\n\s+at /);
  return err;
}

const finds = async (words: string) =>
  JSON.parse((await refract(['search', ...on, '--json', '-k', '1', words])).out).hits[0].id;

describe('refract index', () => {
  it('add: new passages are found, those of known ids only replace when asked', async () => {
    expect(await finds('喝水之前')).not.toBe('p16');
    expect(await done('add', ...on, '--passages', rest)).toBe(
      `${at('index')}: 6 added, 0 of them replaced others; 16 passages\n`,
    );
    expect(await finds('喝水之前')).toBe('p16');
    const known = await refused('add', ...on, '--passages', rest);
    expect(known).toContain('already has a passage "p11" [DUPLICATE_ID]');
    expect(known).toContain('--replace');
    const better = folder.write('better.jsonl', jsonLines([{ id: 'p16', text: 'ليس في الفهرس' }]));
    const report = JSON.parse(await done('add', ...on, '--passages', better, '--replace', '--json'));
    expect(report).toMatchObject({ added: 1, replaced: 1, passages: 16, generation: 3 });
    expect(report.texts).toEqual({ split: 0, windows: 0, truncated: 0, tokensLeftOut: 0, skipped: 0 });
    expect(await finds('ليس في الفهرس')).toBe('p16');
  });

  it('delete: by ids named or in a file; missing ones are refused or counted', async () => {
    expect(await done('delete', ...on, 'p1')).toContain('1 deleted; 15 passages');
    expect(await refused('delete', ...on, 'p2', 'p1')).toContain('no passage "p1" [UNKNOWN_ID]');
    const ids = folder.write('ids.txt', 'p2\r\np1\np3\n');
    const report = JSON.parse(await done('delete', ...on, '--ids', ids, '--ignore-missing', '--json'));
    expect(report).toMatchObject({ deleted: 2, missing: 1, passages: 13 });
    expect(await finds('the market opens on Tuesday')).not.toBe('p3');
    expect(await refused('delete', ...on)).toContain('no ids to delete [SETTING_INVALID]');
  });

  it('stats, and merge', async () => {
    const stats = JSON.parse(await done('stats', ...on, '--json'));
    expect(stats).toMatchObject({ passages: 13, dim: 16, precision: 'float16' });
    const parts = Object.entries<number>(stats.bytesByPart);
    expect(parts.map(([name]) => name)).toEqual(
      expect.arrayContaining(['vectors', 'passages', 'ids', 'token ids', 'teacher']),
    );
    expect(parts.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(stats.bytes);
    expect(await done('stats', ...on)).toContain('bytes a passage');
    expect(await done('merge', ...on, '--all')).toMatch(/ 1 now; 13 passages\n$/);
    expect(JSON.parse(await done('stats', ...on, '--json'))).toMatchObject({
      ...{ passages: 13, deleted: 0, segments: { length: 1 }, advice: [] },
    });
  });

  it('export: arrays and ids; a place that is taken is refused', async () => {
    expect(await done('export', ...on, '--out', at('vectors'))).toMatch(
      /of 13 passages, 13 windows, in 1 array\n/,
    );
    expect(readdirSync(at('vectors'))).toContain('0.npy');
    expect(await refused('export', ...on, '--out', at('vectors'))).toContain('[OUTPUT_EXISTS]');
    await done('export', ...on, '--out', at('tensors'), '--format', 'safetensors', '--json');
    expect(readdirSync(at('tensors'))).toContain('0.safetensors');
  });

  it('refuses a second writer while the first is at work; searches go on', async () => {
    const writer = await IndexWriter.open(at('index'));
    const message = await refused('delete', ...on, 'p5');
    expect(message).toMatch(/process \d+ is changing the index since .*\[INDEX_LOCKED\]\n {2}Wait/);
    expect(await finds('Fees are paid each term')).toBe('p5');
    await writer.close();
  });

  it('says that it took over the lock of a dead process', async () => {
    const holder = { ...thisProcess(), pid: 2 ** 22 + 1, started: '', since: 'then' };
    writeFileSync(join(at('index'), 'writer.lock'), JSON.stringify(holder));
    const { code, err } = await refract(['index', 'delete', ...on, 'p6']);
    expect([code, err]).toEqual([0, expect.stringContaining('its lock was taken over')]);
  });

  it('verify: a whole index, and one with a damaged file, which is named', async () => {
    expect(await done('verify', ...on)).toMatch(/generation \d+ is whole: \d+ files/);
    const [name] = readdirSync(join(at('index'), 'segments')).filter((each) => /^\d+$/.test(each));
    const place = join(at('index'), 'segments', name, 'vectors.f16');
    const bytes = readFileSync(place);
    bytes[77] ^= 4;
    writeFileSync(place, bytes);
    const flipped = await refract(['index', 'verify', ...on, '--json']);
    expect(flipped.code).toBe(1);
    expect(JSON.parse(flipped.out).damaged).toEqual([
      { file: `segments/${name}/vectors.f16`, what: expect.stringContaining('checksum') },
    ]);
    expect(flipped.err).toContain(`vectors.f16 [INDEX_DAMAGED]`);
    truncateSync(place, 100);
    expect((await refract(['search', ...on, 'water'])).err).toContain('vectors.f16: the file has 100 bytes');
  });

  it('refuses too little memory, and what is no index', async () => {
    expect(await refused('merge', ...on, '--memory', '1MiB')).toContain('[SETTING_INVALID]');
    expect(await refused('stats', '--index', at('teacher'))).toContain('[CHECKPOINT_INCOMPLETE]');
    expect(await refused('verify', '--index', at('nowhere'))).toContain('[FILE_MISSING]');
  });
});
