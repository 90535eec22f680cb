/** Every way in which fetching a model fails: what is said, what is kept, and that weights are not asked for in vain. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bertFiles, hubOf, hubServer } from '../../../test/hub-models.ts';
import { sendFile, TOKEN } from '../../../test/hub-server.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { fetchHubModel } from './fetch-model.ts';
import type { HubSettings } from './hub-settings.ts';

const server = hubServer();
const folder = temporaryFolder();
let caches = 0;
const freshCache = () => join(folder.path, `cache-${++caches}`);
const MODEL = { name: 'test-org/small-bert', revision: 'main' };
const WEIGHTS = Buffer.from(bertFiles()['model.safetensors']);
const quick = { retries: 2, retryDelay: 1 };

/** The error of fetching `name`, and the blobs that it leaves. */
async function failure(name: string, more: Partial<HubSettings> = {}, control = {}) {
  const hub = hubOf(server, freshCache(), more);
  const [model, revision = 'main'] = name.split('@');
  const error = await refusal(() => fetchHubModel({ name: model, revision }, { ...quick, ...control, hub }));
  const blobs = join(hub.cache, `models--${model.replace('/', '--')}/blobs`);
  let left: string[] = [];
  try {
    left = readdirSync(blobs);
  } catch {
    // nothing was begun
  }
  return { error, left, cdn: server.asked.filter(({ host }) => host === 'cdn') };
}

it.each<[string, string, Partial<HubSettings>, string, string[]]>([
  [
    'a misspelt name',
    'test-org/smal-bert',
    {},
    'MODEL_NOT_FOUND',
    ['"test-org/smal-bert"', 'spelling', 'HF_TOKEN'],
  ],
  [
    'the same with a token',
    'test-org/smal-bert',
    { token: TOKEN },
    'MODEL_NOT_FOUND',
    ['your token may read'],
  ],
  ['a private model', 'test-org/private', {}, 'MODEL_NOT_FOUND', ['private', 'HF_TOKEN']],
  ['a revision', 'test-org/small-bert@v9', {}, 'MODEL_NOT_FOUND', ['no revision "v9"', '/tree/main']],
  ['a gated model', 'test-org/gated', {}, 'MODEL_GATED', ['/test-org/gated', 'HF_TOKEN']],
  [
    'a gated model with a token',
    'test-org/gated',
    { token: TOKEN },
    'MODEL_GATED',
    ['account of your token'],
  ],
  ['an old token', 'test-org/small-bert', { token: 'hf_old' }, 'DOWNLOAD_FAILED', ['your token', 'unset it']],
])('refuses %s', async (_, name, more, code, said) => {
  server.publish(MODEL.name, bertFiles());
  server.publish('test-org/private', bertFiles(), { access: 'private' });
  server.publish('test-org/gated', bertFiles(), { access: 'gated' });
  const { error, left, cdn } = await failure(name, more);
  expect(error.code).toBe(code);
  for (const part of said) expect(error.message).toContain(part);
  expect(error.message).not.toMatch(/hf_secret|hf_old/);
  expect([left, cdn]).toEqual([[], []]);
});

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(bertFiles()).filter(([name]) => !names.includes(name)));

it.each<[string, Record<string, string | Uint8Array>, string, string[]]>([
  [
    'pickled weights alone',
    without('model.safetensors', 'onnx/model.onnx'),
    'CHECKPOINT_INCOMPLETE',
    ['pytorch_model.bin', 'python -c "', 'weights_only=True', './refused'],
  ],
  [
    'no weights',
    without('model.safetensors', 'onnx/model.onnx', 'pytorch_model.bin'),
    'CHECKPOINT_INCOMPLETE',
    ['neither model.safetensors nor'],
  ],
  [
    'no tokenizer.json',
    without('tokenizer.json'),
    'CHECKPOINT_INCOMPLETE',
    ['no tokenizer.json', 'AutoTokenizer'],
  ],
  ['no config.json', without('config.json'), 'CHECKPOINT_INCOMPLETE', ['no config.json']],
  [
    'another architecture without an ONNX model',
    { ...without('onnx/model.onnx'), 'config.json': '{"model_type": "mamba"}' },
    'CHECKPOINT_FORMAT',
    ['"mamba"'],
  ],
  [
    'a configuration that is no JSON',
    bertFiles({ 'config.json': '<html>' }),
    'CHECKPOINT_FORMAT',
    ['config.json'],
  ],
  [
    'a pickled projection',
    bertFiles({ 'modules.json': '[{"path": ""}, {"path": "1_Dense"}]', '1_Dense/pytorch_model.bin': 'x' }),
    'CHECKPOINT_INCOMPLETE',
    ['1_Dense/pytorch_model.bin'],
  ],
  [
    'modules that are none',
    bertFiles({ 'modules.json': '{"path": 1}' }),
    'CHECKPOINT_FORMAT',
    ['modules.json'],
  ],
  [
    'modules in a folder whose name would run in a shell',
    {
      ...Object.fromEntries(
        Object.entries(without('tokenizer.json')).map(([name, content]) => [`a$(id)/${name}`, content]),
      ),
      'modules.json': '[{"path": "a$(id)"}]',
    },
    'CHECKPOINT_FORMAT',
    ['modules.json'],
  ],
  [
    'shards that are not there',
    { ...without('model.safetensors'), 'model.safetensors.index.json': '{"weight_map": {"a": "../../x"}}' },
    'CHECKPOINT_INCOMPLETE',
    ['../../x, which is not there'],
  ],
])('refuses %s before any weights come', async (_, files, code, said) => {
  const commit = server.publish('test-org/refused', files);
  const { error, cdn } = await failure(`test-org/refused@${commit}`);
  expect(error.code).toBe(code);
  for (const part of said) expect(error.message).toContain(part);
  expect(cdn).toEqual([]);
});

it('waits as long as a busy server asks, and gives up when that is too long', async () => {
  server.publish(MODEL.name, bertFiles());
  let busy = 1;
  server.onHub = (_, response) => {
    if (busy-- <= 0) return false;
    response.writeHead(429, { 'retry-after': '1' }).end();
    return true;
  };
  const start = performance.now();
  await fetchHubModel(MODEL, { ...quick, hub: hubOf(server, freshCache()) });
  expect(performance.now() - start).toBeGreaterThan(1000);
  server.asked.length = 0;
  server.onHub = (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end() !== undefined;
  const { error } = await failure(MODEL.name);
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.what).toContain('429');
  expect(server.asked).toHaveLength(1);
});

it('gives up on a server that never answers, or stops in the middle, and keeps what came', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onHub = () => true;
  const silent = await failure(MODEL.name, {}, { patience: 50, retries: 1 });
  expect(silent.error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(silent.error.what).toContain('silent for 0.05 s');
  expect(server.asked).toHaveLength(2);

  server.onHub = () => false;
  server.onCdn = (_, response) => {
    response.writeHead(200, { 'content-length': WEIGHTS.length, etag: '"v"' });
    response.write(WEIGHTS.subarray(0, 7000));
    return true;
  };
  const stuck = await failure(MODEL.name, {}, { patience: 400, retries: 0 });
  expect(stuck.error.hint).toBe(
    `7000 of ${WEIGHTS.length} bytes are kept in the cache; the same command goes on from there.`,
  );
  expect(stuck.left.filter((name) => name.endsWith('.part'))).toHaveLength(1);
});

it('tries again a few times when the connection breaks, then says that the same command goes on', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onCdn = (request, response) => {
    sendFile(request, response, WEIGHTS, '"v"', 500);
    return true;
  };
  const { error, cdn } = await failure(MODEL.name);
  expect(cdn.map(({ range }) => range)).toEqual([undefined, 'bytes=500-', 'bytes=1000-']);
  expect(error.code).toBe('DOWNLOAD_FAILED');
  expect(error.hint).toMatch(/^1500 of \d+ bytes are kept/);
});

it.each([
  ['wrong bytes', Buffer.from(WEIGHTS).fill(1, 100, 200), 'has the SHA-256'],
  ['too few bytes', WEIGHTS.subarray(0, 100), 'has 100 bytes where'],
  ['too many bytes', Buffer.concat([WEIGHTS, WEIGHTS]), 'bytes where'],
])('removes a file of %s, and names its address', async (_, sent, said) => {
  const commit = server.publish(MODEL.name, bertFiles());
  server.onCdn = (request, response) => {
    sendFile(request, response, sent, '"v"');
    return true;
  };
  const { error, left } = await failure(MODEL.name);
  expect(error).toMatchObject({
    code: 'CHECKSUM_MISMATCH',
    at: `${server.url}/test-org/small-bert/resolve/${commit}/model.safetensors`,
  });
  expect(error.what).toContain(said);
  expect(left.every((name) => /^[0-9a-f]{40}$/.test(name))).toBe(true);
});

it('refuses wrong bytes of a small file by its Git hash', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onHub = (request, response) => {
    if (!request.url?.endsWith('tokenizer.json')) return false;
    response.end(Buffer.alloc(Buffer.from(bertFiles()['tokenizer.json']).length, 32));
    return true;
  };
  const { error, cdn } = await failure(MODEL.name);
  expect(error.what).toMatch(/^tokenizer\.json has the Git SHA-1 [0-9a-f]{40} where/);
  expect(cdn).toEqual([]);
});

it.each<[string, (url: string) => unknown, string]>([
  ['a page to log in', () => '<html>', 'no listing of a model'],
  [
    'a file that leaves its folder',
    (url) => url.includes('/tree/') && [{ type: 'file', path: '../../evil', size: 1, oid: '0'.repeat(40) }],
    '../../evil',
  ],
  [
    'a file without a hash',
    (url) => url.includes('/tree/') && [{ type: 'file', path: 'config.json', size: 1 }],
    'no hash of config.json',
  ],
])('refuses %s in the place of a listing', async (_, answer, said) => {
  server.publish(MODEL.name, bertFiles());
  server.onHub = (request, response) => {
    const body = answer(request.url ?? '');
    if (body === false) return false;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
    return true;
  };
  const { error, left } = await failure(MODEL.name);
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.message).toContain(said);
  expect(left).toEqual([]);
});

it('refuses what does not fit on the disk before it comes, and a cache that cannot be written', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onHub = (request, response) => {
    if (!request.url?.includes('/tree/')) return false;
    const entry = (path: string, size: number) => ({
      ...{ type: 'file', path, size, oid: '0'.repeat(40) },
      ...(size > 1 && { lfs: { oid: '0'.repeat(64), size } }),
    });
    const files = [entry('config.json', 1), entry('tokenizer.json', 1), entry('model.safetensors', 2 ** 52)];
    response.end(JSON.stringify(files));
    return true;
  };
  const { error, cdn } = await failure(MODEL.name);
  expect(error).toMatchObject({ code: 'DISK_FULL' });
  expect(error.message).toContain('HF_HUB_CACHE');
  expect(cdn).toEqual([]);

  server.onHub = () => false;
  const blocked = folder.write('a-file', 'x');
  const hub = hubOf(server, join(blocked, 'cache'));
  const unwritable = await refusal(() => fetchHubModel(MODEL, { ...quick, hub }));
  expect(unwritable).toMatchObject({ code: 'DISK_FULL' });
  expect(unwritable.hint).toContain('HF_HUB_CACHE');
});
