/** A disk that becomes read-only at any step, and builds whose disk is full: told, whole before, and mended afterwards. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultyFileSystem, fullDisk } from '../../../test/faulty-file-system.ts';
import { DIM, type Operation, operate, prepareIndex } from '../../../test/index-operations.ts';
import { ranking } from '../../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { nodeFileSystem } from '../file-system.ts';
import { openIndex } from '../open-index.ts';
import { verifyIndex } from '../verify.ts';

const folder = temporaryFolder();
const base = join(folder.path, 'base');
await prepareIndex(base);
const before = await ranking(base, DIM);
const place = join(folder.path, 'index');

function fresh(): void {
  rmSync(place, { recursive: true, force: true });
  cpSync(base, place, { recursive: true });
}

/** A disk on which nothing can be changed any more from the n-th operation on, removing included. */
function readOnlyFrom(at: number, code: string): FaultyFileSystem {
  let struck = false;
  const files: FaultyFileSystem = new FaultyFileSystem({
    get at() {
      return struck ? files.count + 1 : at;
    },
    strike(operation) {
      struck = true;
      throw Object.assign(new Error(`${code}: ${operation}`), { code });
    },
  });
  return files;
}

/** Steps of an operation, spread over all of them, the first included. */
async function stepsOf(operation: Operation, many: number): Promise<number[]> {
  const counted = new FaultyFileSystem();
  await operate(operation, place, counted);
  return Array.from({ length: many }, (_, i) => 1 + Math.floor((i * (counted.count - 1)) / many));
}

describe('a disk that becomes read-only', () => {
  it.each([
    ['add', 'EROFS'],
    ['delete', 'EACCES'],
    ['merge', 'EROFS'],
    ['rebuild', 'EPERM'],
  ] as const)('during %s (%s)', async (operation, code) => {
    fresh();
    const steps = await stepsOf(operation, 4);
    const after = await ranking(place, DIM);
    for (const step of steps) {
      fresh();
      const error = await refusal(() => operate(operation, place, readOnlyFrom(step, code)));
      expect([step, error.code]).toEqual([step, expect.stringMatching(/^(?:DISK_FULL|COMMIT_UNSURE)$/)]);
      expect(error.at).toContain(place);
      const now = await ranking(place, DIM);
      expect(
        JSON.stringify(now) === JSON.stringify(before) || JSON.stringify(now) === JSON.stringify(after),
      ).toBe(true);
      expect((await verifyIndex(place)).damaged).toEqual([]);
      // This process lives on: what it could not remove is taken away as its end would make it possible.
      rmSync(join(place, 'writer.lock'), { force: true });
      if (JSON.stringify(now) !== JSON.stringify(after)) await operate(operation, place, nodeFileSystem);
      expect(await ranking(place, DIM)).toEqual(after);
    }
  });
});

describe('a new index', () => {
  it.each(['full', 'read-only'])('on a disk that becomes %s goes on where it was', async (kind) => {
    rmSync(place, { recursive: true, force: true });
    const steps = await stepsOf('build', 4);
    const after = await ranking(place, DIM);
    for (const step of steps) {
      rmSync(place, { recursive: true, force: true });
      const files = kind === 'full' ? fullDisk(step) : readOnlyFrom(step, 'EROFS');
      const error = await refusal(() => operate('build', place, files));
      expect([step, error.code, error.at]).toEqual([step, 'DISK_FULL', expect.stringContaining(place)]);
      // No index, or none at all; never half of one.
      expect((await refusal(async () => openIndex(place))).code).toMatch(
        /^(?:CHECKPOINT_INCOMPLETE|FILE_MISSING)$/,
      );
      if (kind === 'full') expect(existsSync(join(place, 'writer.lock'))).toBe(false);
      rmSync(join(place, 'writer.lock'), { force: true });
      await operate('build', place, nodeFileSystem);
      expect(await ranking(place, DIM)).toEqual(after);
      expect(await verifyIndex(place)).toMatchObject({ damaged: [], unexpected: [], leftovers: [] });
    }
  });
});
