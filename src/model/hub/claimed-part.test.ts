/** Who may write to a part: nobody twice, and the next one where a process has died. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { arrivedOf, claimPart } from './claimed-part.ts';

const folder = temporaryFolder();
let blobs = 0;
const freshBlob = () => join(folder.path, `case-${++blobs}`, 'f'.repeat(64));
/** The number of a process that has ended. */
const dead = () => spawnSync(process.execPath, ['--version']).pid;
const around = (blob: string) => readdirSync(join(blob, '..')).sort();

it('leaves what has arrived to the next one', async () => {
  const blob = freshBlob();
  const first = await claimPart(blob);
  writeFileSync(first!.path, '12345');
  writeFileSync(`${first!.path}.source`, 'a note');
  first!.release();
  expect(around(blob)).toEqual([`${'f'.repeat(64)}.part`, `${'f'.repeat(64)}.part.source`]);
  expect(arrivedOf(blob)).toBe(5);
  const second = await claimPart(blob);
  expect(readFileSync(second!.path, 'utf8')).toBe('12345');
  expect(readFileSync(`${second!.path}.source`, 'utf8')).toBe('a note');
  expect(around(blob)).toHaveLength(2);
  second!.release();
});

it('waits for who holds it, and for the blob', async () => {
  const blob = freshBlob();
  const first = await claimPart(blob);
  let waiting = 0;
  const second = claimPart(blob, { waiting: () => waiting++ });
  await sleep(50);
  expect(waiting).toBe(1);
  writeFileSync(first!.path, 'whole');
  renameSync(first!.path, blob);
  first!.release();
  expect(await second).toBeUndefined();
  expect(around(blob)).toEqual(['f'.repeat(64)]);

  const other = freshBlob();
  const held = await claimPart(other);
  const stop = new AbortController();
  const stopped = claimPart(other, { signal: stop.signal });
  stop.abort();
  await expect(stopped).rejects.toThrow();
  held!.release();
  expect(around(other)).toEqual([]);
});

it('takes over the largest part of processes that have died, and removes the others', async () => {
  const blob = freshBlob();
  const mine = await claimPart(blob);
  const host = /\.([0-9a-f]{8})-\d+-\d+\.part$/.exec(mine!.path)?.[1];
  mine!.release();
  const left = (owner: string, content: string) => {
    writeFileSync(`${blob}.${owner}.part`, content);
    writeFileSync(`${blob}.${owner}.part.source`, content);
  };
  left(`${host}-${dead()}-1`, 'long');
  left(`${host}-${dead()}-2`, 'long enough');
  const taken = await claimPart(blob);
  expect(readFileSync(taken!.path, 'utf8')).toBe('long enough');
  expect(around(blob)).toHaveLength(2);
  taken!.release();
});

it('leaves alone what another machine writes to, until it is silent for long', async () => {
  const blob = freshBlob();
  (await claimPart(blob))!.release();
  const foreign = `${blob}.00000000-1-1.part`;
  writeFileSync(foreign, 'elsewhere');
  const stop = new AbortController();
  const waiting = claimPart(blob, { signal: stop.signal });
  await sleep(20);
  stop.abort();
  await expect(waiting).rejects.toThrow();
  const long = new Date(Date.now() - 3_600_000);
  utimesSync(foreign, long, long);
  const taken = await claimPart(blob);
  expect([readFileSync(taken!.path, 'utf8'), existsSync(foreign)]).toEqual(['elsewhere', false]);
  taken!.release();
});
