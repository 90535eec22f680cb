/** Numbers of an index count what can be found, and advice is given on sense alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINGERPRINT, randomPassages, unitVectors } from '../../test/index-passages.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { RandomStream } from '../random.ts';
import { buildIndex, type EncodedPassage } from './build.ts';
import { manifestText, readManifest } from './manifest.ts';
import { openIndex } from './open-index.ts';
import { indexStats } from './stats.ts';
import type { CentroidFit } from './vector-storage.ts';
import { IndexWriter } from './writer/index-writer.ts';

const DIM = 8;
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const random = new RandomStream(3, 'stats');
const long = (id: string, windows: number[]): EncodedPassage => {
  const tokens = windows.reduce((sum, count) => sum + count, 0);
  return { passage: { id, text: id }, vectors: unitVectors(random, tokens, DIM), tokens, windows };
};

describe('indexStats', () => {
  it('counts windows and vectors of passages that can be found, of each segment too', async () => {
    const passages = [long('a', [3, 4, 2]), long('b', [5]), long('c', [1, 1]), long('d', [6, 2])];
    await buildIndex(at('index'), { dim: DIM, fingerprint: FINGERPRINT }, passages);
    expect(indexStats(at('index'))).toMatchObject({ passages: 4, windows: 8, tokens: 24 });
    const writer = await IndexWriter.open(at('index'));
    await writer.delete(['a', 'b']);
    await writer.add([long('e', [2, 2, 2])]);
    await writer.commit({ merge: false });
    const before = indexStats(at('index'));
    await writer.merge({ all: true });
    await writer.close();
    const counts = { passages: 3, windows: 7, tokens: 16 };
    expect(before).toMatchObject({
      ...counts,
      deleted: 2,
      segments: [
        { passages: 2, deleted: 2, windows: 4, tokens: 10 },
        { passages: 1, deleted: 0, windows: 3, tokens: 6 },
      ],
    });
    // What merging leaves is what was counted.
    expect(indexStats(at('index'))).toMatchObject({ ...counts, deleted: 0, segments: [counts] });
  });

  it('opens and counts an index whose manifest does not say how many windows are deleted', async () => {
    await buildIndex(at('older'), { dim: DIM, fingerprint: FINGERPRINT }, randomPassages(1, 9, DIM));
    const writer = await IndexWriter.open(at('older'));
    await writer.delete(['p1', 'p2']);
    await writer.commit({ merge: false });
    await writer.close();
    const manifest = readManifest(at('older'));
    const segments = manifest.segments.map(({ deleted, ...rest }) => {
      const { windows: _, ...older } = deleted!;
      return { ...rest, deleted: older };
    });
    writeFileSync(join(at('older'), 'manifest.json'), manifestText({ ...manifest, segments }));
    expect(indexStats(at('older'))).toMatchObject({ passages: 7, deleted: 2, windows: 7 });
    const view = openIndex(at('older'));
    expect(view.size).toBe(7);
    await view.close();
  });

  it.each<[string, number, number, RegExp | undefined]>([
    ['none where vectors lie as near as the sample', 0.2, 0.2, undefined],
    ['to train anew where they lie farther', 0.2, 0.3, /^Vectors lie 1\.50 times as far from the centroids/],
    ['none where all lie on centroids', 0, 0, undefined],
    ['to train anew where only the sample lay on centroids', 0, 0.1, /^Vectors lie beside the centroids/],
  ])('gives advice %s', async (name, sample, now, expected) => {
    const out = at(name);
    await buildIndex(
      out,
      { dim: DIM, fingerprint: FINGERPRINT, precision: '4bit' },
      randomPassages(2, 40, DIM),
    );
    const lying = (residual: number): CentroidFit => ({ tokens: 10, residual, error: 0 });
    const manifest = readManifest(out);
    const segments = manifest.segments.map((entry) => ({ ...entry, fit: lying(now) }));
    writeFileSync(
      join(out, 'manifest.json'),
      manifestText({ ...manifest, trained: lying(sample), segments }),
    );
    const { advice } = indexStats(out);
    expect(advice).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
    expect(JSON.stringify(indexStats(out))).not.toMatch(/NaN|Infinity|null/);
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toContain('"trained"');
  });

  it('has a sample without residual where all passages are alike', async () => {
    const [one] = randomPassages(5, 1, DIM);
    const alike = Array.from({ length: 40 }, (_, n) => ({ ...one, passage: { id: `p${n}`, text: 'x' } }));
    await buildIndex(at('alike'), { dim: DIM, fingerprint: FINGERPRINT, precision: '4bit' }, alike);
    const { trained, advice } = indexStats(at('alike'));
    expect(trained!.residual).toBeLessThan(1e-3);
    expect(advice.join()).not.toMatch(/NaN|Infinity/);
  });
});
