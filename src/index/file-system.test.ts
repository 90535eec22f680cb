/** Folders are synced where the file system can; where it cannot nothing is said, and a disk that fails is told. */
import * as fs from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { nodeFileSystem } from './file-system.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, fsyncSync: vi.fn(real.fsyncSync), closeSync: vi.fn(real.closeSync) };
});

const folder = temporaryFolder();
afterEach(() => {
  vi.clearAllMocks();
});

const refuses = (code: string) =>
  vi.mocked(fs.fsyncSync).mockImplementationOnce(() => {
    throw Object.assign(new Error(code), { code });
  });

it.each(['EINVAL', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('%s of a folder is tolerated', (code) => {
  refuses(code);
  expect(() => nodeFileSystem.syncDirectory(folder.path)).not.toThrow();
  expect(fs.fsyncSync).toHaveBeenCalledTimes(1);
  expect(fs.closeSync).toHaveBeenCalledTimes(1);
});

it.each(['EIO', 'ENOSPC', 'EDQUOT', 'ESTALE'])('%s is thrown, and the folder closed', (code) => {
  refuses(code);
  expect(() => nodeFileSystem.syncDirectory(folder.path)).toThrow(code);
  expect(fs.closeSync).toHaveBeenCalledTimes(1);
});
