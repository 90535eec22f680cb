/** Servers that mislead and disks that fill up while a model is fetched: what is said, and what is left. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { bertFiles, hubOf, hubServer } from '../../../test/hub-models.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { PartFile } from '../../data/transfer/part-file.ts';
import { fetchHubModel } from './fetch-model.ts';

const server = hubServer();
const folder = temporaryFolder();
let caches = 0;
const freshCache = () => join(folder.path, `cache-${++caches}`);
const MODEL = { name: 'test-org/small-bert', revision: 'main' };
const WEIGHTS = Buffer.from(bertFiles()['model.safetensors']);
const quick = { retries: 2, retryDelay: 1 };
const filesBelow = (place: string) =>
  existsSync(place)
    ? readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) =>
        lstatSync(join(place, path)).isFile(),
      )
    : [];

it('a circle of redirects ends at once, and says so', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onHub = (request, response) => {
    response.writeHead(302, { location: `${server.url}${request.url}` }).end();
    return true;
  };
  const hub = hubOf(server, freshCache());
  const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub }));
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.what).toContain('redirects more than 20 times');
  expect(error.hint).toContain('HF_ENDPOINT');
  // One try: its first request and 20 redirects.
  expect(server.asked.length).toBe(21);
});

it('a circle between the hub and its CDN ends the download of that file, and the others are kept', async () => {
  server.publish(MODEL.name, bertFiles());
  server.onCdn = (_, response) => {
    response.writeHead(302, { location: `${server.url}/${MODEL.name}/resolve/main/model.safetensors` }).end();
    return true;
  };
  const cache = freshCache();
  const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub: hubOf(server, cache) }));
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.what).toContain('redirects more than 20 times');
  expect(error.hint).toContain('the same command goes on');
  server.onCdn = () => false;
  const { files } = await fetchHubModel(MODEL, { ...quick, hub: hubOf(server, cache) });
  expect(files.filter(({ downloaded }) => downloaded > 0).map(({ path }) => path)).toEqual([
    'model.safetensors',
  ]);
});

it('a redirect to a file of this machine is not followed', async () => {
  server.publish(MODEL.name, bertFiles());
  const secret = folder.write('secret', 'siri');
  server.onCdn = (_, response) => {
    response.writeHead(302, { location: `file://${secret}` }).end();
    return true;
  };
  const cache = freshCache();
  const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub: hubOf(server, cache) }));
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.what).toContain('not http or https');
  expect(server.asked.filter(({ host }) => host === 'cdn')).toHaveLength(1);
  for (const path of filesBelow(cache)) expect(readFileSync(join(cache, path), 'utf8')).not.toBe('siri');
});

it.each([
  '../evil',
  'onnx/../../evil',
  '/etc/evil',
  '..\\..\\evil',
  'C:evil',
  'config.json/../../../evil',
  './evil',
  'a//evil',
  'evil\0.json',
  '..',
  '',
])('a listing with the name %j writes nothing', async (path) => {
  server.publish(MODEL.name, bertFiles());
  server.onHub = (request, response) => {
    if (!request.url?.includes('/tree/')) return false;
    response.end(JSON.stringify([{ type: 'file', path, size: 1, oid: '0'.repeat(40) }]));
    return true;
  };
  const cache = freshCache();
  const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub: hubOf(server, cache) }));
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.what).toContain(JSON.stringify(path));
  expect(filesBelow(cache)).toEqual([]);
  expect(existsSync(join(folder.path, 'evil'))).toBe(false);
});

it('hashes and commits that are none of their kind never become names of files', async () => {
  server.publish(MODEL.name, bertFiles());
  for (const [part, body] of [
    ['/revision/', { sha: '../../../../evil' }],
    ['/tree/', [{ type: 'file', path: 'config.json', size: 1, oid: '../../evil' }]],
    ['/tree/', [{ type: 'file', path: 'model.safetensors', size: 1, lfs: { oid: '../../evil', size: 1 } }]],
  ] as const) {
    server.onHub = (request, response) => {
      if (!request.url?.includes(part)) return false;
      response.end(JSON.stringify(body));
      return true;
    };
    const cache = freshCache();
    const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub: hubOf(server, cache) }));
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(filesBelow(cache)).toEqual([]);
  }
});

it.skipIf(!existsSync('/dev/full'))(
  'a disk that fills up meanwhile is told, and the same command goes on when there is space',
  async () => {
    server.publish(MODEL.name, bertFiles());
    const cache = freshCache();
    const hub = hubOf(server, cache);
    server.onCdn = (_, response) => {
      response.writeHead(200, { 'content-length': WEIGHTS.length, etag: '"v"' });
      response.write(WEIGHTS.subarray(0, 5000), () =>
        setTimeout(() => response.end(WEIGHTS.subarray(5000)), 100),
      );
      return true;
    };
    // The second piece meets the operating system's own ENOSPC.
    const { append } = PartFile.prototype;
    const spy = vi.spyOn(PartFile.prototype, 'append').mockImplementation(function (this: PartFile, chunk) {
      if (this.size >= 5000) writeFileSync('/dev/full', chunk);
      return append.call(this, chunk);
    });
    const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub })).finally(() =>
      spy.mockRestore(),
    );
    expect(error).toMatchObject({ code: 'DISK_FULL' });
    expect(error.message).toContain('ENOSPC');
    expect(error.hint).toContain('HF_HUB_CACHE');
    expect(server.asked.filter(({ host }) => host === 'cdn')).toHaveLength(1);
    server.onCdn = () => false;
    const { files } = await fetchHubModel(MODEL, { ...quick, hub });
    const fresh = files.filter(({ downloaded }) => downloaded > 0);
    expect(fresh).toMatchObject([
      { path: 'model.safetensors', resumedFrom: 5000, downloaded: WEIGHTS.length - 5000 },
    ]);
  },
);

it('a cache with a file where a folder belongs is told', async () => {
  server.publish(MODEL.name, bertFiles());
  const cache = freshCache();
  mkdirSync(join(cache, 'models--test-org--small-bert'), { recursive: true });
  writeFileSync(join(cache, 'models--test-org--small-bert/snapshots'), 'in the way');
  const hub = hubOf(server, cache);
  const error = await refusal(() => fetchHubModel(MODEL, { ...quick, hub }));
  expect(error).toMatchObject({ code: 'DISK_FULL' });
  expect(error.hint).toContain('HF_HUB_CACHE');
});
