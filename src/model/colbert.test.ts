/** MaxSim and ColBERT's loss over given token vectors, by hand and against PyTorch (test/oracles/colbert.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import {
  add,
  GraphSession,
  gradients,
  input,
  logSoftmax,
  mul,
  neg,
  pick,
  reduceMean,
  unitVectors,
  type Value,
} from '../graph/index.ts';
import { maxSim } from './colbert.ts';

const float32 = (values: readonly number[], shape: readonly number[]): Value => ({
  data: Float32Array.from(values),
  shape,
});
const int32 = (rows: readonly (readonly number[])[]): Value => ({
  data: Int32Array.from(rows.flat()),
  shape: [rows.length, rows[0].length],
});

/** The sets that MaxSim is taken over, as inputs of named sizes. */
function sides(dim: number) {
  const [queries, passages] = [
    input('queries', 'float32', ['M*Q', dim]),
    input('passages', 'float32', ['N*P', dim]),
  ];
  const [queryScored, passageScored] = [
    input('query_scored', 'int32', ['Q', 'M']),
    input('passage_scored', 'int32', ['P', 'N']),
  ];
  return { queries, passages, queryScored, passageScored };
}

describe('maxSim', () => {
  async function scores(queries: number[][][], passages: number[][][], scored: number[][][]) {
    const tensors = sides(2);
    const graph = maxSim(
      { vectors: tensors.queries, mask: tensors.queryScored },
      { vectors: tensors.passages, mask: tensors.passageScored },
    );
    expect(graph.shape).toEqual(['Q', 'P']);
    const session = await GraphSession.create({ scores: graph }, { threads: 1 });
    const flat = (texts: number[][][]) => float32(texts.flat(2), [texts.flat().length, 2]);
    const result = await session.run({
      queries: flat(queries),
      passages: flat(passages),
      query_scored: int32(scored[0]),
      passage_scored: int32(scored[1]),
    });
    await session.close();
    return [...result.scores.data];
  }

  it('adds up, over query tokens, the best inner product with a passage token', async () => {
    const queries = [
      [
        [1, 0],
        [0, 1],
      ],
    ];
    const passages = [
      [
        [1, 0],
        [0.6, 0.8],
      ],
      [
        [-1, 0],
        [0, -1],
      ],
    ];
    const all = [
      [[1, 1]],
      [
        [1, 1],
        [1, 1],
      ],
    ];
    expect(await scores(queries, passages, all)).toBeAllclose([1 + 0.8, 0]);
  });

  it('leaves out tokens that are not scored, even where all others are worse', async () => {
    const queries = [
      [
        [1, 0],
        [0, 1],
      ],
    ];
    const passages = [
      [
        [1, 0],
        [-0.6, -0.8],
      ],
    ];
    expect(await scores(queries, passages, [[[1, 1]], [[0, 1]]])).toBeAllclose([-0.6 - 0.8]);
    expect(await scores(queries, passages, [[[1, 0]], [[1, 1]]])).toBeAllclose([1]);
  });
});

describe("ColBERT's loss against PyTorch", () => {
  it('agrees, with its gradients to the vectors of queries and passages', async () => {
    const golden = JSON.parse(readFileSync('test/fixtures/colbert/vectors.json', 'utf8'));
    const tensors = sides(6);
    const scores = maxSim(
      { vectors: unitVectors(tensors.queries), mask: tensors.queryScored },
      { vectors: unitVectors(tensors.passages), mask: tensors.passageScored },
    );
    const logits = add(mul(scores, 1 / golden.temperature), input('bias', 'float32', ['Q', 'P']));
    const loss = neg(reduceMean(pick(logSoftmax(logits), input('target', 'int32', ['Q'])), [0]));
    const [queryGradient, passageGradient] = gradients(loss, [tensors.queries, tensors.passages]);
    const session = await GraphSession.create(
      { scores, loss, queryGradient, passageGradient },
      { threads: 1 },
    );
    const result = await session.run({
      queries: float32(golden.queries, [12, 6]),
      passages: float32(golden.passages, [35, 6]),
      query_scored: int32(golden.query_scored),
      passage_scored: int32(golden.passage_scored),
      target: { data: Int32Array.from(golden.target as number[]), shape: [3] },
      bias: float32(golden.bias.flat(), [3, 5]),
    });
    expect(result.scores.data).toBeAllclose(golden.scores);
    expect(result.loss.data).toBeAllclose([golden.loss]);
    expect(result.queryGradient.data).toBeAllclose(golden.query_gradient);
    expect(result.passageGradient.data).toBeAllclose(golden.passage_gradient);
    await session.close();
  });
});
