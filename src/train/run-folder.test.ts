import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { runFolder } from './run-folder.ts';

const folder = temporaryFolder();

it.each([
  ['teacher', 'teacher.unfinished'],
  ['packs/sw', join('packs', 'sw.unfinished')],
  ['packs/sw/', join('packs', 'sw.unfinished')],
  ['../packs/', join('..', 'packs.unfinished')],
  ['.', join('..', `${basename(process.cwd())}.unfinished`)],
])('the run for %s lies beside it, in %s', (out, expected) => {
  expect(runFolder(out)).toBe(expected);
});

it('may be a folder that is there, but not a file', async () => {
  const out = join(folder.path, 'pack');
  mkdirSync(`${out}.unfinished`);
  expect(runFolder(out)).toBe(`${out}.unfinished`);
  folder.write('other.unfinished', 'notes');
  const error = await refusal(() => runFolder(join(folder.path, 'other/')));
  expect([error.code, error.at]).toEqual(['OUTPUT_EXISTS', join(folder.path, 'other.unfinished')]);
  expect(existsSync(join(folder.path, 'other'))).toBe(false);
});
