/** `refract data`: the catalogue, counts against published sizes, and files for the other commands. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readJudgments } from '../src/data/judgments.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { readRun } from '../src/data/runs.ts';
import { DATA_SETS, findDataSet } from '../src/data/sets/catalogue.ts';
import { agrees, checkDataSet } from '../src/data/sets/check.ts';
import { refract } from './command-line.ts';
import { fixture } from './data-sets.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

describe('the catalogue', () => {
  it('has every data set once, with its facts', () => {
    expect(new Set(DATA_SETS.map((set) => set.name)).size).toBe(DATA_SETS.length);
    for (const { name, home, licence, files, byHand, published } of DATA_SETS) {
      expect(home, name).toMatch(/^https?:\/\//);
      expect(licence, name).not.toBe('');
      expect(files.length > 0 || byHand !== undefined, name).toBe(true);
      expect(new Set(files.map((file) => file.path)).size, name).toBe(files.length);
      for (const { url, path, md5 = 'f'.repeat(32), sha256 = 'f'.repeat(64), bytes = 1 } of files) {
        expect(url).toMatch(/^https?:\/\/\S+$/);
        expect(path).not.toMatch(/^\/|\.\.|\s/);
        expect(md5).toMatch(/^[0-9a-f]{32}$/);
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(bytes).toBeGreaterThan(0);
      }
      const sums = files.flatMap(({ md5, sha256 }) => sha256 ?? md5 ?? []);
      expect(new Set(sums).size, name).toBe(sums.length);
      for (const count of Object.values(published)) expect(Number.isSafeInteger(count)).toBe(true);
    }
  });

  it('is listed and told, as text and as JSON', async () => {
    const { out } = await refract(['data', 'list']);
    expect(out.trim().split('\n')).toHaveLength(DATA_SETS.length);
    const info = (await refract(['data', 'info', 'mlqa'])).out;
    for (const part of ['CC BY-SA 3.0', 'SHA-256 of 1', 'unzip', 'queries.dev.en.en 1148'])
      expect(info).toContain(part);
    expect((await refract(['data', 'info', 'mmarco'])).out).toContain('MD5 of 42');
    expect((await refract(['data', 'info', 'muse'])).out).toContain('no checksum published');
    const listed = JSON.parse((await refract(['data', 'list', '--json'])).out);
    expect(listed[0]).toMatchObject({ name: 'msmarco', published: { passages: 8_841_823 } });
  });
});

describe('check', () => {
  it('says what differs, and ends with 1', async () => {
    const { code, out, err } = await refract(['data', 'check', 'xquad', fixture('xquad')]);
    expect(code).toBe(1);
    expect(out).toMatch(/^queries\.hi +1 records; published 1190$/m);
    expect(out).toMatch(/^qrels\.hi +1 records; no number published$/m);
    expect(err).toContain('[COUNT_MISMATCH]');
    expect(err).toContain('Not in the folder: passages.ar');
  });

  it('agrees where all is there, rows without text included', async () => {
    const { parts } = await checkDataSet('msmarco', fixture('msmarco'));
    expect(parts[0]).toMatchObject({ part: 'passages', records: 3, leftOut: 1, published: 8_841_823 });
    expect(agrees({ ...parts[0], published: 4 })).toBe(true);
    const { code, out } = await refract(['data', 'check', 'trec', fixture('trec'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).parts[0]).toMatchObject({ part: 'passages', files: 2, records: 4 });
  });

  it('counts answers that are not where they should be', async () => {
    const { parts } = await checkDataSet('afriqa', fixture('afriqa'));
    const examples = parts.find(({ part }) => part === 'examples.swa.test');
    expect(examples?.notes).toEqual(['1 of 2 answers are not at their place in the passage']);
    const squad = await checkDataSet('squad', fixture('squad'));
    expect(squad.parts.flatMap(({ notes }) => notes)).toEqual([]);
  });

  it('can be stopped', async () => {
    const signal = AbortSignal.abort();
    const many = Array.from({ length: 2000 }, (_, i) => `${i}\ttext\n`).join('');
    folder.write('many/collection.tsv', many);
    const { code, err } = await refract(['data', 'check', 'msmarco', at('many')], { signal });
    expect([code, err]).toEqual([130, expect.stringContaining('[INTERRUPTED]')]);
  });
});

describe('convert', () => {
  it.each(DATA_SETS.map(({ name }) => name).filter((name) => existsSync(fixture(name))))(
    '%s: what it writes, the other commands read',
    async (name) => {
      const out = at(`converted/${name}`);
      const language = name === 'stardict' ? ['--language', 'sw'] : [];
      const { code, err } = await refract([
        'data',
        'convert',
        name,
        fixture(name),
        '--out',
        out,
        ...language,
      ]);
      expect(code, err).toBe(0);
      const { records } = JSON.parse(readFileSync(join(out, 'data-set.json'), 'utf8'));
      for (const file of readdirSync(out).filter((each) => each !== 'data-set.json')) {
        if (records[file] === 0) continue;
        const path = join(out, file);
        const kind = file.split('.')[0];
        if (kind === 'passages') expect(await readPassages(path)).toHaveLength(records[file]);
        else if (kind === 'queries') expect(await readQueries(path)).toHaveLength(records[file]);
        else if (kind === 'qrels') expect(await readJudgments(path)).toHaveLength(records[file]);
        else if (kind === 'candidates') expect(await readRun(path)).toHaveLength(records[file]);
        else if (kind === 'dictionary') expect(await readLexicon(path, 'sw')).toHaveLength(records[file]);
        else expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(records[file]);
      }
    },
  );

  it('keeps language and answers of queries, and of examples all', async () => {
    const out = at('mlqa');
    await refract(['data', 'convert', 'mlqa', fixture('mlqa'), '--out', out, '--only', 'dev.en.hi']);
    expect(readdirSync(out).sort()).toEqual([
      'data-set.json',
      'examples.dev.en.hi.jsonl',
      'qrels.dev.en.hi.txt',
      'queries.dev.en.hi.jsonl',
    ]);
    expect(JSON.parse(readFileSync(join(out, 'queries.dev.en.hi.jsonl'), 'utf8'))).toEqual({
      id: 'm1',
      text: 'शहद कौन बनाता है?',
      answers: ['Bees'],
      lang: 'hi',
    });
    expect(JSON.parse(readFileSync(join(out, 'examples.dev.en.hi.jsonl'), 'utf8'))).toMatchObject({
      id: 'm1',
      answerStarts: [0],
      contextLanguage: 'en',
    });
  });

  it('writes nothing over what is there, and nothing when a file is bad', async () => {
    const again = await refract(['data', 'convert', 'mlqa', fixture('mlqa'), '--out', at('mlqa')]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('[OUTPUT_EXISTS]')]);
    folder.write('bad/collection.tsv', '0\tfine\n1\n');
    const bad = await refract(['data', 'convert', 'msmarco', at('bad'), '--out', at('never')]);
    expect(bad.err).toContain(`${at('bad/collection.tsv')}:2: `);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('never'))).toEqual([]);
    folder.write('spaces/qrels.tsv', 'x').replace('qrels.tsv', '');
    const none = await refract([
      'data',
      'convert',
      'mlqa',
      fixture('mlqa'),
      '--out',
      at('x'),
      '--only',
      'zz',
    ]);
    expect(none.err).toContain('[SETTING_UNKNOWN]');
  });
});

describe('get', () => {
  const server = createServer((request, response) => {
    if (request.url === '/en-tl.txt') response.end('house bahay');
    else if (request.url === '/MLQA_V1.zip') response.end('not it');
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  const fetched = globalThis.fetch;
  afterAll(() => {
    globalThis.fetch = fetched;
    server.closeAllConnections();
    server.close();
  });

  it('downloads what may be downloaded, and says what is left to do', async () => {
    // The catalogue's addresses lead to the test's server.
    globalThis.fetch = (input, init) =>
      fetched(
        `http://127.0.0.1:${(server.address() as AddressInfo).port}/${String(input).split('/').at(-1)}`,
        init,
      );
    const { code, out, err } = await refract(['data', 'get', 'muse', '--only', 'en-tl', '--out', at('got')]);
    expect([code, err]).toEqual([0, expect.stringContaining('There is no Swahili')]);
    expect(out).toContain('11 bytes, downloaded, nothing published to check it against');
    expect(readFileSync(at('got/en-tl.txt'), 'utf8')).toBe('house bahay');
    const another = await refract(['data', 'get', 'mlqa', '--out', at('got')]);
    expect([another.code, another.err]).toEqual([1, expect.stringContaining('[CHECKSUM_MISMATCH]')]);
    expect(existsSync(at('got/MLQA_V1.zip'))).toBe(false);
    const missing = await refract(['data', 'get', 'xquad', '--only', 'hi', '--out', at('got')]);
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('404')]);
  });

  it('explains where it cannot', async () => {
    const { code, err } = await refract(['data', 'get', 'wikiclir-heidelberg', '--out', at('none')]);
    expect(code).toBe(1);
    expect(err).toContain(findDataSet('wikiclir-heidelberg').byHand);
    const wrong = await refract(['data', 'get', 'xquad', '--only', 'sw', '--out', at('none')]);
    expect(wrong.err).toContain('no file of xquad contains "sw"');
    expect(existsSync(at('none'))).toBe(false);
  });

  it.each([
    [['get', 'mlqa'], '--out <folder>'],
    [['check', 'mlqa'], '<folder>'],
    [['info'], '<name>'],
  ])('%j says what it needs', async (args, what) => {
    const { code, err } = await refract(['data', ...args]);
    expect([code, err]).toEqual([1, expect.stringContaining(`needs ${what}`)]);
  });
});
