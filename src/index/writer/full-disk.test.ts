/** A disk that fills up, a folder that may not be written: an error, and an index that is as it was. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultyFileSystem, fullDisk } from '../../../test/faulty-file-system.ts';
import { DIM, OPERATIONS, operate, prepareIndex } from '../../../test/index-operations.ts';
import { randomPassages, ranking } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { type FileSystem, nodeFileSystem } from '../file-system.ts';
import { readManifest } from '../manifest.ts';
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

describe('a commit whose manifest is in its place, but not surely on the disk', () => {
  it.each([
    ['delete', 'EIO'],
    ['add', 'ENOSPC'],
    ['merge', 'EIO'],
    ['rebuild', 'ENOSPC'],
  ] as const)('%s, %s: the error says so and the index stays whole', async (operation, code) => {
    fresh();
    await operate(operation, place, nodeFileSystem);
    const after = await ranking(place, DIM);
    fresh();
    const old = readFileSync(join(place, 'manifest.json'));
    const files = unsynced(code, 'after');
    const error = await refusal(() => operate(operation, place, files));
    expect([error.code, error.at, error.message]).toEqual([
      ...['COMMIT_UNSURE', place, expect.stringContaining(code)],
    ]);
    // Not that nothing was changed, nor that space would mend it.
    expect(error.message).not.toMatch(/unchanged|Nothing of what failed|choose another place/);
    expect(error.hint).toContain('refract index stats');
    expect(await ranking(place, DIM)).toEqual(after);
    expect(await verifyIndex(place)).toMatchObject({ damaged: [], unexpected: [] });
    expect(existsSync(join(place, 'writer.lock'))).toBe(false);
    // A power cut may bring the old manifest back: all that it names is still there.
    const made = readFileSync(join(place, 'manifest.json'));
    writeFileSync(join(place, 'manifest.json'), old);
    expect(await ranking(place, DIM)).toEqual(before);
    expect((await verifyIndex(place)).damaged).toEqual([]);
    // Without one the next writer tidies up.
    writeFileSync(join(place, 'manifest.json'), made);
    await (await IndexWriter.open(place)).close();
    expect(await ranking(place, DIM)).toEqual(after);
    expect(await verifyIndex(place)).toMatchObject({ damaged: [], unexpected: [], leftovers: [] });
  });

  it('can be followed by another', async () => {
    fresh();
    const files = unsynced('EIO', 'after');
    const writer = await IndexWriter.open(place, { files });
    await writer.delete(['p1']);
    expect((await refusal(() => writer.commit({ merge: false }))).code).toBe('COMMIT_UNSURE');
    const { generation } = writer.manifest;
    expect(readManifest(place).generation).toBe(generation);
    files.syncDirectory = nodeFileSystem.syncDirectory;
    await writer.delete(['p2']);
    expect((await writer.commit({ merge: false })).generation).toBe(generation + 1);
    await writer.close();
    expect((await verifyIndex(place)).damaged).toEqual([]);
  });

  it('lets go of the lock even where the tidying fails', async () => {
    fresh();
    const files = { ...nodeFileSystem };
    const writer = await IndexWriter.open(place, { files });
    await writer.add(randomPassages(5, 1, DIM), { replace: true });
    files.remove = (path) => {
      if (!path.endsWith('writer.lock'))
        throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      nodeFileSystem.remove(path);
    };
    const error = await refusal(() => writer.close());
    expect([error.code, error.message]).toEqual(['DISK_FULL', expect.stringContaining('EIO')]);
    expect(existsSync(join(place, 'writer.lock'))).toBe(false);
  });
});

describe('a folder that cannot be synced before the commit', () => {
  it.each(['delete', 'add', 'merge', 'rebuild'] as const)(
    '%s: the index is as it was, and the hint is about the disk',
    async (operation) => {
      fresh();
      const error = await refusal(() => operate(operation, place, unsynced('EIO', 'before')));
      expect([error.code, error.hint]).toEqual(['DISK_FULL', expect.stringContaining('log of the')]);
      expect(error.message).toContain('EIO');
      expect(await ranking(place, DIM)).toEqual(before);
      expect(await verifyIndex(place)).toMatchObject({ damaged: [], unexpected: [] });
    },
  );
});

/** The disk, which syncs no folders before or after a manifest is renamed into its place. */
function unsynced(
  code: string,
  when: 'before' | 'after',
): { -readonly [K in keyof FileSystem]: FileSystem[K] } {
  let renamed = false;
  return {
    ...nodeFileSystem,
    rename(from, to) {
      nodeFileSystem.rename(from, to);
      renamed ||= to.endsWith('manifest.json');
    },
    syncDirectory(path) {
      if (renamed === (when === 'after')) throw Object.assign(new Error('the disk says nothing'), { code });
      nodeFileSystem.syncDirectory(path);
    },
  };
}

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
