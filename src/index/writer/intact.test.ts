/** Flipped bytes are never copied and given a checksum that says they are right. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DIM, prepareIndex } from '../../../test/index-operations.ts';
import { FINGERPRINT, randomPassages } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { nodeFileSystem } from '../file-system.ts';
import { openIndex } from '../open-index.ts';
import { NO_TEXTS } from '../texts-report.ts';
import { verifyIndex } from '../verify.ts';
import { IndexBuild } from './index-build.ts';
import { IndexWriter } from './index-writer.ts';

const folder = temporaryFolder();

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
}

it('merging refuses a changed file by its name', async () => {
  const path = join(folder.path, 'merged');
  await prepareIndex(path);
  const segment = join(path, 'segments', '000003');
  const [name] = readdirSync(segment).filter((each) => each.includes('residuals'));
  flip(join(segment, name));
  const before = readFileSync(join(path, 'manifest.json'));
  const writer = await IndexWriter.open(path);
  const error = await refusal(() => writer.merge({ all: true }));
  await writer.close();
  expect([error.code, error.at]).toEqual(['CHECKPOINT_FORMAT', join(segment, name)]);
  expect(readFileSync(join(path, 'manifest.json'))).toEqual(before);
  expect((await verifyIndex(path)).damaged).toHaveLength(1);
});

it('a changed list of what is deleted is not opened, though it has as many passages', async () => {
  const path = join(folder.path, 'bitmap');
  await prepareIndex(path);
  const name = readdirSync(join(path, 'segments')).find(
    (each) => each.endsWith('.deleted') && readFileSync(join(path, 'segments', each))[0] !== 0,
  ) as string;
  const bytes = readFileSync(join(path, 'segments', name));
  const least = bytes[0] & -bytes[0];
  bytes[0] = (bytes[0] ^ least) | (bytes[0] & (least << 1) ? least << 2 : least << 1);
  writeFileSync(join(path, 'segments', name), bytes);
  expect((await refusal(() => openIndex(path))).code).toBe('CHECKPOINT_FORMAT');
  expect((await refusal(() => IndexWriter.open(path))).code).toBe('CHECKPOINT_FORMAT');
});

it('what was staged before and has changed is encoded anew', async () => {
  const passages = randomPassages(2, 20, DIM);
  const path = join(folder.path, 'staged');
  const settings = {
    dim: DIM,
    fingerprint: FINGERPRINT,
    settings: {},
    key: 'k',
    precision: 'float16',
  } as const;
  const notices: string[] = [];
  const open = () =>
    IndexBuild.open(path, settings, {
      stagedPassages: 8,
      files: nodeFileSystem,
      notice: (sentence) => notices.push(sentence),
    });
  const stage = async (build: IndexBuild, count: number) => {
    for (let n = 0; n < count; n++) {
      await build.add(passages[n]);
      await build.rest(n + 1, NO_TEXTS);
    }
  };
  const staged = join(path, 'building', '000001', 'vectors.f16');
  const first = await open();
  await stage(first, 10);
  expect(await first.suspend()).toBe(8);
  flip(staged);
  const second = await open();
  expect([second.read, notices.join()]).toEqual([0, expect.stringContaining('starting anew')]);
  await stage(second, 20);
  flip(staged);
  const error = await refusal(() => second.finish(20, NO_TEXTS));
  expect([error.code, error.at]).toEqual(['CHECKPOINT_FORMAT', staged]);
  expect(await second.suspend()).toBe(0);
  const third = await open();
  await stage(third, 20);
  expect((await third.finish(20, NO_TEXTS)).passages).toBe(20);
  expect(await verifyIndex(path)).toMatchObject({ damaged: [], leftovers: [] });
});
