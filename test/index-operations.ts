/**
 * Operations on an index that are killed: what each does, and the process that does it. As a program:
 *
 *     node --import tsx test/index-operations.ts OPERATION PATH [COUNT]
 *
 * kills itself before operation COUNT of the disk, a write half done; without COUNT it goes on until it is done.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EncodedPassage } from '../src/index/build.ts';
import { type FileSystem, nodeFileSystem } from '../src/index/file-system.ts';
import { NO_TEXTS } from '../src/index/texts-report.ts';
import { IndexBuild, type IndexBuildSettings } from '../src/index/writer/index-build.ts';
import { IndexWriter } from '../src/index/writer/index-writer.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { FINGERPRINT, randomPassages } from './index-passages.ts';

export const DIM = 8;
export const OPERATIONS = ['build', 'rebuild', 'add', 'delete', 'merge'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Passages of the index that the operations but `build` find. */
const BEFORE = randomPassages(11, 40, DIM);
const AFTER = randomPassages(12, 90, DIM);

/** Builds an index in stages of eight passages, going on with what an earlier call has staged. */
export async function stagedBuild(path: string, passages: readonly EncodedPassage[], files: FileSystem) {
  const settings: IndexBuildSettings = {
    ...{ dim: DIM, fingerprint: FINGERPRINT, settings: {}, key: 'k' },
    // Staged as numbers, then compressed: both storages are written.
    precision: '4bit',
    carry: {
      folder: 'teacher',
      setting: 'teacher',
      async write(folder: string) {
        mkdirSync(folder);
        writeFileSync(join(folder, 'weights'), 'the weights of a teacher');
      },
    },
  };
  const build = await IndexBuild.open(path, settings, { files, stagedPassages: 8 });
  let { read } = build;
  const resumedFrom = read;
  try {
    for (const passage of passages.slice(read)) {
      await build.add(passage);
      await build.rest(++read, NO_TEXTS);
    }
    return { manifest: await build.finish(read, NO_TEXTS), resumedFrom };
  } catch (error) {
    await build.suspend();
    throw error;
  }
}

/** The index that operations are tried on: six segments, some of whose passages are deleted. */
export async function prepareIndex(path: string): Promise<void> {
  await stagedBuild(path, BEFORE.slice(0, 15), nodeFileSystem);
  const writer = await IndexWriter.open(path);
  for (let n = 15; n < 40; n += 5) {
    await writer.add(BEFORE.slice(n, n + 5));
    await writer.delete([`p${n}`, `p${n - 4}`]);
    await writer.commit({ merge: false });
  }
  await writer.close();
}

/** Does one operation on the index at `path`. */
export async function operate(operation: Operation, path: string, files: FileSystem): Promise<void> {
  if (operation === 'build' || operation === 'rebuild') {
    await stagedBuild(path, AFTER, files);
    return;
  }
  const writer = await IndexWriter.open(path, { files });
  try {
    if (operation === 'add') await writer.add(AFTER.slice(3, 60), { replace: true });
    if (operation === 'delete') await writer.delete(['p1', 'p2', 'p17', 'p18', 'p19', 'p39']);
    if (operation === 'merge') await writer.merge({ all: true });
    else await writer.commit({ merge: false });
  } finally {
    await writer.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [operation, path, count] = process.argv.slice(2);
  const at = count === undefined ? Number.POSITIVE_INFINITY : Number(count);
  const files = new FaultyFileSystem({ at, strike: () => process.kill(process.pid, 'SIGKILL') });
  process.stdout.write('ready\n');
  await operate(operation as Operation, path, files);
}
