/** Merging all: what can gain nothing is left as it is, byte for byte, however often it is asked for. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultyFileSystem } from '../../../test/faulty-file-system.ts';
import { FINGERPRINT, randomPassages, ranking } from '../../../test/index-passages.ts';
import { temporaryFolder } from '../../../test/temporary.ts';
import { buildIndex } from '../build.ts';
import { FieldSchema } from '../fields/schema.ts';
import { nodeFileSystem } from '../file-system.ts';
import { manifestText, readManifest } from '../manifest.ts';
import { PlainStorage } from '../plain/plain-storage.ts';
import { IndexWriter } from './index-writer.ts';
import { SegmentSequence } from './segment-sequence.ts';

const DIM = 8;
const folder = temporaryFolder();
const passages = randomPassages(1, 60, DIM);

/** An index of six segments of ten passages each. */
async function segmented(name: string): Promise<string> {
  const path = join(folder.path, name);
  await buildIndex(path, { dim: DIM, fingerprint: FINGERPRINT }, passages.slice(0, 10));
  const writer = await IndexWriter.open(path);
  for (let n = 10; n < 60; n += 10) {
    await writer.add(passages.slice(n, n + 10));
    await writer.commit({ merge: false });
  }
  await writer.close();
  return path;
}

/** Says of segments that they were closed because they held as much memory as they might. */
function markHeld(path: string, chosen: readonly number[]): void {
  const manifest = readManifest(path);
  const segments = manifest.segments.map(({ files, ...entry }, i) => ({
    ...entry,
    ...(chosen.includes(i) && { held: 2 ** 28 }),
    files,
  }));
  writeFileSync(join(path, 'manifest.json'), manifestText({ ...manifest, segments }));
}

async function mergeAll(path: string, memoryBytes?: number) {
  const files = new FaultyFileSystem();
  const writer = await IndexWriter.open(path, { files, ...(memoryBytes && { memoryBytes }) });
  const opened = files.count;
  const manifest = await writer.merge({ all: true });
  const operations = files.count - opened;
  await writer.close();
  return { names: manifest.segments.map(({ name }) => name), operations };
}

describe('merging all', () => {
  it('writes nothing when there is one segment', async () => {
    const path = await segmented('one');
    const before = await ranking(path, DIM);
    expect((await mergeAll(path)).names).toEqual(['000007']);
    const bytes = readFileSync(join(path, 'manifest.json'));
    expect(await mergeAll(path)).toEqual({ names: ['000007'], operations: 0 });
    expect(readFileSync(join(path, 'manifest.json'))).toEqual(bytes);
    expect(await ranking(path, DIM)).toEqual(before);
  });

  it('leaves segments alone that are as large as memory allows, until it allows more', async () => {
    const path = await segmented('held');
    markHeld(path, [0, 1, 2, 3, 4]);
    const bytes = readFileSync(join(path, 'manifest.json'));
    const names = readdirSync(join(path, 'segments'));
    expect(await mergeAll(path)).toEqual({ names, operations: 0 });
    expect(readFileSync(join(path, 'manifest.json'))).toEqual(bytes);
    const before = await ranking(path, DIM);
    expect((await mergeAll(path, 2 ** 31)).names).toHaveLength(1);
    expect(await ranking(path, DIM)).toEqual(before);
  });

  it('merges what is small between those, and drops what is deleted, alone', async () => {
    const path = await segmented('between');
    markHeld(path, [0, 3, 5]);
    const writer = await IndexWriter.open(path);
    await writer.delete(['p35', 'p52']);
    await writer.commit({ merge: false });
    await writer.close();
    const before = await ranking(path, DIM);
    const { names } = await mergeAll(path);
    // The first as it is; of the others, of which two were full before passages were deleted in them, one.
    expect(names[0]).toBe('000001');
    expect(names).toHaveLength(2);
    expect(await ranking(path, DIM)).toEqual(before);
    expect((await mergeAll(path)).operations).toBe(0);
    expect(readManifest(path).segments.some(({ deleted }) => deleted !== undefined)).toBe(false);
  });
});

describe('a segment that is closed', () => {
  it('says what it held where memory was the reason', async () => {
    const directory = join(folder.path, 'sequence');
    mkdirSync(directory);
    let number = 0;
    const sequence = new SegmentSequence({
      ...{ directory, storage: new PlainStorage(DIM, 'float16'), files: nodeFileSystem, heldBytes: 4000 },
      context: { schema: new FieldSchema(), words: {} },
      nextName: () => `00000${++number}`,
    });
    for (const passage of passages.slice(0, 50)) {
      await sequence.add(passage);
      if (sequence.full) await sequence.closeSegment();
    }
    await sequence.add(passages[50]);
    await sequence.closeSegment();
    const held = sequence.entries.map((entry) => entry.held);
    expect(held.length).toBeGreaterThan(2);
    expect(held.slice(0, -1).every((bytes) => bytes === 4000)).toBe(true);
    expect(held.at(-1)).toBeUndefined();
  });
});
