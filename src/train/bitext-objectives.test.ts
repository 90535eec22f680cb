/** The losses of bitext baselines and their gradients agree with PyTorch (test/oracles/bitext.py). */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import '../../test/allclose.ts';
import {
  GraphSession,
  gradients,
  input,
  reshape,
  type Tensor,
  unitVectors,
  type Value,
} from '../graph/index.ts';
import { passageLoss } from './frozen-passage-objective.ts';
import { sentenceDistance } from './sentence-mse-objective.ts';

interface Golden {
  N: number;
  n: number;
  m: number;
  dim: number;
  temperature: number;
  lengths: number[];
  passageLengths: number[];
  targets: number[];
  raw: number[];
  teacher: number[];
  means: number[];
  cases: Record<'sentence' | 'contrastive', { loss: number; gradient: number[] }>;
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../test/fixtures/bitext/golden.json', import.meta.url), 'utf8'),
);
const { N, n, m, dim } = golden;

const floats = (data: number[], shape: number[]): Value => ({ data: Float32Array.from(data), shape });
const masks = (lengths: number[], width: number): Value => ({
  data: Int32Array.from(lengths.flatMap((k) => Array.from({ length: width }, (_, i) => (i < k ? 1 : 0)))),
  shape: [lengths.length, width],
});

const raw = input('raw', 'float32', ['N', 'n', dim]);
const mask = input('mask', 'int32', ['N', 'n']);
const student = unitVectors(raw);

async function agrees(name: keyof Golden['cases'], loss: Tensor, feeds: Record<string, Value>) {
  const [gradient] = gradients(loss, [raw]);
  const session = await GraphSession.create({ loss, gradient }, { threads: 1 });
  const found = await session.run({
    raw: floats(golden.raw, [N, n, dim]),
    mask: masks(golden.lengths, n),
    ...feeds,
  });
  await session.close();
  const expected = golden.cases[name];
  expect(found.loss.data).toBeAllclose([expected.loss], { relative: 1e-4 });
  expect(found.gradient.data).toBeAllclose(expected.gradient, { relative: 1e-4, ofScale: 1e-5 });
}

it('sentence-level distillation: squared distance of mean vectors, padding left out', async () => {
  const means = input('means', 'float32', ['N', dim]);
  await agrees('sentence', sentenceDistance(student, mask, means), {
    means: floats(golden.means, [N, dim]),
  });
});

it('contrastive: cross-entropy over MaxSim, two sentences with one translation', async () => {
  const passages = {
    vectors: reshape(input('teacher', 'float32', ['P', 'm', dim]), [-1, dim]),
    mask: input('scored', 'int32', ['P', 'm']),
  };
  const target = input('target', 'int32', ['N']);
  const bias = input('bias', 'float32', ['N', 'P']);
  const queries = { vectors: reshape(student, [-1, dim]), mask };
  const P = golden.passageLengths.length;
  await agrees('contrastive', passageLoss(queries, passages, target, bias, golden.temperature), {
    teacher: floats(golden.teacher, [P, m, dim]),
    scored: masks(golden.passageLengths, m),
    target: { data: Int32Array.from(golden.targets), shape: [N] },
    bias: floats(new Array(N * P).fill(0), [N, P]),
  });
});
