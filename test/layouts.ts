/** Retrievers that other tools saved, with what these tools compute (test/oracles/layouts.py), and how far Refract is from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RetrieverCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder, type TextVectors } from '../src/model/encoder.ts';

/** The folder of the fixtures. */
export const LAYOUTS = 'test/fixtures/layouts';

interface GoldenText {
  readonly text: string;
  readonly vectors: readonly (readonly number[])[];
}

/** Texts, their token vectors, and MaxSim [queries][passages]. */
export interface GoldenLayout {
  readonly queries: readonly GoldenText[];
  readonly passages: readonly GoldenText[];
  readonly scores: readonly (readonly number[])[];
}

/** What a tool computed with the model in the fixture `name`. */
export function goldenLayout(name: string): GoldenLayout {
  return JSON.parse(readFileSync(join(LAYOUTS, name, 'golden.json'), 'utf8'));
}

/** The largest absolute differences of token vectors and of scores; infinite where a text has another number of vectors. */
export interface Difference {
  readonly vectors: number;
  readonly scores: number;
}

/** What Refract computes with `checkpoint`, in the form of a golden file. */
export async function recordLayout(
  texts: { readonly queries: readonly string[]; readonly passages: readonly string[] },
  checkpoint: RetrieverCheckpoint,
): Promise<GoldenLayout> {
  const encoder = await Encoder.fromCheckpoint(checkpoint, { threads: 1 });
  const queries = await encoder.queries(texts.queries);
  const passages = await encoder.passages(texts.passages);
  const { dim } = encoder;
  await encoder.close();
  const rows = ({ vectors, count }: TextVectors) =>
    Array.from({ length: count }, (_, i) => [...vectors.subarray(i * dim, (i + 1) * dim)]);
  return {
    queries: texts.queries.map((text, i) => ({ text, vectors: rows(queries[i]) })),
    passages: texts.passages.map((text, i) => ({ text, vectors: rows(passages[i]) })),
    scores: queries.map((query) => passages.map((passage) => maxSim(query, passage, dim))),
  };
}

/** How far token vectors of the golden's texts by `checkpoint`, and their MaxSim, are from the golden's. */
export async function differenceFrom(
  golden: GoldenLayout,
  checkpoint: RetrieverCheckpoint,
): Promise<Difference> {
  const texts = {
    queries: golden.queries.map(({ text }) => text),
    passages: golden.passages.map(({ text }) => text),
  };
  const ours = await recordLayout(texts, checkpoint);
  const theirs = [...golden.queries, ...golden.passages];
  const vectors = [...ours.queries, ...ours.passages].map((each, i) =>
    apart(each.vectors.flat(), theirs[i].vectors.flat()),
  );
  return {
    vectors: Math.max(...vectors),
    scores: Math.max(...ours.scores.map((row, q) => apart(row, golden.scores[q]))),
  };
}

/** The largest absolute difference; infinite where the lengths differ. */
export function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/** sum_i max_j q_i . p_j */
export function maxSim(query: TextVectors, passage: TextVectors, dim: number): number {
  let score = 0;
  for (let i = 0; i < query.count; i++) {
    let best = -Infinity;
    for (let j = 0; j < passage.count; j++) {
      let product = 0;
      for (let d = 0; d < dim; d++) product += query.vectors[i * dim + d] * passage.vectors[j * dim + d];
      best = Math.max(best, product);
    }
    score += best;
  }
  return score;
}
