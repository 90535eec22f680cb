/** Files in a folder that goes away with the test file, and the error that a piece of work refuses with. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { RefractError } from '../src/errors.ts';

/** A folder of one test file. */
export interface TemporaryFolder {
  readonly path: string;
  /** Writes a file, with the folders above it, and returns its path. */
  write(name: string, content: string | Uint8Array): string;
}

/**
 * A fresh folder, removed after the last test of the file that asked for it.
 *
 * @example const folder = temporaryFolder(); const path = folder.write('q.jsonl', '{"id": "1", "text": "maji"}\n')
 */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'refract-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}

/** The RefractError that `work` ends with; anything else fails the test. */
export async function refusal(work: () => unknown): Promise<RefractError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RefractError) return error;
    throw error;
  }
  throw new Error('expected a RefractError, but the work succeeded');
}
