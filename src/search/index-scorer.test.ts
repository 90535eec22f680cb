/** The scorer of a whole index finds what the index's own search finds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { buildIndex, type EncodedPassage } from '../index/build.ts';
import type { IndexView } from '../index/index-view.ts';
import { openIndex } from '../index/open-index.ts';
import { RandomStream } from '../random.ts';
import { IndexScorer } from './index-scorer.ts';

const folder = temporaryFolder();
const DIM = 8;
const random = new RandomStream(1, 'index-scorer-test');

function unitVectors(tokens: number): Float32Array {
  const rows = Float32Array.from({ length: tokens * DIM }, () => random.normal());
  for (let i = 0; i < tokens; i++) {
    const row = rows.subarray(i * DIM, (i + 1) * DIM);
    const norm = Math.hypot(...row);
    for (let k = 0; k < DIM; k++) row[k] /= norm;
  }
  return rows;
}

/** More passages and queries than a block, of 1 to 12 tokens; the last passage is the first one again. */
async function* passages(): AsyncGenerator<EncodedPassage> {
  let first: EncodedPassage | undefined;
  for (let p = 0; p < 150; p++) {
    const tokens = 1 + random.below(12);
    const made = { vectors: unitVectors(tokens), tokens, tokenIds: new Int32Array(tokens) };
    const passage = { id: `p${p}`, text: `text ${p}` };
    const encoded: EncodedPassage = p === 149 && first ? { ...first, passage } : { ...made, passage };
    first ??= encoded;
    yield encoded;
  }
}

const queries = Array.from({ length: 70 }, (_, q) => {
  const tokens = 1 + (q % 5);
  return { vectors: unitVectors(tokens), tokens };
});

let index: IndexView;
let scorer: IndexScorer;
beforeAll(async () => {
  const fingerprint = { teacher: 'sha256:aa', tokenizer: 'sha256:bb' };
  await buildIndex(`${folder.path}/index`, { dim: DIM, fingerprint }, passages());
  index = openIndex(`${folder.path}/index`);
  scorer = await IndexScorer.open(index, { threads: 1 });
});
afterAll(async () => {
  await scorer.close();
  index.close();
});

describe('IndexScorer', () => {
  it('finds the same passages with the same scores, level ones in passage order', async () => {
    const expected = await index.searchBatch(queries, 150);
    const found = await scorer.search(queries, 150);
    expect(found.length).toBe(queries.length);
    found.forEach((hits, q) => {
      expect(hits.map(({ id }) => id).sort()).toEqual(expected[q].map(({ id }) => id).sort());
      const scores = new Map(expected[q].map(({ id, score }) => [id, score]));
      hits.forEach(({ id, ordinal, score }, rank) => {
        expect(score).toBeCloseTo(scores.get(id)!, 5);
        expect(id).toBe(`p${ordinal}`);
        if (rank > 0) expect(hits[rank - 1].score).toBeGreaterThanOrEqual(score);
      });
      const place = (id: string) => hits.findIndex((hit) => hit.id === id);
      expect(place('p149')).toBeGreaterThan(place('p0'));
    });
  });

  it('keeps the best k, and has nothing for no query', async () => {
    const [all] = await scorer.search(queries.slice(0, 1), 150);
    expect(await scorer.search(queries.slice(0, 1), 3)).toEqual([all.slice(0, 3)]);
    expect(await scorer.search([], 3)).toEqual([]);
  });

  it('tells progress and can be stopped', async () => {
    const done: number[] = [];
    const stop = new AbortController();
    const progress = () => ({
      update(count: number) {
        done.push(count);
        stop.abort();
      },
      end() {},
    });
    const control = { progress, signal: stop.signal };
    expect((await refusal(() => scorer.search(queries, 3, control))).code).toBe('INTERRUPTED');
    expect(done[0]).toBeLessThanOrEqual(64);
  });
});
