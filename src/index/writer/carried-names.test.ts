/** What others put into an index's folder stays there, whatever it is called. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FINGERPRINT, randomPassages } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { buildIndex } from '../build.ts';
import { verifyIndex } from '../verify.ts';
import { IndexWriter } from './index-writer.ts';

const folder = temporaryFolder();
const passages = randomPassages(1, 6, 4);
const settings = { dim: 4, fingerprint: FINGERPRINT };

function put(...path: string[]): void {
  mkdirSync(join(...path), { recursive: true });
  writeFileSync(join(...path, 'mine'), 'mine');
}

it('folders that are called as a teacher or a codec are no leftovers where no build has made them', async () => {
  const out = join(folder.path, 'index');
  await buildIndex(out, settings, passages.slice(0, 4));
  for (const name of ['teacher', 'teacher.3', 'codec']) put(out, name);
  const writer = await IndexWriter.open(out);
  await writer.add(passages.slice(4));
  await writer.commit();
  await writer.close();
  await buildIndex(out, { ...settings, precision: '4bit', overwrite: true }, passages, { threads: 1 });
  for (const name of ['teacher', 'teacher.3', 'codec'])
    expect(existsSync(join(out, name, 'mine'))).toBe(true);
  const report = await verifyIndex(out);
  expect([report.leftovers, [...report.unexpected].sort()]).toEqual([
    [],
    ['codec/mine', 'teacher.3/mine', 'teacher/mine'],
  ]);
  await buildIndex(out, { ...settings, overwrite: true }, passages);
  expect(readdirSync(out).sort()).toEqual(['codec', 'manifest.json', 'segments', 'teacher', 'teacher.3']);
});

it('a folder that is no index is not overwritten', async () => {
  for (const names of [['teacher', 'codec', 'building'], ['building']]) {
    const out = join(folder.path, names.join('-'));
    for (const name of names) put(out, name);
    const error = await refusal(() => buildIndex(out, { ...settings, overwrite: true }, passages));
    expect(error.code).toBe('OUTPUT_EXISTS');
    for (const name of names) expect(existsSync(join(out, name, 'mine'))).toBe(true);
  }
});
