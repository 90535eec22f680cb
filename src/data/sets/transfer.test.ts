/** Downloads against a server within the test: resuming, verifying, and every way of failing. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import type { TransferControl } from '../transfer/retry.ts';
import { downloadFile } from './transfer.ts';

const CONTENT = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) % 251));
const MD5 = createHash('md5').update(CONTENT).digest('hex');
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const quick: TransferControl = { retryDelay: 1 };
const folder = temporaryFolder();

/** How the server answers; set by each test. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: (string | undefined)[] = [];
let root = '';
const server = createServer((request, response) => {
  asked.push(request.headers.range);
  answer(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

const fromOf = ({ headers }: IncomingMessage) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);

/** Serves ranges; the connection breaks after `breaks.shift()` bytes of an answer, while there are any. */
function ranges(breaks: number[] = [], etag = '"v1"') {
  return (request: IncomingMessage, response: ServerResponse) => {
    const sameVersion = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const from = sameVersion ? fromOf(request) : 0;
    if (from >= CONTENT.length) {
      response.writeHead(416, { 'content-range': `bytes */${CONTENT.length}` }).end();
      return;
    }
    const body = CONTENT.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': body.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` }),
    });
    const stop = breaks.shift();
    if (stop === undefined) response.end(body);
    else response.write(body.subarray(0, stop), () => setTimeout(() => response.destroy(), 20));
  };
}

const place = (name: string) => join(folder.path, name);
const file = (name: string, more: { bytes?: number; md5?: string; sha256?: string } = {}) => ({
  url: `${root}/${name}`,
  path: name,
  ...more,
});

it('downloads, verifies, renames, and finds it there the next time', async () => {
  answer = ranges();
  const wanted = file('a/whole.bin', { bytes: CONTENT.length, md5: MD5 });
  expect(await downloadFile(wanted, folder.path, quick)).toEqual({
    path: place('a/whole.bin'),
    bytes: CONTENT.length,
    resumedFrom: 0,
    wasThere: false,
    verified: 'md5',
  });
  expect(readFileSync(place('a/whole.bin')).equals(CONTENT)).toBe(true);
  expect([existsSync(place('a/whole.bin.part')), existsSync(place('a/whole.bin.part.source'))]).toEqual([
    false,
    false,
  ]);
  expect((await downloadFile(wanted, folder.path, quick)).wasThere).toBe(true);
  expect(asked).toHaveLength(1);
});

it('verifies a SHA-256, and asks for no MD5 beside it', async () => {
  answer = ranges();
  const wanted = file('sha.bin', { bytes: CONTENT.length, sha256: SHA256, md5: '0'.repeat(32) });
  expect((await downloadFile(wanted, folder.path, quick)).verified).toBe('sha256');
  const again = await downloadFile(wanted, folder.path, quick);
  expect([again.wasThere, again.verified]).toEqual([true, 'sha256']);
});

it('goes on after cuts, by itself', async () => {
  answer = ranges([10_000, 15_000]);
  const { bytes } = await downloadFile(file('cut.bin', { md5: MD5 }), folder.path, quick);
  expect(bytes).toBe(CONTENT.length);
  expect(asked).toHaveLength(3);
  expect(asked[0]).toBeUndefined();
  expect(asked.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
});

it('goes on in the next call after an abort, and says where it stands', async () => {
  const stop = new AbortController();
  answer = (_, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 20_000), () => setTimeout(() => stop.abort(), 50));
  };
  const error = await refusal(() =>
    downloadFile(file('abort.bin'), folder.path, { ...quick, signal: stop.signal }),
  );
  expect(error.code).toBe('INTERRUPTED');
  expect(existsSync(place('abort.bin'))).toBe(false);
  answer = ranges();
  const { resumedFrom } = await downloadFile(file('abort.bin', { md5: MD5 }), folder.path, quick);
  expect(resumedFrom).toBeGreaterThan(0);
  expect(asked[1]).toBe(`bytes=${resumedFrom}-`);
});

it('begins again when the server has no Range, or the file has changed', async () => {
  writeFileSync(place('plain.bin.part'), 'something else');
  writeFileSync(place('plain.bin.part.source'), `${root}/plain.bin\n"v1"\n`);
  answer = (_, response) => response.writeHead(200).end(CONTENT);
  await downloadFile(file('plain.bin', { md5: MD5 }), folder.path, quick);
  expect(asked[0]).toBe('bytes=14-');

  writeFileSync(place('changed.bin.part'), 'of an older version');
  writeFileSync(place('changed.bin.part.source'), `${root}/changed.bin\n"v0"\n`);
  answer = ranges([], '"v1"');
  await downloadFile(file('changed.bin', { md5: MD5 }), folder.path, quick);
  expect(readFileSync(place('changed.bin')).equals(CONTENT)).toBe(true);
});

it('ignores a part that is from elsewhere, and takes one that is whole already', async () => {
  writeFileSync(place('elsewhere.bin.part'), 'x');
  answer = ranges();
  await downloadFile(file('elsewhere.bin', { md5: MD5 }), folder.path, quick);
  expect(asked).toEqual([undefined]);

  writeFileSync(place('done.bin.part'), CONTENT);
  writeFileSync(place('done.bin.part.source'), `${root}/done.bin\n"v1"\n`);
  await downloadFile(file('done.bin', { md5: MD5 }), folder.path, quick);
  expect(readFileSync(place('done.bin')).equals(CONTENT)).toBe(true);
});

it.each([
  ['MD5', { md5: '0'.repeat(32) }, `has the MD5 ${MD5} where ${'0'.repeat(32)} was published`],
  ['SHA-256', { sha256: '0'.repeat(64) }, `has the SHA-256 ${SHA256} where ${'0'.repeat(64)} was published`],
  ['size', { bytes: 49_999 }, 'has 50000 bytes where 49999 were published'],
])('removes a download of the wrong %s', async (name, expected, message) => {
  answer = ranges();
  const error = await refusal(() => downloadFile(file(`wrong-${name}.bin`, expected), folder.path, quick));
  expect(error).toMatchObject({ code: 'CHECKSUM_MISMATCH', at: place(`wrong-${name}.bin`) });
  expect(error.message).toContain(message);
  for (const ending of ['', '.part', '.part.source'])
    expect(existsSync(place(`wrong-${name}.bin${ending}`))).toBe(false);
});

it('keeps a file that was there and is wrong, and says so', async () => {
  folder.write('old.bin', 'old');
  const error = await refusal(() => downloadFile(file('old.bin', { bytes: 5 }), folder.path, quick));
  expect(error.code).toBe('CHECKSUM_MISMATCH');
  expect(readFileSync(place('old.bin'), 'utf8')).toBe('old');
  expect(asked).toEqual([]);
});

it('refuses 404 at once, and 503 after its tries', async () => {
  answer = (_, response) => response.writeHead(404).end();
  const missing = await refusal(() => downloadFile(file('none.bin'), folder.path, quick));
  expect(missing.code).toBe('DOWNLOAD_FAILED');
  expect(missing.message).toContain('404');
  expect(asked).toHaveLength(1);
  answer = (_, response) => response.writeHead(503).end();
  const busy = await refusal(() => downloadFile(file('busy.bin'), folder.path, { ...quick, retries: 2 }));
  expect(busy.message).toContain('503');
  expect(asked).toHaveLength(4);
});

it('keeps what has arrived when the connection breaks on every try', async () => {
  answer = ranges([5000, 5000, 5000]);
  const error = await refusal(() => downloadFile(file('breaks.bin'), folder.path, { ...quick, retries: 2 }));
  expect(error.code).toBe('DOWNLOAD_FAILED');
  expect(error.hint).toContain('goes on from there');
  expect(readFileSync(place('breaks.bin.part')).length).toBeGreaterThan(0);
});

it('refuses other protocols, no server, and a place that cannot be written', async () => {
  const ftp = { url: 'ftp://127.0.0.1/a', path: 'a' };
  expect((await refusal(() => downloadFile(ftp, folder.path))).code).toBe('SETTING_INVALID');
  const nobody = { url: 'http://127.0.0.1:1/a', path: 'nobody' };
  const error = await refusal(() => downloadFile(nobody, folder.path, { ...quick, retries: 1 }));
  expect(error.code).toBe('DOWNLOAD_FAILED');
  answer = ranges();
  const blocked = folder.write('a-file', 'x');
  expect((await refusal(() => downloadFile(file('b.bin'), join(blocked, 'c'), quick))).code).toBe(
    'DISK_FULL',
  );
});
