import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import type { RefractError } from '../errors.ts';
import {
  asWriteError,
  isFreePlace,
  writeDirectoryAtomic,
  writeFileAtomic,
  writePiecesAtomic,
} from './atomic.ts';

const folder = temporaryFolder();

describe('writeFileAtomic and writePiecesAtomic', () => {
  it('write text and bytes, making folders, without leftovers', () => {
    const path = join(folder.path, 'deep/er/file.txt');
    writeFileAtomic(path, 'पानी');
    expect(readFileSync(path, 'utf8')).toBe('पानी');
    writePiecesAtomic(path, ['maji ', new Uint8Array([0xc3, 0xa9]), '\n']);
    expect(readFileSync(path, 'utf8')).toBe('maji é\n');
    expect(readdirSync(join(folder.path, 'deep/er'))).toEqual(['file.txt']);
  });

  it('keep the older file when the pieces fail half way', () => {
    const path = folder.write('keep/old.txt', 'old');
    function* pieces() {
      yield 'half';
      throw new Error('stopped');
    }
    expect(() => writePiecesAtomic(path, pieces())).toThrow('stopped');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(join(folder.path, 'keep'))).toEqual(['old.txt']);
  });

  it('say that a place cannot be written', async () => {
    const path = folder.write('file', '');
    const below = await refusal(() => writeFileAtomic(join(path, 'x.txt'), 'x'));
    expect(below).toMatchObject({ code: 'DISK_FULL', at: join(path, 'x.txt') });
    const onFolder = folder.write('taken/inner', '').replace('/inner', '');
    expect((await refusal(() => writeFileAtomic(onFolder, 'x'))).code).toBe('DISK_FULL');
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('turn a full disk into an error with a way out, and pass other errors on', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(asWriteError(full, 'out')).toMatchObject({ code: 'DISK_FULL', at: 'out', cause: full });
    // More space would not help.
    const broken = asWriteError(Object.assign(new Error('write'), { code: 'EIO' }), 'out');
    expect(broken).toMatchObject({ code: 'DISK_FULL', hint: expect.stringContaining('disk') });
    expect((broken as RefractError).hint).not.toContain('space');
    const other = new TypeError('mistake');
    expect(asWriteError(other, 'out')).toBe(other);
  });
});

describe('writeDirectoryAtomic', () => {
  it('replaces an older directory only when the new one is whole', async () => {
    const path = join(folder.path, 'pack');
    const fill = (text: string) => async (directory: string) => {
      writeFileSync(join(directory, 'a'), text);
      return text.length;
    };
    expect(await writeDirectoryAtomic(path, fill('one'))).toBe(3);
    const failing = writeDirectoryAtomic(path, async (directory) => {
      writeFileSync(join(directory, 'b'), 'half');
      throw new Error('stopped');
    });
    await expect(failing).rejects.toThrow('stopped');
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('one');
    await writeDirectoryAtomic(path, fill('second'));
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('second');
    expect(existsSync(join(path, 'b'))).toBe(false);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes a name that ends in a slash', async () => {
    const path = `${join(folder.path, 'slash')}/`;
    for (const text of ['one', 'two'])
      await writeDirectoryAtomic(path, async (directory) => writeFileSync(join(directory, 'a'), text));
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('two');
    expect(readdirSync(path)).toEqual(['a']);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('isFreePlace', () => {
  it('is where nothing is, or an empty folder', () => {
    expect(isFreePlace(join(folder.path, 'nowhere'))).toBe(true);
    mkdirSync(join(folder.path, 'empty'));
    expect(isFreePlace(join(folder.path, 'empty/'))).toBe(true);
    folder.write('full/a', '');
    expect(isFreePlace(join(folder.path, 'full'))).toBe(false);
    expect(isFreePlace(folder.write('plain', ''))).toBe(false);
  });
});
