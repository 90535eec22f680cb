/** A writer that is closed holds no lock: it changes nothing any more. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINGERPRINT, randomPassages } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { buildIndex } from '../build.ts';
import { openIndex } from '../open-index.ts';
import { verifyIndex } from '../verify.ts';
import { IndexWriter } from './index-writer.ts';

const DIM = 8;
const folder = temporaryFolder();
const passages = randomPassages(1, 30, DIM);

/** A writer with passages that are added and not committed. */
async function writerOf(name: string): Promise<IndexWriter> {
  const path = join(folder.path, name);
  await buildIndex(path, { dim: DIM, fingerprint: FINGERPRINT }, passages.slice(0, 10));
  const writer = await IndexWriter.open(path);
  await writer.add(passages.slice(10, 20));
  return writer;
}

async function sizeOf({ path }: IndexWriter): Promise<number> {
  const view = openIndex(path);
  await view.close();
  return view.size;
}

describe('a closed writer', () => {
  it('refuses all that would change the index, which stays what it was', async () => {
    const writer = await writerOf('closed');
    const manifest = readFileSync(join(writer.path, 'manifest.json'));
    await writer.close();
    const asked = [
      () => writer.commit(),
      () => writer.add(passages.slice(20)),
      () => writer.delete(['p3']),
      () => writer.merge({ all: true }),
    ];
    for (const each of asked)
      expect(await refusal(each)).toMatchObject({ code: 'SETTING_INVALID', at: writer.path });
    await writer.close();
    expect(readFileSync(join(writer.path, 'manifest.json'))).toEqual(manifest);
    expect((await verifyIndex(writer.path)).damaged).toEqual([]);
    expect(await sizeOf(writer)).toBe(10);
  });

  it('refuses it from the call on, and ends what was asked for before', async () => {
    const writer = await writerOf('closing');
    const [before, closed] = [writer.commit(), writer.close()];
    expect((await refusal(() => writer.commit())).code).toBe('SETTING_INVALID');
    await closed;
    expect((await before).passages).toBe(20);
    expect(await sizeOf(writer)).toBe(20);
  });
});
