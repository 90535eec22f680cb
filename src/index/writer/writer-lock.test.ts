/** One process at a time holds the lock, also where many take it over from processes that were killed. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { claimOn } from './lock-takeover.ts';
import { lockForWriting } from './writer-lock.ts';

const folder = temporaryFolder();
const SECONDS = 3;
const PROCESSES = 8;
const program = join(import.meta.dirname, '../../../test/lock-contender.ts');

interface Report {
  readonly held: number;
  readonly refused: number;
  readonly together: number;
  readonly robbed: number;
  readonly tookOver: number;
}

/** Starts a contender; when it is ready, and what it prints at its end. */
function contender(path: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, path, String(SECONDS)]);
  let [out, errors] = ['', ''];
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      out += text;
      if (out.startsWith('ready')) resolve();
    });
    child.on('close', () => resolve());
  });
  const report = new Promise<Report>((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(out.slice('ready\n'.length)));
      else reject(new Error(`contender ended with ${code}: ${errors}`));
    });
  });
  return { ready, report };
}

describe('lockForWriting', () => {
  it(`lets one in at a time of ${PROCESSES} processes, each of which dies with the lock`, async () => {
    const path = folder.path;
    const contenders = Array.from({ length: PROCESSES }, () => contender(path));
    await Promise.all(contenders.map(({ ready }) => ready));
    writeFileSync(join(path, 'go'), '');
    const reports = await Promise.all(contenders.map(({ report }) => report));
    const sum = (of: keyof Report) => reports.reduce((all, report) => all + report[of], 0);
    expect([sum('together'), sum('robbed')]).toEqual([0, 0]);
    expect(sum('held')).toBeGreaterThan(50);
    // Each time but the first it was a dead one's.
    expect(sum('tookOver')).toBe(sum('held') - 1);
    expect(sum('refused')).toBeGreaterThan(0);
    // Nobody left a claim but those who came too late and died, which is none here.
    const last = readFileSync(join(path, 'writer.lock'), 'utf8');
    const claims = readdirSync(path).filter((name) => name.startsWith('writer.lock.'));
    expect(claims.filter((name) => !claimsOn(join(path, 'writer.lock'), last).includes(name))).toEqual([]);
  }, 60_000);

  it('is given to nobody while another has the claim, and is free again when that is gone', async () => {
    const path = join(folder.path, 'claimed');
    nodeFileSystem.makeDirectory(path);
    const place = join(path, 'writer.lock');
    const lock = await lockForWriting(path, nodeFileSystem);
    const mine = readFileSync(place, 'utf8');
    lock.release();
    const dead = JSON.stringify({ ...JSON.parse(mine), pid: 2 ** 22 + 5, started: '' });
    writeFileSync(place, dead);
    writeFileSync(claimOn(place, dead), mine);
    const error = await refusal(() => lockForWriting(path, nodeFileSystem));
    expect([error.code, error.message]).toEqual(['INDEX_LOCKED', expect.stringContaining(`${process.pid}`)]);
    nodeFileSystem.remove(claimOn(place, dead));
    (await lockForWriting(path, nodeFileSystem)).release();
    expect(readdirSync(path)).toEqual([]);
  });

  it('is held, and can be let go of, when the claim on a dead one cannot be removed', async () => {
    const path = join(folder.path, 'kept');
    nodeFileSystem.makeDirectory(path);
    const place = join(path, 'writer.lock');
    const lock = await lockForWriting(path, nodeFileSystem);
    const mine = JSON.parse(readFileSync(place, 'utf8'));
    lock.release();
    const dead = JSON.stringify({ ...mine, pid: 2 ** 22 + 5, started: '' });
    writeFileSync(place, dead);
    const files: FileSystem = {
      ...nodeFileSystem,
      remove(name) {
        if (name.includes('.takeover.')) throw Object.assign(new Error('no'), { code: 'EIO' });
        nodeFileSystem.remove(name);
      },
    };
    const taken = await lockForWriting(path, files);
    expect(JSON.parse(readFileSync(place, 'utf8')).pid).toBe(process.pid);
    taken.release();
    expect(readdirSync(path).map((name) => join(path, name))).toEqual([claimOn(place, dead)]);
  });

  it('looks again when it is claimed: another may have taken it over and let go', async () => {
    const path = join(folder.path, 'late');
    nodeFileSystem.makeDirectory(path);
    const place = join(path, 'writer.lock');
    const first = await lockForWriting(path, nodeFileSystem);
    const mine = JSON.parse(readFileSync(place, 'utf8'));
    first.release();
    writeFileSync(place, JSON.stringify({ ...mine, pid: 2 ** 22 + 5, started: '' }));
    // Between reading the dead lock and claiming it, another process takes it over from beginning to end.
    const other = JSON.stringify({ ...mine, since: 'just now' });
    const files: FileSystem = {
      ...nodeFileSystem,
      link(from, to) {
        if (to.includes('.takeover.')) writeFileSync(place, other);
        nodeFileSystem.link(from, to);
      },
    };
    const error = await refusal(() => lockForWriting(path, files));
    expect([error.code, error.message]).toEqual(['INDEX_LOCKED', expect.stringContaining('just now')]);
    expect(readFileSync(place, 'utf8')).toBe(other);
    expect(readdirSync(path)).toEqual(['writer.lock']);
  });
});

/** Names of the claims on a lock, and on those claims, that a contender plants. */
function claimsOn(place: string, text: string): string[] {
  const claim = (of: string) =>
    JSON.stringify({ ...JSON.parse(of), since: JSON.parse(of).since.replace(/lock/, 'claim') });
  return [claimOn(place, text), claimOn(place, claim(text))].map((path) =>
    path.slice(path.lastIndexOf('writer.lock')),
  );
}
