/** Fetching models from a hub within the test: what comes, into which layout, resumed, changed, offline. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bertFiles, hubOf, hubServer } from '../../../test/hub-models.ts';
import { sendFile, TOKEN } from '../../../test/hub-server.ts';
import { GOLDEN_FILES, GOLDEN_MODEL } from '../../../test/oracles/hub-cache-files.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { readCheckpoint } from '../checkpoint.ts';
import { cachedModels } from './cached-models.ts';
import { fetchHubModel, fetchModel } from './fetch-model.ts';

const server = hubServer();
const folder = temporaryFolder();
let caches = 0;
const freshCache = () => join(folder.path, `cache-${++caches}`);
const MODEL = { name: 'test-org/small-bert', revision: 'main' };
const WEIGHTS = Buffer.from(bertFiles()['model.safetensors']);
const quick = { retryDelay: 1 };
const blobs = (cache: string) => readdirSync(join(cache, 'models--test-org--small-bert/blobs'));

it('fetches what an encoder needs and nothing else, verifies it, and links it as the tools of the hub do', async () => {
  const commit = server.publish(MODEL.name, bertFiles());
  const cache = freshCache();
  const hub = hubOf(server, cache);
  const fetched = await fetchHubModel(MODEL, { ...quick, hub });
  expect(fetched).toMatchObject({ ...MODEL, commit });
  expect(fetched.folder).toBe(join(cache, 'models--test-org--small-bert/snapshots', commit));
  expect(fetched.files.map(({ path, verified }) => `${path} ${verified}`).sort()).toEqual([
    'config.json gitSha1',
    'model.safetensors sha256',
    'special_tokens_map.json gitSha1',
    'tokenizer.json gitSha1',
    'tokenizer_config.json gitSha1',
  ]);
  expect(readdirSync(fetched.folder).sort()).toEqual(fetched.files.map(({ path }) => path).sort());
  const link = readlinkSync(join(fetched.folder, 'model.safetensors'));
  expect(link).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
  expect(readFileSync(join(cache, 'models--test-org--small-bert/refs/main'), 'utf8')).toBe(commit);
  expect(readCheckpoint(fetched.folder, { allowBase: true }).config.hiddenSize).toBeGreaterThan(0);
  expect(blobs(cache).filter((name) => name.includes('.'))).toEqual([]);

  // Once more: the hub is asked for the commit alone.
  server.asked.length = 0;
  const again = await fetchHubModel(MODEL, { ...quick, hub });
  expect(again.files.every(({ downloaded }) => downloaded === 0)).toBe(true);
  expect(server.asked.map(({ path }) => path)).toEqual([`/api/models/${MODEL.name}/revision/main`]);
  // A commit stands for the same files for ever.
  server.asked.length = 0;
  await fetchHubModel({ ...MODEL, revision: commit }, { ...quick, hub });
  expect(server.asked).toEqual([]);
});

it('goes on after cuts in the CDN, from where it was', async () => {
  server.publish(MODEL.name, bertFiles());
  const cuts = [1000, 2000];
  server.onCdn = (request, response) => {
    const stop = cuts.shift();
    if (stop !== undefined) sendFile(request, response, WEIGHTS, '"v"', stop);
    else sendFile(request, response, WEIGHTS, '"v"');
    return true;
  };
  await fetchHubModel(MODEL, { ...quick, hub: hubOf(server, freshCache()) });
  const ranges = server.asked.filter(({ host }) => host === 'cdn');
  expect(ranges.map(({ range }) => range)).toEqual([undefined, 'bytes=1000-', 'bytes=3000-']);
  expect(ranges[2].ifRange).toBe('"v"');
});

it('goes on in the next call after an abort', async () => {
  server.publish(MODEL.name, bertFiles());
  const cache = freshCache();
  const stop = new AbortController();
  server.onCdn = (_, response) => {
    response.writeHead(200, { 'content-length': WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, 5000), () => setTimeout(() => stop.abort(), 50));
    return true;
  };
  const hub = hubOf(server, cache);
  const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub, signal: stop.signal }));
  expect(error.code).toBe('INTERRUPTED');
  expect(error.hint).toContain('goes on from there');
  expect(blobs(cache).filter((name) => name.endsWith('.part'))).toHaveLength(1);
  expect(await cachedModels(cache)).toMatchObject({ unfinished: [{ name: MODEL.name, bytes: 5000 }] });
  server.onCdn = () => false;
  const { files } = await fetchHubModel(MODEL, { ...quick, hub });
  const weights = files.find(({ path }) => path === 'model.safetensors');
  expect(weights).toMatchObject({ resumedFrom: 5000, downloaded: WEIGHTS.length - 5000 });
  expect((await cachedModels(cache)).unfinished).toEqual([]);
});

it('begins again when the server continues another version, and when a resumed part turns out wrong', async () => {
  server.publish(MODEL.name, bertFiles());
  let asked = 0;
  server.onCdn = (request, response) => {
    // A server that knows Range but not If-Range, and has another version by the second request.
    delete request.headers['if-range'];
    sendFile(request, response, WEIGHTS, `"v${Math.min(++asked, 2)}"`, asked === 1 ? 1000 : undefined);
    return true;
  };
  await fetchHubModel(MODEL, { ...quick, hub: hubOf(server, freshCache()) });
  const ranges = () => server.asked.filter(({ host }) => host === 'cdn').map(({ range }) => range);
  expect(ranges()).toEqual([undefined, 'bytes=1000-', undefined]);

  server.asked.length = 0;
  const cache = freshCache();
  const sum = readlinkSync(
    join((await fetchHubModel(MODEL, { hub: hubOf(server, cache) })).folder, 'model.safetensors'),
  )
    .split('/')
    .at(-1);
  const other = freshCache();
  const part = join(other, 'models--test-org--small-bert/blobs', `${sum}.part`);
  mkdirSync(join(part, '..'), { recursive: true });
  writeFileSync(part, Buffer.alloc(3000));
  writeFileSync(`${part}.source`, `${sum}\n\n`);
  server.onCdn = () => false;
  server.asked.length = 0;
  await fetchHubModel(MODEL, { ...quick, hub: hubOf(server, other) });
  expect(ranges()).toEqual(['bytes=3000-', undefined]);
});

it('does not change silently: another commit is told, and the earlier one can be had', async () => {
  const cache = freshCache();
  const hub = hubOf(server, cache);
  const first = server.publish(MODEL.name, bertFiles());
  await fetchHubModel(MODEL, { ...quick, hub });
  const config = readFileSync('test/fixtures/base/config.json', 'utf8');
  const second = server.publish(MODEL.name, bertFiles({ 'config.json': `${config}\n` }));
  const notes: string[] = [];
  const changed = await fetchHubModel(MODEL, { ...quick, hub, note: (text) => notes.push(text) });
  expect(changed).toMatchObject({ commit: second, before: first });
  expect(notes.join()).toContain(`${MODEL.name}@${first}`);
  // The weights are the same blob and come no second time.
  expect(changed.files.filter(({ downloaded }) => downloaded > 0).map(({ path }) => path)).toEqual([
    'config.json',
  ]);
  const earlier = await fetchHubModel({ ...MODEL, revision: first }, { ...quick, hub });
  expect(readFileSync(join(earlier.folder, 'config.json'), 'utf8')).toBe(config);
});

it('reads pages of a listing, shards, modules and readings', async () => {
  const { 'model.safetensors': weights, ...rest } = bertFiles();
  const files = {
    ...rest,
    'model.safetensors.index.json': JSON.stringify({
      weight_map: { a: 'model-1-of-2.safetensors', b: 'model-2-of-2.safetensors' },
    }),
    'model-1-of-2.safetensors': weights,
    'model-2-of-2.safetensors': 'other weights',
    'modules.json': JSON.stringify([
      { idx: 0, path: '' },
      { idx: 1, path: '1_Dense' },
    ]),
    '1_Dense/config.json': '{"in_features": 8}',
    '1_Dense/model.safetensors': 'dense',
    '2_Other/model.safetensors': 'not named',
    'artifact.metadata': '{}',
  };
  server.publish('test-org/modules', files, { revision: 'refs/pr/1' });
  server.pageSize = 3;
  const hub = hubOf(server, freshCache());
  const fetched = await fetchHubModel({ name: 'test-org/modules', revision: 'refs/pr/1' }, { ...quick, hub });
  expect(fetched.files.map(({ path }) => path).sort()).toEqual([
    '1_Dense/config.json',
    '1_Dense/model.safetensors',
    'artifact.metadata',
    'config.json',
    'model-1-of-2.safetensors',
    'model-2-of-2.safetensors',
    'model.safetensors.index.json',
    'modules.json',
    'special_tokens_map.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  expect(readFileSync(join(fetched.folder, '1_Dense/model.safetensors'), 'utf8')).toBe('dense');
  expect(readFileSync(join(hub.cache, 'models--test-org--modules/refs/refs/pr/1'), 'utf8')).toBe(
    fetched.commit,
  );
});

it('uses the cache alone when offline, and when the hub does not answer', async () => {
  server.publish(MODEL.name, bertFiles());
  const hub = hubOf(server, freshCache());
  const { commit } = await fetchHubModel(MODEL, { ...quick, hub });
  server.asked.length = 0;
  const offline = await fetchHubModel(MODEL, { hub: { ...hub, offline: true } });
  expect(offline).toMatchObject({ commit });
  expect(offline.files.map(({ verified }) => verified)).toContain('sha256');
  expect(server.asked).toEqual([]);

  const notes: string[] = [];
  const away = { ...hub, endpoint: 'http://127.0.0.1:1' };
  const found = await fetchHubModel(MODEL, {
    retries: 1,
    retryDelay: 1,
    hub: away,
    note: (text) => notes.push(text),
  });
  expect(found.commit).toBe(commit);
  expect(notes.join()).toContain(`at commit ${commit}, which is used`);
});

it('says what the cache lacks, and finds damage', async () => {
  server.publish(MODEL.name, bertFiles());
  const hub = hubOf(server, freshCache());
  const offline = { hub: { ...hub, offline: true } };
  const nothing = await refusal(() => fetchHubModel(MODEL, offline));
  expect(nothing.code).toBe('DOWNLOAD_FAILED');
  expect(nothing.hint).toContain('refract models get test-org/small-bert');
  const { folder: place } = await fetchHubModel(MODEL, { hub });
  const weights = join(place, 'model.safetensors');
  writeFileSync(weights, Buffer.concat([WEIGHTS.subarray(1), Buffer.from('x')]));
  const damaged = await refusal(() => fetchHubModel(MODEL, offline));
  expect(damaged).toMatchObject({ code: 'CHECKSUM_MISMATCH', at: weights });
  // With a network it is mended.
  const notes: string[] = [];
  await fetchHubModel(MODEL, { hub, note: (text) => notes.push(text) });
  expect(notes.join()).toContain('downloaded again');
  expect(readFileSync(weights).equals(WEIGHTS)).toBe(true);
});

it('finds what another tool has put into the cache, as links or as copies', async () => {
  server.publish(MODEL.name, bertFiles());
  const hub = hubOf(server, freshCache());
  const { folder: place } = await fetchHubModel(MODEL, { hub });
  const copied = freshCache();
  const source = join(hub.cache, 'models--test-org--small-bert');
  for (const [name, dereference] of [
    ['links', false],
    ['copies', true],
  ] as const) {
    const target = join(copied, name, 'models--test-org--small-bert');
    for (const part of ['refs', 'snapshots', ...(dereference ? [] : ['blobs'])])
      cpSync(join(source, part), join(target, part), {
        recursive: true,
        dereference,
        verbatimSymlinks: !dereference,
      });
    const notes: string[] = [];
    const found = await fetchHubModel(MODEL, {
      hub: { ...hub, cache: join(copied, name), offline: true },
      note: (text) => notes.push(text),
    });
    expect(found.files.map(({ path }) => path).sort()).toEqual(readdirSync(place).sort());
    expect(found.files.map(({ verified }) => verified)).toContain(dereference ? 'nothing' : 'sha256');
    expect(notes.join()).toContain('by another tool');
    expect(lstatSync(join(found.folder, 'config.json')).isSymbolicLink()).toBe(!dereference);
    expect((await cachedModels(join(copied, name))).models).toMatchObject([
      { name: MODEL.name, revisions: ['main'] },
    ]);
  }
});

it('sends the token to the hub and not to the CDN, and gets private models with it', async () => {
  server.publish('test-org/private', bertFiles(), { access: 'private' });
  const model = { name: 'test-org/private', revision: 'main' };
  await fetchHubModel(model, { hub: hubOf(server, freshCache(), { token: TOKEN }) });
  const sent = (host: string) =>
    new Set(server.asked.filter((each) => each.host === host).map(({ authorization }) => authorization));
  expect([...sent('hub')]).toEqual([`Bearer ${TOKEN}`]);
  expect([...sent('cdn')]).toEqual([undefined]);
});

it('two fetches at once download each file once', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onCdn = (request, response) => {
    setTimeout(() => sendFile(request, response, WEIGHTS, '"v"'), 400);
    return true;
  };
  const hub = hubOf(server, freshCache());
  const both = await Promise.all([fetchHubModel(MODEL, { hub }), fetchHubModel(MODEL, { hub })]);
  expect(server.asked.filter(({ host }) => host === 'cdn')).toHaveLength(1);
  for (const { folder: place } of both)
    expect(readFileSync(join(place, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
});

it('gives a folder back as it is', async () => {
  const place = join(folder.path, 'here');
  mkdirSync(place);
  expect(await fetchModel(place)).toEqual({ folder: place });
  expect(await fetchModel('test/fixtures')).toEqual({ folder: 'test/fixtures' });
  for (const name of ['nowhere', './nowhere/else', 'a/b/c'])
    expect((await refusal(() => fetchModel(name))).code).toBe('FILE_MISSING');
  expect(existsSync('nowhere')).toBe(false);
});

it('leaves the cache as huggingface_hub leaves it', async () => {
  // test/oracles/hub-cache.py
  const golden: { commit: string; entries: Record<string, { text?: string; link?: string }> } = JSON.parse(
    readFileSync('test/fixtures/hub-cache/golden.json', 'utf8'),
  );
  expect(server.publish(GOLDEN_MODEL, GOLDEN_FILES)).toBe(golden.commit);
  const hub = hubOf(server, freshCache());
  await fetchHubModel({ name: GOLDEN_MODEL, revision: 'main' }, { ...quick, hub });
  const place = join(hub.cache, 'models--test-org--golden');
  const entries = readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(join(place, path)).isDirectory())
    .map((path) => [
      path,
      lstatSync(join(place, path)).isSymbolicLink()
        ? { link: readlinkSync(join(place, path)) }
        : { text: readFileSync(join(place, path), 'utf8') },
    ]);
  expect(Object.fromEntries(entries)).toEqual(golden.entries);
});
