/** Scores of blocks beside the definition: any lengths, more than a block holds, texts without tokens. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RandomStream } from '../random.ts';
import { MaxSimScorer, PassageBlocks, type ScoredVectors } from './maxsim-scorer.ts';

const DIM = 4;
const random = new RandomStream(1, 'maxsim-scorer-test');
const text = (count: number): ScoredVectors => ({
  vectors: Float32Array.from({ length: count * DIM }, () => random.normal()),
  count,
});

/** sum_i max_j q_i . d_j, as the definition has it. */
function maxSim(query: ScoredVectors, passage: ScoredVectors): number {
  let sum = 0;
  for (let i = 0; i < query.count; i++) {
    let best = -1e4;
    for (let j = 0; j < passage.count; j++) {
      let dot = 0;
      for (let k = 0; k < DIM; k++) dot += query.vectors[i * DIM + k] * passage.vectors[j * DIM + k];
      best = Math.max(best, dot);
    }
    sum += best;
  }
  return sum;
}

let scorer: MaxSimScorer;
beforeAll(async () => {
  scorer = await MaxSimScorer.create(DIM, 1);
});
afterAll(() => scorer.close());

it('scores as the definition does', async () => {
  // More tokens than are scored at once, one query alone beyond that, and passages that fill no block evenly.
  const queries = [3, 0, 600, 1, 700, 20].map(text);
  const passages = [...Array.from({ length: 35 }, (_, n) => 1 + (n % 7)), 0, 2].map(text);
  const heard: number[] = [];
  const scores = await scorer.score(queries, passages, (done) => heard.push(done));
  queries.forEach((query, q) => {
    passages.forEach((passage, p) => {
      const expected = maxSim(query, passage);
      expect(Math.abs(scores[q * passages.length + p] - expected)).toBeLessThan(
        1e-4 * (1 + Math.abs(expected)),
      );
    });
  });
  expect(heard.at(-1)).toBe(queries.length);
  const laidOut = new PassageBlocks(passages.length, (n) => passages[n], DIM);
  expect(await scorer.score(queries, laidOut)).toEqual(scores);
});

it('scores nothing, and texts without tokens', async () => {
  expect(await scorer.score([], [text(2)])).toEqual(new Float32Array(0));
  expect(await scorer.score([text(2)], [])).toEqual(new Float32Array(0));
  expect(await scorer.score([text(0)], [text(2), text(0)])).toEqual(new Float32Array(2));
});
