/** A disk that fills up, a folder that may not be written: an error, and an index that is as it was. */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultyFileSystem, fullDisk } from '../../../test/faulty-file-system.ts';
import { DIM, OPERATIONS, operate, prepareIndex } from '../../../test/index-operations.ts';
import { ranking } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { nodeFileSystem } from '../file-system.ts';
import { verifyIndex } from '../verify.ts';
import { IndexWriter } from './index-writer.ts';

const folder = temporaryFolder();
const base = join(folder.path, 'base');
await prepareIndex(base);
const before = await ranking(base, DIM);
const place = join(folder.path, 'index');

function fresh(): void {
  rmSync(place, { recursive: true, force: true });
  cpSync(base, place, { recursive: true });
}

describe('a full disk', () => {
  it.each(OPERATIONS.filter((name) => name !== 'build'))('%s', async (operation) => {
    const counted = new FaultyFileSystem();
    fresh();
    await operate(operation, place, counted);
    const after = await ranking(place, DIM);
    for (let at = 1; at <= counted.count; at += 1 + Math.floor(counted.count / 6)) {
      fresh();
      // Towards the end there is nothing left to write, only to remove: then it succeeds.
      const failed = await operate(operation, place, fullDisk(at)).then(
        () => false,
        (error: unknown) => {
          expect(error, `step ${at}`).toMatchObject({ name: 'RefractError', code: 'DISK_FULL' });
          expect((error as Error).message).toContain('ENOSPC');
          return true;
        },
      );
      expect(await ranking(place, DIM)).toEqual(failed ? before : after);
      const report = await verifyIndex(place);
      expect([report.damaged, report.unexpected]).toEqual([[], []]);
      expect(existsSync(join(place, 'writer.lock'))).toBe(false);
      if (failed) await operate(operation, place, nodeFileSystem);
      expect(await ranking(place, DIM)).toEqual(after);
    }
  });

  it('leaves no trace of an index that was to be new', async () => {
    const place = join(folder.path, 'new');
    expect((await refusal(() => operate('build', place, fullDisk(1)))).code).toBe('DISK_FULL');
    expect(existsSync(place)).toBe(false);
  });
});

describe('a writer whose disk was full', () => {
  it('can commit once there is room', async () => {
    fresh();
    let full = false;
    const files = { ...nodeFileSystem };
    files.create = (path) => {
      if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return nodeFileSystem.create(path);
    };
    const writer = await IndexWriter.open(place, { files });
    await writer.delete(['p1']);
    full = true;
    expect((await refusal(() => writer.commit())).code).toBe('DISK_FULL');
    expect(await ranking(place, DIM)).toEqual(before);
    full = false;
    const { passages } = await writer.commit();
    await writer.close();
    expect(passages).toBe(before[0].length - 1);
    expect((await verifyIndex(place)).damaged).toEqual([]);
  });
});

describe('a folder that may not be written', () => {
  it('is searched, and not changed', async () => {
    fresh();
    const denied = (): never => {
      throw Object.assign(new Error('read-only file system'), { code: 'EROFS' });
    };
    const files = { ...nodeFileSystem, create: denied, remove: () => {} };
    const error = await refusal(() => IndexWriter.open(place, { files }));
    expect([error.code, error.message]).toEqual(['DISK_FULL', expect.stringContaining('EROFS')]);
    expect(await ranking(place, DIM)).toEqual(before);
    mkdirSync(join(folder.path, 'other'));
    writeFileSync(join(folder.path, 'other', 'file'), '');
    expect((await refusal(() => IndexWriter.open(join(folder.path, 'other')))).code).toBe(
      'CHECKPOINT_INCOMPLETE',
    );
    expect(readdirSync(join(folder.path, 'other'))).toEqual(['file']);
  });
});
