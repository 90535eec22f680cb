/** Any flipped byte is found and its file named; odd, missing and left-over files are told apart. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareIndex } from '../../test/index-operations.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { RandomStream } from '../random.ts';
import { openIndex } from './open-index.ts';
import { verifyIndex } from './verify.ts';
import { IndexWriter } from './writer/index-writer.ts';

const folder = temporaryFolder();
const path = join(folder.path, 'index');
const random = new RandomStream(4, 'verify');

beforeAll(() => prepareIndex(path));

/** Every file of the index, relative to it. */
const files = () =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(path.length + 1));

describe('verify', () => {
  it('finds nothing in a whole index', async () => {
    const report = await verifyIndex(path);
    expect(report).toMatchObject({ damaged: [], unexpected: [], leftovers: [], building: false });
    expect(report.files).toBe(files().length);
    expect(files().filter((name) => name.endsWith('.deleted')).length).toBeGreaterThan(2);
  });

  it('finds a flipped bit in any byte of the manifest', async () => {
    const place = join(path, 'manifest.json');
    const whole = readFileSync(place);
    for (let i = 0; i < whole.length; i += i < 600 ? 1 : 7) {
      const changed = Buffer.from(whole);
      changed[i] ^= 1 << random.below(8);
      writeFileSync(place, changed);
      const outcome = await verifyIndex(path).catch((error: unknown) => error);
      // Another version is refused before anything else is read.
      if (outcome instanceof Error) expect(outcome.message).toContain('VERSION_MISMATCH');
      else expect(outcome, `byte ${i}`).toMatchObject({ damaged: [{ file: 'manifest.json' }] });
    }
    writeFileSync(place, whole);
  });

  it('finds a flipped bit, a lost byte and a missing file in each of the others', async () => {
    const others = files().filter((name) => name !== 'manifest.json');
    expect(others.length).toBeGreaterThan(50);
    for (const name of others) {
      const place = join(path, name);
      const whole = readFileSync(place);
      const changed = Buffer.from(whole);
      changed[random.below(whole.length)] ^= 1 << random.below(8);
      writeFileSync(place, changed);
      expect((await verifyIndex(path)).damaged).toEqual([
        { file: name, what: expect.stringContaining('checksum') },
      ]);
      writeFileSync(place, whole.subarray(1));
      expect((await verifyIndex(path)).damaged).toEqual([
        { file: name, what: expect.stringContaining('bytes') },
      ]);
      rmSync(place);
      expect((await verifyIndex(path)).damaged).toEqual([{ file: name, what: 'is missing' }]);
      expect((await refusal(() => openIndex(path))).message).toContain(name);
      writeFileSync(place, whole);
    }
  });

  it('tells strange files from what a writer left, which the next one removes', async () => {
    writeFileSync(join(path, 'segments', '000001', 'notes.txt'), 'mine');
    mkdirSync(join(path, 'segments', '000099'));
    writeFileSync(join(path, 'segments', '000099', 'vectors.f16'), 'half');
    writeFileSync(join(path, 'segments', '000001.99.deleted'), 'x');
    writeFileSync(join(path, 'manifest.9.tmp'), '{');
    const report = await verifyIndex(path);
    expect(report.damaged).toEqual([]);
    expect(report.unexpected).toEqual(['segments/000001/notes.txt']);
    expect(report.leftovers).toEqual(['manifest.9.tmp', 'segments/000001.99.deleted', 'segments/000099']);
    const writer = await IndexWriter.open(path);
    expect((await verifyIndex(path)).writer).toBe(process.pid);
    await writer.close();
    expect(await verifyIndex(path)).toMatchObject({ leftovers: [], unexpected: report.unexpected });
    rmSync(join(path, 'segments', '000001', 'notes.txt'));
  });

  it('refuses what is no index', async () => {
    expect((await refusal(() => verifyIndex(join(folder.path, 'none')))).code).toBe('FILE_MISSING');
    mkdirSync(join(folder.path, 'letters'));
    expect((await refusal(() => verifyIndex(join(folder.path, 'letters')))).code).toBe(
      'CHECKPOINT_INCOMPLETE',
    );
    renameSync(join(folder.path, 'letters'), join(folder.path, 'mail'));
  });
});
