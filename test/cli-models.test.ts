/** `refract models` and `--base` by name: as a process that is killed and goes on, and what is printed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refract } from './command-line.ts';
import { bertFiles, hubServer } from './hub-models.ts';
import { sendFile } from './hub-server.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES } from './tiny-retriever.ts';

const server = hubServer();
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const NAME = 'test-org/small-bert';
const WEIGHTS = Buffer.from(bertFiles()['model.safetensors']);
let caches = 0;
let cache = '';
const blobs = () => join(cache, 'models--test-org--small-bert/blobs');
const parts = () =>
  existsSync(blobs()) ? readdirSync(blobs()).filter((name) => name.endsWith('.part')) : [];

beforeEach(() => {
  cache = at(`cache-${++caches}`);
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_ENDPOINT', server.url);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_HOME', at('home'));
});
afterEach(() => vi.unstubAllEnvs());

/** The command as a process of its own, and how it ends. */
function start(...args: string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; err: string }>;
} {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    env: process.env,
  });
  let err = '';
  child.stderr?.on('data', (text) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, err })),
  );
  return { child, ended };
}

/** Sends the first `bytes` of the weights, and then nothing more. */
function stall(bytes: number): void {
  server.onCdn = (_, response) => {
    response.writeHead(200, { 'content-length': WEIGHTS.length, etag: '"v"' });
    response.write(WEIGHTS.subarray(0, bytes));
    return true;
  };
}

async function untilPartHas(bytes: number): Promise<void> {
  while (!parts().some((name) => statSync(join(blobs(), name)).size === bytes)) await sleep(20);
}

describe('a process that is stopped half-way', () => {
  it.each<[string, NodeJS.Signals]>([
    ['killed', 'SIGKILL'],
    ['stopped by Ctrl-C', 'SIGINT'],
  ])(
    'when %s, leaves a part that the same command goes on from',
    async (_, signal) => {
      const commit = server.publish(NAME, bertFiles());
      stall(20_000);
      const { child, ended } = start('models', 'get', NAME);
      await untilPartHas(20_000);
      child.kill(signal);
      const { code, err } = await ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : null);
      if (signal === 'SIGINT') expect(err).toContain('the same command goes on from there');
      expect(existsSync(join(cache, 'models--test-org--small-bert/refs/main'))).toBe(false);
      expect((await refract(['models', 'list'])).out).toContain(`${NAME}\tunfinished\t0.0 MB`);

      server.asked.length = 0;
      server.onCdn = (request, response) => {
        sendFile(request, response, WEIGHTS, '"v"');
        return true;
      };
      const again = await refract(['models', 'get', NAME]);
      expect(again.code, again.err).toBe(0);
      expect(server.asked.filter(({ host }) => host === 'cdn').map(({ range }) => range)).toEqual([
        'bytes=20000-',
      ]);
      const place = join(cache, 'models--test-org--small-bert/snapshots', commit);
      expect(readFileSync(join(place, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
      expect(parts()).toEqual([]);
    },
    180_000,
  );

  it('and another that comes while it works waits for its download', async () => {
    server.publish(NAME, bertFiles());
    let send = () => {};
    server.onCdn = (request, response) => {
      send = () => sendFile(request, response, WEIGHTS, '"v"');
      return true;
    };
    const other = start('models', 'get', NAME);
    while (!server.asked.some(({ host }) => host === 'cdn')) await sleep(20);
    const notes: string[] = [];
    const here = refract(['models', 'get', NAME], { err: (text) => notes.push(text) });
    while (notes.length === 0) await sleep(20);
    send();
    expect([(await other.ended).code, (await here).code]).toEqual([0, 0]);
    expect(notes.join()).toContain('another process is downloading model.safetensors');
    expect(server.asked.filter(({ host }) => host === 'cdn')).toHaveLength(1);
  }, 180_000);
});

describe('refract models', () => {
  it('says commit, size and folder, and lists what is there', async () => {
    expect((await refract(['models', 'list'])).err).toContain('holds no models');
    const commit = server.publish(NAME, bertFiles());
    const got = await refract(['models', 'get', NAME]);
    expect([got.code, got.err]).toEqual([0, '']);
    expect(got.out).toMatch(
      new RegExp(
        `^${NAME}: main is commit ${commit}; 5 files, 0\\.\\d MB, 0\\.\\d MB downloaded\n.+/${commit}\n$`,
      ),
    );
    expect((await refract(['models', 'get', NAME])).out).toContain('all from the cache');
    const listed = (await refract(['models', 'list'])).out;
    expect(listed).toMatch(new RegExp(`^${NAME}\t${commit}\t0\\.\\d MB\t5 files\tmain\n$`));
    rmSync(join(cache, 'models--test-org--small-bert/snapshots', commit, 'tokenizer.json'));
    expect((await refract(['models', 'list'])).out).toContain('4 files\tmain\tin part');
    const json = JSON.parse((await refract(['models', 'list', '--json'])).out);
    expect(json).toMatchObject({ cache, models: [{ name: NAME, commit, whole: false }], unfinished: [] });
  });

  it('gets a revision, and tells it as JSON', async () => {
    const commit = server.publish(NAME, bertFiles({ 'artifact.metadata': '{}' }), { revision: 'v2' });
    const { out } = await refract(['models', 'get', NAME, '--revision', 'v2', '--json']);
    const fetched = JSON.parse(out);
    expect(fetched).toMatchObject({ name: NAME, revision: 'v2', commit });
    expect(fetched.files).toContainEqual(
      expect.objectContaining({ path: 'artifact.metadata', bytes: 2, verified: 'gitSha1' }),
    );
  });

  it.each([
    [['get']],
    [['get', './folder']],
    [['get', 'bert']],
    [['get', `${NAME}@v1`, '--revision', 'v2']],
    [['get', `${NAME}@../x`]],
  ])('refuses %j', async (args) => {
    const { code, err } = await refract(['models', ...args]);
    expect(code).toBe(1);
    expect(err).toContain('[SETTING_INVALID]');
    expect(server.asked).toEqual([]);
  });

  it('says that a name does not exist, without a stack', async () => {
    const { code, err } = await refract(['models', 'get', 'test-org/nowhere']);
    expect(code).toBe(1);
    expect(err).toContain('[MODEL_NOT_FOUND]');
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('--base by name', () => {
  const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
  const questions = PASSAGES.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;।]/)[0] }));
  const queries = folder.write('queries.jsonl', jsonLines(questions));
  const qrels = folder.write('qrels.txt', PASSAGES.map(({ id }) => `q-${id} 0 ${id} 1\n`).join(''));
  const teaching = (out: string, base: string) => [
    ...['teach', '--passages', passages, '--queries', queries, '--qrels', qrels, '--out', at(out)],
    ...['--base', base, '--threads', '1', '--set', 'train.steps=2', '--set', 'batch.queries=4', '--json'],
  ];

  it('teaches from a model of the hub as from its folder, and records the commit', async () => {
    const commit = server.publish(NAME, bertFiles());
    const byName = await refract(teaching('by-name', NAME));
    expect(byName.code, byName.err).toBe(0);
    expect(byName.err).toContain(`${NAME}: main is commit ${commit}`);
    expect(JSON.parse(byName.out).base).toEqual({ name: NAME, revision: 'main', commit });
    const byFolder = await refract(teaching('by-folder', 'test/fixtures/base'));
    expect(byFolder.code, byFolder.err).toBe(0);
    expect(JSON.parse(byFolder.out)).not.toHaveProperty('base');
    const weights = (name: string) => readFileSync(at(`${name}/model.safetensors`));
    expect(weights('by-name').equals(weights('by-folder'))).toBe(true);
  });

  it('pretrains and trains readers from one, too', async () => {
    server.publish(NAME, bertFiles());
    const text = folder.write('text.txt', PASSAGES.map((passage) => `${passage.text}\n`).join(''));
    const short = ['--threads', '1', '--set', 'train.steps=1', '--json'];
    const pretrained = await refract([
      'pretrain',
      '--text',
      text,
      '--out',
      at('pretrained'),
      '--base',
      NAME,
      ...short,
    ]);
    expect(pretrained.code, pretrained.err).toBe(0);
    expect(JSON.parse(pretrained.out).base.name).toBe(NAME);
    const missing = await refract(['train-reader', '--base', 'test-org/nowhere', '--out', at('never')]);
    expect([missing.code, existsSync(at('never'))]).toEqual([1, false]);
    expect(missing.err).toContain('[MODEL_NOT_FOUND]');
  });

  it('refuses a model without usable weights, and a place that is taken, before anything large comes', async () => {
    const { 'model.safetensors': _, 'onnx/model.onnx': __, ...pickled } = bertFiles();
    server.publish('test-org/pickled', pickled);
    const refused = await refract(teaching('never', 'test-org/pickled'));
    expect(refused.err).toContain('[CHECKPOINT_INCOMPLETE]');
    expect(refused.err).toContain('python -c "');
    folder.write('taken/file', 'x');
    server.asked.length = 0;
    expect((await refract(teaching('taken', NAME))).err).toContain('[OUTPUT_EXISTS]');
    expect(server.asked).toEqual([]);
  });
});
