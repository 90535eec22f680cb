import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GraphSession, gradients, input, unitVectors } from '../graph/index.ts';
import { COLLAPSE_ENTROPY, collapseWarning } from '../transport/entropy.ts';
import { NO_MASS } from '../transport/graph-plans.ts';
import { opticalLoss, type SolverSettings } from './optical-objective.ts';

interface Golden {
  N: number;
  m: number;
  n: number;
  dim: number;
  epsilon: number;
  tau: number;
  iterations: number;
  lengthsA: number[];
  lengthsB: number[];
  teacher: number[];
  raw: number[];
  cases: Record<'detached' | 'through' | 'unbalanced', { loss: number; gradient: number[] }>;
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../test/fixtures/optical/golden.json', import.meta.url), 'utf8'),
);

async function lossAndGradient(transport: SolverSettings, throughPlan: boolean) {
  const { N, m, n, dim } = golden;
  const teacher = input('teacher', 'float32', ['N', 'm', dim]);
  const raw = input('raw', 'float32', ['N', 'n', dim]);
  const logA = input('logA', 'float32', ['N', 'm']);
  const logB = input('logB', 'float32', ['N', 'n']);
  const { loss, entropy } = opticalLoss(teacher, unitVectors(raw), logA, logB, { transport, throughPlan });
  const [gradient] = gradients(loss, [raw]);
  const session = await GraphSession.create({ loss, gradient, entropy }, { threads: 1 });
  const uniform = (lengths: number[], width: number) =>
    Float32Array.from(
      lengths.flatMap((k) => Array.from({ length: width }, (_, i) => (i < k ? -Math.log(k) : NO_MASS))),
    );
  const result = await session.run({
    teacher: { data: Float32Array.from(golden.teacher), shape: [N, m, dim] },
    raw: { data: Float32Array.from(golden.raw), shape: [N, n, dim] },
    logA: { data: uniform(golden.lengthsA, m), shape: [N, m] },
    logB: { data: uniform(golden.lengthsB, n), shape: [N, n] },
  });
  await session.close();
  return { loss: result.loss.data, gradient: result.gradient.data, entropy: result.entropy.data[0] };
}

describe("OPTICAL's loss and gradient agree with PyTorch", () => {
  const { epsilon, iterations, tau } = golden;
  const cases: [keyof Golden['cases'], SolverSettings, boolean][] = [
    ['detached', { solver: 'sinkhorn', epsilon, iterations }, false],
    ['through', { solver: 'sinkhorn', epsilon, iterations }, true],
    ['unbalanced', { solver: 'unbalanced', epsilon, tau, iterations }, false],
  ];
  for (const [name, transport, throughPlan] of cases) {
    it(name, async () => {
      const found = await lossAndGradient(transport, throughPlan);
      expect(found.loss).toBeAllclose([golden.cases[name].loss], { relative: 1e-4 });
      expect(found.gradient).toBeAllclose(golden.cases[name].gradient, { relative: 1e-4, ofScale: 1e-4 });
      expect(found.entropy).toBeGreaterThan(0);
      expect(found.entropy).toBeLessThan(1);
    });
  }
});

describe('the entropy of plans', () => {
  /** Two tokens of width 2 on either side, the same two; padded by a third without mass. */
  async function entropyAt(epsilon: number) {
    const side = (name: string) => input(name, 'float32', ['N', name, 2]);
    const mass = (name: string, of: string) => input(name, 'float32', ['N', of]);
    const transport = { solver: 'sinkhorn' as const, epsilon, iterations: 50 };
    const settings = { transport, throughPlan: false };
    const { entropy } = opticalLoss(side('m'), side('n'), mass('logA', 'm'), mass('logB', 'n'), settings);
    const session = await GraphSession.create({ entropy }, { threads: 1 });
    const vectors = { data: Float32Array.of(1, 0, 0, 1, 0, 0), shape: [1, 3, 2] };
    const half = { data: Float32Array.of(-Math.log(2), -Math.log(2), NO_MASS), shape: [1, 3] };
    const result = await session.run({ m: vectors, n: vectors, logA: half, logB: half });
    await session.close();
    return result.entropy.data[0];
  }

  it('is log 2 / log 4 when each token goes to its own, whatever the padding', async () => {
    expect(await entropyAt(0.05)).toBeCloseTo(0.5, 5);
    expect(collapseWarning(await entropyAt(0.05))).toBeUndefined();
  });

  it('comes near 1 when epsilon is large, and that is warned of', async () => {
    const entropy = await entropyAt(50);
    expect(entropy).toBeGreaterThan(COLLAPSE_ENTROPY);
    expect(entropy).toBeLessThanOrEqual(1 + 1e-6);
    expect(collapseWarning(entropy)).toMatch(/almost uniform .* lower epsilon/);
  });
});
