/**
 * A process that takes the lock of a folder again and again, and each time leaves it as if it had been killed:
 *
 *     node --import tsx test/lock-contender.ts FOLDER SECONDS
 *
 * It begins when the folder has a file `go`, and prints how often it held the lock, how often it was refused, and how
 * often another process was inside as well.
 */
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RefractError } from '../src/errors.ts';
import { type FileSystem, nodeFileSystem } from '../src/index/file-system.ts';
import { claimOn } from '../src/index/writer/lock-takeover.ts';
import { lockForWriting } from '../src/index/writer/writer-lock.ts';

const [folder, seconds] = process.argv.slice(2);
const place = join(folder, 'writer.lock');
const inside = join(folder, 'inside');
/** Above the largest number that Linux gives a process. */
const NO_PROCESS = 2 ** 22 + 5;
/** The disk, slow at times between two operations, so that other processes come in between. */
const slowly =
  <Args extends unknown[]>(operation: (...args: Args) => void) =>
  (...args: Args) => {
    if (Math.random() < 0.5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * Math.random());
    operation(...args);
  };
const files: FileSystem = {
  ...nodeFileSystem,
  link: slowly(nodeFileSystem.link),
  rename: slowly(nodeFileSystem.rename),
  remove: slowly(nodeFileSystem.remove),
};
const report = { held: 0, refused: 0, together: 0, robbed: 0, tookOver: 0 };

/** The lock of a process that was killed: this one's, but for its number; one in three had begun to be taken over. */
function die(n: number): void {
  const mine = JSON.parse(readFileSync(place, 'utf8'));
  const dead = (name: string) =>
    JSON.stringify({ ...mine, pid: NO_PROCESS, started: '', since: `${process.pid} ${name} ${n}` });
  const aside = join(folder, `aside-${process.pid}`);
  const put = (path: string, name: string) => {
    writeFileSync(aside, dead(name));
    linkSync(aside, path);
    rmSync(aside);
  };
  if (n % 3 === 0) put(claimOn(place, dead('lock')), 'claim');
  if (n % 6 === 0) put(claimOn(place, dead('claim')), 'claim on the claim');
  writeFileSync(aside, dead('lock'));
  renameSync(aside, place);
}

process.stdout.write('ready\n');
while (!existsSync(join(folder, 'go'))) await sleep(5);
for (const end = Date.now() + 1000 * Number(seconds); Date.now() < end; ) {
  try {
    await lockForWriting(folder, files, () => {
      report.tookOver++;
    });
  } catch (error) {
    if (!(error instanceof RefractError) || error.code !== 'INDEX_LOCKED') throw error;
    report.refused++;
    await sleep(0);
    continue;
  }
  report.held++;
  try {
    writeFileSync(inside, '', { flag: 'wx' });
  } catch {
    report.together++;
  }
  await sleep(report.held % 3);
  if (JSON.parse(readFileSync(place, 'utf8')).pid !== process.pid) report.robbed++;
  rmSync(inside, { force: true });
  die(report.held);
}
process.stdout.write(`${JSON.stringify(report)}\n`);
