/** A manifest that could not be read back takes no index's place. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FINGERPRINT, randomPassages } from '../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { buildIndex } from './build.ts';
import { nodeFileSystem } from './file-system.ts';
import { readManifest, replaceManifest } from './manifest.ts';

const folder = temporaryFolder();

it('a number that JSON has not is refused before the manifest that is there is touched', async () => {
  const out = join(folder.path, 'index');
  await buildIndex(out, { dim: 4, fingerprint: FINGERPRINT }, randomPassages(1, 3, 4));
  const before = readFileSync(join(out, 'manifest.json'), 'utf8');
  const manifest = readManifest(out);
  const bad = { ...manifest, trained: { tokens: 1, residual: Number.NaN, error: 0 } };
  const error = await refusal(() => replaceManifest(out, bad, nodeFileSystem));
  expect([error.code, error.message]).toEqual([
    'CHECKPOINT_FORMAT',
    expect.stringContaining('trained.residual'),
  ]);
  expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toBe(before);
});
