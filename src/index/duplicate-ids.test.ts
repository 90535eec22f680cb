/** Building an index where every id has the same hash: what was written decides. */
import { describe, expect, it, vi } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { buildIndex, type EncodedPassage } from './build.ts';
import { openIndex } from './open-index.ts';

vi.mock('../data/id-hash.ts', () => ({ hashId: () => [3, 5] }));

const folder = temporaryFolder();
const settings = { dim: 2, fingerprint: { teacher: 't', tokenizer: 'k' } };
const encoded = (ids: readonly string[]): EncodedPassage[] =>
  ids.map((id) => ({ passage: { id, text: id }, vectors: Float32Array.of(1, 0), tokens: 1 }));
const IDS = ['ọjà', 'oja', 'two\nlines', '\ufeff', ' ', 'ตลาด', 'سوق'];

describe('buildIndex', () => {
  it('takes ids that share a hash for what they are', async () => {
    const out = `${folder.path}/index`;
    expect((await buildIndex(out, settings, encoded(IDS))).passages).toBe(IDS.length);
    const index = openIndex(out);
    expect(IDS.map((id) => index.ordinal(id))).toEqual(IDS.map((_, i) => i));
    index.close();
  });

  it.each(IDS.map((id, i) => [i + 1, id] as const))('finds passage %i again', async (number, id) => {
    const out = `${folder.path}/none`;
    const error = await refusal(() => buildIndex(out, settings, encoded([...IDS, id])));
    expect(error).toMatchObject({ code: 'DUPLICATE_ID', at: out });
    expect(error.what).toBe(`passage 8 carries the id of passage ${number}: "${id}"`);
  });
});
